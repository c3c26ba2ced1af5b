"""How long students took for a question, as far as the times of their answers tell."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from labkit.classroom.graded import Answer

PAUSE = 900  # seconds without an answer, from which on somebody did something else
STEP = 5  # seconds; a median is told no finer


def seconds_on(answers: Mapping[str, Answer]) -> dict[str, float]:
    """From the answer before to this one, by question; nothing for the first answer and after a pause."""
    in_order = sorted((datetime.datetime.fromisoformat(answer.at), name) for name, answer in answers.items())
    took = {name: (at - before).total_seconds() for (before, _), (at, name) in pairwise(in_order)}
    return {name: seconds for name, seconds in took.items() if 0 < seconds < PAUSE}


@dataclass(slots=True)
class Times:
    """The times of many on one question."""

    _steps: Counter[int] = field(default_factory=Counter)

    def add(self, seconds: float) -> None:
        """Somebody's time."""
        self._steps[int(seconds // STEP)] += 1

    @property
    def median(self) -> float | None:
        """Half of them were faster, in seconds; None when no time is known."""
        left = self._steps.total() / 2
        for step in sorted(self._steps):
            left -= self._steps[step]
            if left <= 0:
                return (step + 0.5) * STEP
        return None
