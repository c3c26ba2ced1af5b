"""Hands-on work: what `labkit.check` saw of it in the account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from labkit.quiz.bank.entry import Entry
from labkit.quiz.bank.rubric import Groups
from labkit.quiz.mark import Mark, scored
from labkit.quiz.question import Question


class Seen(Protocol):
    """One thing that a lab asks for, whether it is met, and what the check saw."""

    asked: str
    met: bool
    seen: str


@runtime_checkable
class Checked(Protocol):
    """What `labkit.check` returns."""

    lab: str
    criteria: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Lab:
    """The id under which `labkit.check` knows the lab."""

    lab: str


def read(entry: Entry, shared: Groups) -> Lab:
    """The lab's id."""
    return Lab(entry["lab"].text())


def mark(question: Question, answer: object) -> Mark:
    """The share of the lab's criteria that are met; only a check of the account counts, not what somebody writes."""
    lab = question.body.lab
    if not isinstance(answer, Checked) or answer.lab != lab:
        return scored(0.0, f'This is hands-on work. Do it in the account, then run labkit.check("{lab}").')
    seen = answer.criteria
    met = tuple(one.asked for one in seen if one.met)
    open_ones = tuple(one for one in seen if not one.met)
    feedback = " ".join(one.seen for one in open_ones)
    return scored(len(met) / len(seen), feedback, matched=met, missing=tuple(one.asked for one in open_ones))
