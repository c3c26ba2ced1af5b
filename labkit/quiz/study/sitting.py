"""An exam that is being sat: its events are kept as they come, so that it goes on after a restart."""

from __future__ import annotations

import math
import secrets
from typing import Any

from labkit.quiz.bank.topics import Bank
from labkit.quiz.study.exam import HIGHEST, LOWEST, PASSES, POOL, Result, Sitting, draw, result, sittings
from labkit.quiz.study.progress import Progress
from labkit.quiz.study.series import title_of


class Desk:
    """Where an exam is sat."""

    def __init__(self, kept: Progress, bank: Bank, exam_id: str):
        self._kept = kept
        self._bank = bank
        self._id = exam_id
        self.sitting = self._read()

    @classmethod
    def sit_down(cls, kept: Progress, bank: Bank, seed: int | None) -> Desk:
        """An exam that is not over yet, or a new one; `BadValue` when the bank has too few questions for one."""
        for sitting in reversed(sittings(kept.events())):
            if not sitting.is_over(kept.now()) and seed is None:
                return cls(kept, bank, sitting.id)
        pool = [question for topic in bank.topics if topic.startswith(POOL) for question in bank.questions(topic)]
        drawn = draw(pool, secrets.randbelow(2**31) if seed is None else seed)
        return cls(kept, bank, kept.add("exam began", questions=list(drawn)))

    def answer(self, number: int, given: Any) -> None:
        """Keep an answer in place of the one before."""
        self._add("exam answered", question=self.sitting.questions[number], answer=given)

    def flag(self, number: int) -> None:
        """Flag a question, or remove its flag."""
        self._add("exam flagged", question=self.sitting.questions[number])

    def end(self) -> None:
        """Hand in."""
        self._add("exam ended")

    def is_over(self) -> bool:
        """Whether it was handed in, or the time is up."""
        return self.sitting.is_over(self._kept.now())

    def minutes_left(self) -> int:
        """The minutes that are left, begun ones included."""
        return math.ceil(self.sitting.left(self._kept.now()).total_seconds() / 60)

    def result(self) -> Result:
        """How it ended."""
        return result(self.sitting, [self._bank.question(name) for name in self.sitting.questions])

    def _add(self, kind: str, **content: Any) -> None:
        self._kept.add(kind, exam=self._id, **content)
        self.sitting = self._read()

    def _read(self) -> Sitting:
        return next(sitting for sitting in sittings(self._kept.events()) if sitting.id == self._id)


def told(found: Result) -> list[str]:
    """A result in sentences."""
    verdict = "✔ That passes." if found.passed else "✘ That does not pass yet."
    lines = [
        f"{found.right} of {found.of} questions right: {found.score} points of {LOWEST} to {HIGHEST:,}; "
        f"{PASSES} are needed. {verdict}",
        "The points follow from the share that is right, by our own linear rule: AWS does not publish its own.",
    ]
    for part in found.parts:
        reread = f" Read again: {', '.join(map(title_of, part.reread))}." if part.reread else ""
        lines.append(f"{part.title}: {part.right} of {part.of}.{reread}")
    return lines
