"""What all formats take from a question, and which questions a format can't hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from labkit.quiz.bank.topics import Bank
from labkit.quiz.question import Question
from labkit.quiz.reading.quantities import Quantity

DRAWS = 5  # of a question with parameters, each with numbers of its own
BASE_UNITS = {
    "time": "s", "memory": "MB", "percent": "%", "money": "USD", "gigabyte-seconds": "GB-s", "number": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A question that a format has no place for, and why."""

    question_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Exported:
    """The text of an export, and what it leaves out."""

    text: str
    left_out: tuple[LeftOut, ...]


def questions_of(bank: Bank, topic: str) -> list[Question]:
    """The questions of a topic; one with parameters comes several times, with other numbers each time."""
    return [one for question in bank.questions(topic) for one in _draws(bank, question)]


def topic_of(question: Question) -> str:
    """The name of the question's topic."""
    return question.id.partition("/")[0]


def explanation_of(question: Question) -> str:
    """What is told after the answer: the exam's view, today's where it differs, and the calculation."""
    told = question.explanation
    today = f"Today: {told.today}" if told.today else ""
    return " ".join(filter(None, [told.exam, today, told.worked]))


def in_base_unit(value: Quantity) -> tuple[float, str]:
    """The value's number, and the unit that it is in."""
    return value.value, BASE_UNITS[value.dimension]


def shares(count: int) -> float:
    """What one of several right options is worth, in percent with five places, as Moodle's list of grades has it."""
    return round(100 / count, 5)


def unplaced(questions: Iterable[Question], why: str) -> tuple[LeftOut, ...]:
    """These questions, left out for the same reason."""
    return tuple(LeftOut(question.id, why) for question in questions)


def _draws(bank: Bank, question: Question) -> list[Question]:
    if not question.parametrised:
        return [question]
    return [bank.question(f"{question.id}#{seed}") for seed in range(1, DRAWS + 1)]
