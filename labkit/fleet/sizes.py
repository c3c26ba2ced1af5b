"""One function at several memory sizes: how long it took, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labkit.fleet.cost import cost
from labkit.records import Trace

KINDS = ("cold", "warm")
MILLION = 1_000_000
MOST = 0.99  # the quantile beside the median


@dataclass(frozen=True)
class Measured:
    """Of one memory size (MB) and way of starting: latencies in ms, and what a million of them cost in USD."""

    memory: int
    kind: str
    latency: np.ndarray
    million: float

    @property
    def median(self) -> float:
        """Half are faster, in ms."""
        return float(np.median(self.latency))

    @property
    def nearly_all(self) -> float:
        """99 % are faster, in ms; with few measurements the slowest."""
        return float(np.quantile(self.latency, MOST, method="higher"))


def measured(trace: Trace, architecture: str = "x86_64") -> list[Measured]:
    """What there is of each memory size and way of starting, by memory."""
    kinds, memory = trace.words("start_type"), np.rint(trace.memory).astype(int)
    found = []
    for size in np.unique(memory):
        for kind in KINDS:
            some = trace[(memory == size) & (kinds == kind)]
            if len(some):
                latency = 1000 * (some.wait + some.init + some.duration)
                usd = float(sum(line.usd for line in cost(some, architecture=architecture, free_tier=False).lines))
                found.append(Measured(int(size), kind, latency, MILLION * usd / len(some)))
    return found
