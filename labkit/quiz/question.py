"""A question of the bank and what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from labkit.quiz.reading.quantities import Quantity

QuestionType = Literal["text", "single", "multiple", "numeric"]
Window = Literal["clause", "sentence", "answer"]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a choice question; `why` says why it is right or wrong."""

    letter: str
    text: str
    right: bool
    why: str


@dataclass(frozen=True, slots=True)
class Concept:
    """A statement an answer may make, and the patterns by which it is recognised.

    `within` is the stretch of text a pattern must fit into, `about` the topic it must speak of. A pattern of `unless`
    in the same stretch says that something else is meant.
    """

    name: str
    says: str
    any: tuple[str, ...]
    unless: tuple[str, ...] = ()
    within: Window = "clause"
    about: str = ""


@dataclass(frozen=True, slots=True)
class Flaw(Concept):
    """A statement that is wrong; an answer that makes it gets `at_most` this score."""

    at_most: float = 0.0


@dataclass(frozen=True, slots=True)
class Rubric:
    """How a text answer is marked: `scores` lists, highest first, a score and the sets of concepts that earn it.

    `groups` are words that mean the same, `topics` the words that name what a clause speaks of. `names_suffice`: a bare
    list of names is an answer to this question.
    """

    concepts: tuple[Concept, ...]
    flaws: tuple[Flaw, ...]
    scores: tuple[tuple[float, tuple[frozenset[str], ...]], ...]
    groups: dict[str, tuple[str, ...]]
    topics: dict[str, tuple[str, ...]]
    names_suffice: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the exam expects and, where that differs, what is true today."""

    exam: str
    today: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """An answer and the score it must get; None stands for review. The question's own test."""

    answer: str
    score: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One question: `id` is the file's name and the question's number or slug, as in `self-quiz/1`.

    `facts` are ids of the facts it rests on, `as_of` the date on which the source said so, `domain` the exam's domain,
    `difficulty` 1 to 3. `options` belong to choice questions, `rubric` to text, `value` to numeric ones.
    """

    id: str
    type: QuestionType
    prompt: str
    explanation: Explanation
    domain: str
    difficulty: int
    source: str
    as_of: str
    facts: tuple[str, ...] = ()
    hint: str = ""
    options: tuple[Option, ...] = ()
    rubric: Rubric | None = None
    value: Quantity | None = None
    tolerance: float = 0.0
    examples: tuple[Example, ...] = ()

    @property
    def right_letters(self) -> tuple[str, ...]:
        """The letters of the right options."""
        return tuple(option.letter for option in self.options if option.right)
