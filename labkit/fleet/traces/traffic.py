"""What was recorded of some traffic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MINUTE = 60.0
Times = Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Traffic:
    """Arrivals in seconds from the first one, sorted; beside each its duration and Init in seconds, if they are told.

    `memory` is MB, `began` the time of the first arrival in the file's own count.
    """

    arrivals: np.ndarray
    service: np.ndarray | None = None
    init: np.ndarray | None = None
    memory: int | None = None
    began: float = 0.0

    def __len__(self) -> int:
        return len(self.arrivals)

    def __repr__(self) -> str:
        told = [name for name in ("service", "init", "memory") if getattr(self, name) is not None]
        span = f"{self.arrivals[-1]:,.0f} s" if len(self) else "no time"
        return f"<Traffic of {len(self):,} arrivals in {span}{', with ' + ', '.join(told) if told else ''}>"


def traffic(
    times: Times,
    service: Sequence[float] | None = None,
    init: Sequence[float] | None = None,
    memory: int | None = None,
) -> Traffic:
    """The traffic of these times in whatever order, with what goes beside each."""
    unsorted = np.asarray(times, dtype=np.float64)
    order = np.argsort(unsorted, kind="stable")
    began = float(unsorted[order[0]]) if len(order) else 0.0
    ran, initialised = (
        None if column is None else np.asarray(column, dtype=np.float64)[order] for column in (service, init)
    )
    return Traffic(unsorted[order] - began, ran, initialised, memory, began)


def within_minutes(starts: Times, counts: Times, seed: int, length: float = MINUTE) -> Traffic:
    """So many arrivals in each period that starts then, drawn evenly within it: what Poisson traffic looks like."""
    whole = np.asarray(counts, dtype=np.float64).astype(np.int64)
    drawn = np.random.default_rng(seed).random(int(whole.sum())) * length
    return traffic(np.repeat(np.asarray(starts, dtype=np.float64), whole) + drawn)
