"""A row of questions: what is due, and what a row that was answered shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from labkit.quiz.bank.topics import BANK
from labkit.quiz.mark import Mark
from labkit.quiz.study.history import attempts, plain_id, topic_of
from labkit.quiz.study.progress import Event
from labkit.quiz.study.schedule import due, due_dates


@dataclass(frozen=True, slots=True)
class Summary:
    """How a row went: points of how many, and the topics in which something was missed."""

    points: float
    of: int
    reread: tuple[str, ...]

    def lines(self) -> list[str]:
        """What the learner is told."""
        told = [f"{self.points:g} of {self.of} points."]
        if self.reread:
            return [*told, f"Read again: {', '.join(map(title_of, self.reread))}."]
        return [*told, "Nothing to read again."] if self.of else ["No question was answered."]


def summary(marks: Mapping[str, Mark]) -> Summary:
    """The summary of marks by question id."""
    missed = (topic_of(name) for name, mark in marks.items() if mark.score < 1)
    return Summary(sum(mark.score for mark in marks.values()), len(marks), tuple(dict.fromkeys(missed)))


def title_of(topic: str) -> str:
    """What a topic is called."""
    return BANK.topic(topic).title if topic in BANK.topics else topic


def due_questions(events: Iterable[Event], now: datetime) -> tuple[str, ...]:
    """The ids of what is due, each question with parameters with numbers that it has not had."""
    found = attempts(events)
    times: dict[str, int] = {}
    for attempt in found:
        times[plain_id(attempt.question.id)] = times.get(plain_id(attempt.question.id), 0) + 1
    return tuple(f"{name}#r{times[name]}" if BANK.question(name).parametrised else name for name in due(found, now))


def next_due(events: Iterable[Event], now: datetime) -> str:
    """What is said when nothing is due."""
    dates = due_dates(attempts(events))
    if not dates:
        return 'Nothing was answered yet, so nothing is due. Begin with a topic: labkit.ask("self-quiz").'
    first = min(dates.values())
    wait = first - now
    hours = wait.total_seconds() / 3600
    when = f"in {wait.days} days" if wait.days > 1 else f"in {hours:.0f} hours" if hours >= 1.5 else "within the hour"
    return f"Nothing is due now. {len(dates)} questions come back, the first {when}."
