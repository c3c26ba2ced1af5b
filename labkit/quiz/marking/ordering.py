"""Ordering: lettered steps to put into their order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from random import Random

from labkit.quiz.bank.entry import Entry
from labkit.quiz.bank.rubric import Groups
from labkit.quiz.mark import Mark, scored
from labkit.quiz.marking.letters import LETTERS, as_parts, letters_in
from labkit.quiz.question import Question


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `why` says why it stands where it does."""

    letter: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Ordering:
    """The steps in their right order. Their letters follow the order in which they are shown, which is another one."""

    steps: tuple[Step, ...]

    @property
    def shown(self) -> tuple[Step, ...]:
        """The steps as they are shown, by letter."""
        return tuple(sorted(self.steps, key=lambda step: step.letter))


def read(entry: Entry, shared: Groups) -> Ordering:
    """The steps, written in the right order."""
    items = list(entry["items"])
    if not 3 <= len(items) <= len(LETTERS):
        raise entry["items"].error(f"ordering needs 3 to {len(LETTERS)} items; here are {len(items)}")
    for item in items:
        item.check_keys((), {"text", "why"})
    letters = shuffled_letters(len(items), items[0]["text"].text())
    return Ordering(
        tuple(
            Step(letter, item["text"].text(), item["why"].text()) for letter, item in zip(letters, items, strict=True)
        )
    )


def shuffled_letters(count: int, seed: str) -> str:
    """The first `count` letters in another order than theirs, the same for the same seed."""
    letters = list(LETTERS[:count])
    shuffler = Random(seed)
    while "".join(letters) in (LETTERS[:count], LETTERS[:count][::-1]):
        shuffler.shuffle(letters)
    return "".join(letters)


def mark(question: Question, answer: object) -> Mark:
    """Full marks for the right order, half when two neighbours have changed places, otherwise none."""
    steps: tuple[Step, ...] = question.body.steps
    texts = {step.letter: step.text for step in steps}
    given = [letter for part in as_parts(answer) for letter in letters_in(part, texts) or ("?",)]
    if sorted(given) != sorted(texts):
        return scored(
            0.0, f"Name each of {', '.join(sorted(texts))} once, in order, such as {', '.join(sorted(texts))}."
        )
    right = [step.letter for step in steps]
    swapped = [(one, other) for one, other in combinations(right, 2) if given.index(one) > given.index(other)]
    if not swapped:
        return scored(1.0, " ".join(step.why for step in steps))
    one, other = (next(step for step in steps if step.letter == letter) for letter in swapped[0])
    because = f"{one.letter} comes before {other.letter}. {one.letter}: {one.why} {other.letter}: {other.why}"
    return scored(0.5 if len(swapped) == 1 else 0.0, because)
