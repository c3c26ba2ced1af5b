"""A question of the bank and what every type of question has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

QuestionType = Literal["single", "multiple", "numeric", "ordering", "matching", "text", "lab"]
DOMAINS = {
    "secure": "Design Secure Architectures",
    "resilient": "Design Resilient Architectures",
    "high-performing": "Design High-Performing Architectures",
    "cost-optimized": "Design Cost-Optimized Architectures",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the exam expects, what is true today where that differs, and the solution of a calculation step by step."""

    exam: str
    today: str = ""
    worked: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """An answer and the score it must get; None stands for review. The question's own test."""

    answer: str
    score: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One question: `id` is the file's name and the question's number or slug, as in `self-quiz/1`.

    A question with parameters has a seed behind its id, as in `sizing/concurrency#7`: the same id always asks the same
    numbers. `body` is what its type needs (see `labkit.quiz.marking`), `facts` are ids of the facts it rests on,
    `as_of` the date on which the source said so, `domain` the exam's domain, `difficulty` 1 to 3.
    """

    id: str
    type: QuestionType
    prompt: str
    body: Any
    explanation: Explanation
    domain: str
    difficulty: int
    source: str
    as_of: str
    facts: tuple[str, ...] = ()
    hint: str = ""
    parametrised: bool = False
    examples: tuple[Example, ...] = ()
