"""What can be wrong with the bank, and with asking for a question of it."""

from __future__ import annotations

from labkit.mistake import Mistake


class BankError(Mistake, ValueError):
    """A file of the question bank has a mistake; the message names file, line, question and entry."""


class UnknownQuestion(Mistake, LookupError):
    """No question has this id; the message names the closest one."""
