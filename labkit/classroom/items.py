"""Item statistics of a class, gathered one student at a time: facility, discrimination, and who chose what."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import sqrt


@dataclass(slots=True)
class Item:
    """A question or lab over a class; `add` each student who has answered it.

    https://docs.moodle.org/dev/Quiz_statistics_calculations has the terms.
    """

    answered: int = 0
    _score: float = 0.0
    _rest: float = 0.0
    _score_2: float = 0.0
    _rest_2: float = 0.0
    _product: float = 0.0
    _chosen: Counter[str] = field(default_factory=Counter)
    _total_of: Counter[str] = field(default_factory=Counter)

    def add(self, score: float, rest: float, chosen: tuple[str, ...] = ()) -> None:
        """A student's score, 0 to 1, the mean score of the same student in all else, and the options chosen."""
        self.answered += 1
        self._score += score
        self._rest += rest
        self._score_2 += score * score
        self._rest_2 += rest * rest
        self._product += score * rest
        for option in chosen:
            self._chosen[option] += 1
            self._total_of[option] += rest  # type: ignore[assignment]  # a sum of shares

    @property
    def facility(self) -> float | None:
        """The mean score of those who answered, 0 to 1; None when nobody did."""
        return self._score / self.answered if self.answered else None

    @property
    def discrimination(self) -> float | None:
        """How the score goes with the score in all else (point-biserial correlation), -1 to 1.

        None for fewer than three students, and where all have the same score.
        """
        count = self.answered
        spread = (count * self._score_2 - self._score**2) * (count * self._rest_2 - self._rest**2)
        if count < 3 or spread <= 1e-9:
            return None
        return (count * self._product - self._score * self._rest) / sqrt(spread)

    def chosen(self, option: str) -> tuple[int, float | None]:
        """How many chose an option, and the mean score in all else of those who did, None when nobody did."""
        count = self._chosen[option]
        return count, self._total_of[option] / count if count else None
