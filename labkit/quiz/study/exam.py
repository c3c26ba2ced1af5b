"""A mock exam: drawn by the weights of the real one's domains, timed, marked all or nothing, shown at the end.

The number of questions, the time, the domains' weights and the score to pass are real (facts EXM-02 to EXM-04).
How AWS scales a score isn't published: the linear scale here is our own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from labkit.facts import FACTS
from labkit.mistake import BadValue
from labkit.quiz.marking import mark_answer
from labkit.quiz.question import DOMAINS, Question
from labkit.quiz.study.history import topic_of
from labkit.quiz.study.progress import Event

QUESTIONS = 65
TIME = timedelta(minutes=130)
WEIGHTS: dict[str, int] = {domain: FACTS["EXM-02"].value[title] for domain, title in DOMAINS.items()}  # percent
LOWEST, HIGHEST, PASSES = 100, 1000, int(FACTS["EXM-04"].value)
POOL = "exam-"  # the topics whose questions are drawn begin so


@dataclass(frozen=True, slots=True)
class Sitting:
    """One exam as it stands: `answers` by question id; `ended` is None while it goes on."""

    id: str
    questions: tuple[str, ...]
    began: datetime
    answers: dict[str, Any] = field(default_factory=dict)
    flagged: frozenset[str] = frozenset()
    ended: datetime | None = None

    def left(self, now: datetime) -> timedelta:
        """The time that is left; it runs on while nobody looks."""
        return max(self.began + TIME - now, timedelta())

    def is_over(self, now: datetime) -> bool:
        """Whether it was handed in, or the time is up."""
        return self.ended is not None or not self.left(now)


@dataclass(frozen=True, slots=True)
class Part:
    """What one domain gave."""

    domain: str
    right: int
    of: int
    reread: tuple[str, ...]

    @property
    def title(self) -> str:
        """The domain's name in the exam guide."""
        return DOMAINS[self.domain]


@dataclass(frozen=True, slots=True)
class Result:
    """How an exam ended, by the scale of 100 to 1,000 and by domain."""

    right: int
    of: int
    parts: tuple[Part, ...]

    @property
    def score(self) -> int:
        """The scaled score: linear, by our own rule."""
        return round(LOWEST + (HIGHEST - LOWEST) * self.right / self.of)

    @property
    def passed(self) -> bool:
        """Whether that is enough."""
        return self.score >= PASSES


def draw(pool: Iterable[Question], seed: int, count: int = QUESTIONS) -> tuple[str, ...]:
    """The ids of an exam's questions, mixed, each domain by its weight; the same for the same seed and pool.

    `BadValue` when the pool has too few. A question with parameters gets numbers of this exam's own.
    """
    chooser = Random(seed)
    ids: list[str] = []
    by_domain: dict[str, list[Question]] = {domain: [] for domain in WEIGHTS}
    for question in pool:
        by_domain[question.domain].append(question)
    for domain, wanted in shares(count).items():
        if len(by_domain[domain]) < wanted:
            raise BadValue(
                f"an exam of {count} questions needs {wanted} of the domain {domain!r}; the pool has "
                f"{len(by_domain[domain])}"
            )
        ids += [
            f"{question.id}#{chooser.randrange(1000)}" if question.parametrised else question.id
            for question in chooser.sample(by_domain[domain], wanted)
        ]
    chooser.shuffle(ids)
    return tuple(ids)


def shares(count: int) -> dict[str, int]:
    """How many questions of each domain: by weight, what is left over to the largest remainders."""
    whole = {domain: count * weight // 100 for domain, weight in WEIGHTS.items()}
    remainders = sorted(WEIGHTS, key=lambda domain: -(count * WEIGHTS[domain] % 100))
    for domain in remainders[: count - sum(whole.values())]:
        whole[domain] += 1
    return whole


def sittings(events: Iterable[Event]) -> tuple[Sitting, ...]:
    """The exams among the events, as they stand by now, oldest first. Answers after the time count for nothing."""
    found: dict[str, Sitting] = {}
    for event in events:
        content, at = event.content, datetime.fromisoformat(event.at)
        if event.kind == "exam began":
            found[event.id] = Sitting(event.id, tuple(map(str, content.get("questions", []))), at)
        sitting = found.get(str(content.get("exam")))
        if sitting is not None and not sitting.is_over(at):
            found[sitting.id] = _after(sitting, event, at)
    return tuple(found.values())


def _after(sitting: Sitting, event: Event, at: datetime) -> Sitting:
    question = str(event.content.get("question"))
    answers, flagged, ended = sitting.answers, sitting.flagged, sitting.ended
    match event.kind:
        case "exam answered" if question in sitting.questions:
            answers = {**answers, question: event.content.get("answer")}
        case "exam flagged" if question in sitting.questions:
            flagged = flagged ^ {question}
        case "exam ended":
            ended = at
    return Sitting(sitting.id, sitting.questions, sitting.began, answers, flagged, ended)


def result(sitting: Sitting, questions: Sequence[Question]) -> Result:
    """How the exam ended; as in the real one, a question is right as a whole or not at all."""
    right = {q.id for q in questions if q.id in sitting.answers and mark_answer(q, sitting.answers[q.id]).score == 1}
    parts = []
    for domain in WEIGHTS:
        members = [question for question in questions if question.domain == domain]
        missed = [topic_of(question.id) for question in members if question.id not in right]
        parts.append(Part(domain, len(members) - len(missed), len(members), tuple(dict.fromkeys(missed))))
    return Result(len(right), len(questions), tuple(parts))
