"""What events tell: answers with their marks, strengths, and the marks that wait for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.quiz.bank.topics import BANK
from labkit.quiz.errors import UnknownQuestion
from labkit.quiz.mark import Mark, scored
from labkit.quiz.marking import mark_answer
from labkit.quiz.question import Question
from labkit.quiz.study.progress import Event

MARKS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """An answer and its mark: a person's decision where there is one, otherwise the marker's.

    `contested` is the learner's reason for doubting the mark, None where there is no doubt.
    """

    id: str
    question: Question
    answer: Any
    at: datetime
    mode: str
    hinted: bool
    mark: Mark
    contested: str | None = None
    decided: bool = False

    @property
    def waits(self) -> bool:
        """Whether a person has to look at the mark."""
        return not self.decided and (self.contested is not None or self.mark.verdict == "review")


@dataclass(frozen=True, slots=True)
class Strength:
    """How well something is known: the mean of the latest score of each question, out of how many questions."""

    name: str
    score: float
    answered: int
    of: int


def attempts(events: Iterable[Event]) -> tuple[Attempt, ...]:
    """The answers among the events, oldest first; those to questions that the bank no longer has are left out."""
    listed = list(events)
    contests = {e.content.get("attempt"): str(e.content.get("reason", "")) for e in listed if e.kind == "contested"}
    decisions = {e.content.get("attempt"): e.content for e in listed if e.kind == "decided"}
    found = (_attempt(event, contests, decisions) for event in listed if event.kind == "answered")
    return tuple(attempt for attempt in found if attempt)


def latest(found: Iterable[Attempt]) -> dict[str, Attempt]:
    """The last attempt at each question, by the id without a seed."""
    return {plain_id(attempt.question.id): attempt for attempt in found}


def strengths(found: Iterable[Attempt], key: str, questions: Iterable[Question]) -> tuple[Strength, ...]:
    """By `topic` or by `domain`, the weakest first; what was never answered comes last."""
    by_id = latest(found)
    groups: dict[str, list[Question]] = {}
    for question in questions:
        groups.setdefault(topic_of(question.id) if key == "topic" else question.domain, []).append(question)
    rows = [_strength(name, members, by_id) for name, members in groups.items()]
    return tuple(sorted(rows, key=lambda row: (not row.answered, row.score, row.name)))


def plain_id(question_id: str) -> str:
    """The id without the seed of a question with parameters."""
    return question_id.partition("#")[0]


def topic_of(question_id: str) -> str:
    """The topic of a question."""
    return question_id.partition("/")[0]


def _strength(name: str, questions: list[Question], by_id: Mapping[str, Attempt]) -> Strength:
    scores = [by_id[plain_id(q.id)].mark.score for q in questions if plain_id(q.id) in by_id]
    return Strength(name, sum(scores) / len(scores) if scores else 0.0, len(scores), len(questions))


def _attempt(event: Event, contests: Mapping[Any, str], decisions: Mapping[Any, dict[str, Any]]) -> Attempt | None:
    content = event.content
    try:
        question = BANK.question(str(content.get("question")))
    except UnknownQuestion:
        return None
    decision = decisions.get(event.id)
    return Attempt(
        event.id, question, content.get("answer"), datetime.fromisoformat(event.at), str(content.get("mode", "")),
        content.get("hinted") is True,
        _decided(decision) if decision else _marked(question.id, repr(content.get("answer")), content.get("answer")),
        contests.get(event.id), decision is not None,
    )  # fmt: skip


def _decided(decision: Mapping[str, Any]) -> Mark:
    score = decision.get("score")
    valid = isinstance(score, int | float) and 0 <= score <= 1
    return scored(float(score) if valid else 0.0, str(decision.get("comment") or "A person has decided this mark."))  # type: ignore[arg-type]


_marks: dict[tuple[str, str], Mark] = {}


def _marked(question_id: str, key: str, answer: Any) -> Mark:
    """The mark, worked out once for each answer."""
    if (question_id, key) not in _marks:
        if len(_marks) >= MARKS_KEPT:
            _marks.clear()
        _marks[question_id, key] = mark_answer(BANK.question(question_id), answer)
    return _marks[question_id, key]
