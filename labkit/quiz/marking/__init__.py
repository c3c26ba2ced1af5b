"""Marking, one module a question type: what such a question holds, how it is read from the bank, and its marker.

To add a type, write such a module and name it in `TYPES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.quiz.bank.entry import Entry
from labkit.quiz.mark import Mark
from labkit.quiz.marking import choice, lab, matching, numeric, ordering, text
from labkit.quiz.question import Question


@dataclass(frozen=True, slots=True)
class Type:
    """A question type: the keys of its own that an entry must and may have, its reader, and its marker."""

    keys: frozenset[str]
    read: Callable[[Entry, Mapping[str, tuple[str, ...]]], Any]
    mark: Callable[[Question, object], Mark]
    optional: frozenset[str] = frozenset()


TYPES: dict[str, Type] = {
    "single": Type(frozenset({"options"}), choice.read_single, choice.mark_single),
    "multiple": Type(frozenset({"options"}), choice.read_multiple, choice.mark_multiple),
    "numeric": Type(frozenset({"value"}), numeric.read, numeric.mark, frozenset({"tolerance", "mistakes"})),
    "ordering": Type(frozenset({"items"}), ordering.read, ordering.mark),
    "matching": Type(frozenset({"pairs"}), matching.read, matching.mark, frozenset({"others"})),
    "text": Type(frozenset({"rubric"}), text.read, text.mark),
    "lab": Type(frozenset({"lab"}), lab.read, lab.mark),
}


def mark_answer(question: Question, answer: object) -> Mark:
    """The mark of an answer to this question; whatever the answer is, never an exception."""
    return TYPES[question.type].mark(question, answer)
