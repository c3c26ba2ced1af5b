"""Errors that a learner or a teacher can mend: a notebook shows their message alone, without a trace.

A message says what was given, what is allowed and how to mend it, and suggests what was nearly right.
"""

from __future__ import annotations

from types import TracebackType


class Mistake(Exception):
    """Something that whoever uses the kit can mend."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a trace, whether the kit's extension is loaded or not."""
        return [in_one_message(self, str(self))]


class BadValue(Mistake, ValueError):
    """A value that is not allowed."""


class BadArgument(Mistake, TypeError):
    """An argument that does not exist or is of the wrong type."""


class UnknownAttribute(Mistake, AttributeError):
    """A name behind a dot that does not exist."""


def in_one_message(error: BaseException, message: str) -> str:
    """What a notebook shows of an error: its kind, the line of the cell in which it arose, and a message."""
    line = _line_in_cell(error.__traceback__)
    where = f" (line {line} of the cell)" if line else ""
    return f"{type(error).__name__}{where}: {message}"


def _line_in_cell(trace: TracebackType | None) -> int | None:
    line = None
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == "__main__":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
