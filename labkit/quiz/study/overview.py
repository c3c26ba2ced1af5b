"""Strengths, due reviews and history, as lines and tables for a notebook and for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from labkit.quiz.bank.topics import BANK
from labkit.quiz.question import DOMAINS
from labkit.quiz.study.exam import result, sittings
from labkit.quiz.study.history import Attempt, Strength, attempts, strengths
from labkit.quiz.study.progress import Event
from labkit.quiz.study.schedule import due_dates
from labkit.quiz.study.series import next_due, title_of

LATEST = 10
Rows = list[tuple[str, ...]]  # the first names the columns


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the dashboard tells."""

    answers: tuple[Attempt, ...]
    topics: tuple[Strength, ...]
    domains: tuple[Strength, ...]
    due: int
    next_due: str
    exams: Rows

    def lines(self) -> list[str]:
        """What stands above the tables."""
        waiting = sum(attempt.waits for attempt in self.answers)
        told = [f"{len(self.answers)} answers to {len({a.question.id for a in self.answers})} questions."]
        told.append(f"{self.due} questions are due: labkit.review()." if self.due else self.next_due)
        return [*told, f"{waiting} marks wait for a person: labkit quiz queue."] if waiting else told

    def tables(self) -> dict[str, Rows]:
        """The tables by their titles; those without rows are empty."""
        latest = [
            (f"{a.at:%Y-%m-%d %H:%M} UTC", a.question.id, a.mark.verdict, f"{a.mark.score:g}")
            for a in self.answers[: -LATEST - 1 : -1]
        ]
        return {
            "Domains, the weakest first": _strengths(self.domains, DOMAINS.__getitem__),
            "Topics, the weakest first": _strengths(self.topics, title_of),
            "Latest answers": [("when", "question", "verdict", "score"), *latest] if latest else [],
            "Mock exams": [("when", "right", "score"), *self.exams] if self.exams else [],
        }


def overview(events: Iterable[Event], now: datetime) -> Overview:
    """The overview of events as things stand now."""
    listed = tuple(events)
    found, questions = attempts(listed), BANK.questions()
    dates = due_dates(found)
    return Overview(
        found,
        strengths(found, "topic", questions),
        strengths(found, "domain", questions),
        sum(date <= now for date in dates.values()),
        next_due(listed, now),
        _exams(listed, now),
    )


def _strengths(rows: Iterable[Strength], title: Callable[[str], str]) -> Rows:
    answered = [row for row in rows if row.answered]
    named = [(title(row.name), f"{row.score:.0%}", f"{row.answered} of {row.of}") for row in answered]
    return [("what", "right", "answered"), *named] if named else []


def _exams(events: tuple[Event, ...], now: datetime) -> Rows:
    rows: Rows = []
    for sitting in sittings(events):
        if sitting.is_over(now):
            found = result(sitting, [BANK.question(name) for name in sitting.questions])
            rows.append((f"{sitting.began:%Y-%m-%d}", f"{found.right} of {found.of}", str(found.score)))
    return rows
