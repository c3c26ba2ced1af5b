"""The class at a glance: how students of each level did on each question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

BANDS = 5  # of the share of all points, each a fifth


@dataclass(slots=True)
class HeatMap:
    """Mean scores by level and question; as large for two thousand students as for two."""

    questions: int
    _sums: list[list[float]] = field(init=False)
    _counts: list[list[int]] = field(init=False)
    students: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._sums = [[0.0] * self.questions for _ in range(BANDS)]
        self._counts = [[0] * self.questions for _ in range(BANDS)]
        self.students = [0] * BANDS

    def add(self, scores: Sequence[float | None]) -> None:
        """A student's scores, 0 to 1 each, None where nothing was answered, which counts as no point."""
        reached = sum(filter(None, scores)) / max(len(scores), 1)
        band = min(int(reached * BANDS), BANDS - 1)
        self.students[band] += 1
        for at, score in enumerate(scores):
            if score is not None:
                self._sums[band][at] += score
                self._counts[band][at] += 1

    def means(self, question: int) -> list[float | None]:
        """The mean score of each level on a question, the best level first; None where nobody answered it."""
        pairs = [(sums[question], counts[question]) for sums, counts in zip(self._sums, self._counts, strict=True)]
        return [total / count if count else None for total, count in reversed(pairs)]

    @property
    def levels(self) -> list[str]:
        """What each level is called, the best first."""
        names = [f"{100 * band // BANDS}–{100 * (band + 1) // BANDS} %" for band in range(BANDS)]
        return [f"{name} ({count})" for name, count in zip(reversed(names), reversed(self.students), strict=True)]
