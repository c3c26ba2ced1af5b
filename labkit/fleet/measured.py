"""Times that were measured: cold starts and idle lifetimes seen on AWS, and what the learner's own account showed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labkit.facts import COLD_STARTS, KEEP_ALIVE, unknown
from labkit.fleet.distributions import Lognormal, Quantiles
from labkit.mistake import BadValue
from labkit.records import START_TYPES, Trace

FEWEST = 5  # measured values, below which a spread is a guess
MEASURED = ("wait", "init", "duration")
MS = 1000


@dataclass(frozen=True, slots=True)
class Fitted:
    """A lognormal law through measured times; `count` is how many it rests on, `of` what was measured."""

    law: Lognormal
    count: int
    of: str

    @property
    def mean(self) -> float:
        """The mean, in seconds."""
        return self.law.mean

    def draw(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """So many values, in seconds."""
        return self.law.draw(generator, count)

    def __str__(self) -> str:
        return (
            f"{self.of}: median {MS * self.law.median:.1f} ms, spread of the logarithm {self.law.sigma:.2f}, "
            f"fitted to {self.count} measured values"
        )


def cold_starts(runtime: str, *, memory: int = 512, architecture: str = "x86_64", package: str = "zip") -> Quantiles:
    """How long Init of a hello-world function of this runtime was seen to take on AWS, in the summer of 2026.

    Of the memory sizes that were measured (MB) the nearest is taken. `BadValue` suggests what was measured.
    https://github.com/maxday/lambda-perf; dependencies make a real function slower.
    """
    runtimes = dict.fromkeys(row.runtime for row in COLD_STARTS.values())
    if runtime not in runtimes:
        raise BadValue(unknown("runtime whose cold starts were measured", runtime, runtimes))
    alike = [
        row
        for row in COLD_STARTS.values()
        if (row.runtime, row.architecture, row.package) == (runtime, architecture, package)
    ]
    if not alike:
        measured = {f"{row.architecture} {row.package}" for row in COLD_STARTS.values() if row.runtime == runtime}
        raise BadValue(f"{runtime} was not measured as {architecture} {package}, but as {', '.join(sorted(measured))}")
    row = min(alike, key=lambda one: abs(one.memory - memory))
    of = f"Init of {runtime}, {package}, {row.memory} MB, {architecture}, {row.count} measured {row.as_of}"
    return Quantiles(tuple((share, ms / MS) for share, ms in row.init), of)


def keep_alive(preset: str) -> Quantiles:
    """How long idle environments were seen to live, by a name such as seen-2019-03; AWS publishes no number."""
    row = KEEP_ALIVE[preset]
    return Quantiles(row.gone, f"idle lifetime, {row.as_of}")


def fit(trace: Trace, of: str = "init") -> Fitted:
    """The law of the measured times `of` a trace: wait or init of its cold starts, or duration of those that were warm.

    `BadValue` when there are fewer than five of them: measure more.
    """
    if of not in MEASURED:
        raise BadValue(unknown("measured time", of, MEASURED))
    start_type = "warm" if of == "duration" else "cold"
    values = getattr(trace, of)[trace.start_type == START_TYPES.index(start_type)]
    values = values[values > 0]
    if len(values) < FEWEST:
        raise BadValue(
            f"the trace has {len(values)} {start_type} starts with a measured {of}; a law needs {FEWEST}: "
            "advance the clock and invoke again until there are more"
        )
    logs = np.log(values)
    spread = max(float(logs.std(ddof=1)), 1e-9)
    return Fitted(Lognormal(float(np.exp(logs.mean())), spread), len(values), f"{of} of {start_type} starts")
