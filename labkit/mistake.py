"""Errors that a learner or a teacher can mend: a notebook shows their message alone, without a trace.

A message says what was given, what is allowed and how to mend it, and suggests what was nearly right.
"""


class Mistake(Exception):
    """Something that whoever uses the kit can mend."""


class BadValue(Mistake, ValueError):
    """A value that is not allowed."""


class BadArgument(Mistake, TypeError):
    """An argument that does not exist or is of the wrong type."""
