"""How long things take, drawn at random: a number, an array, or one of these laws. All in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from labkit.mistake import BadValue

Numbers = float | Sequence[float] | np.ndarray


@runtime_checkable
class Distribution(Protocol):
    """Anything that draws; its mean is known."""

    def draw(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """So many values, in seconds."""
        ...

    @property
    def mean(self) -> float:
        """The mean, in seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Exponential:
    """Memoryless, with this mean."""

    mean: float

    def __post_init__(self) -> None:
        _must_be_positive(self, mean=self.mean)

    def draw(self, generator: np.random.Generator, count: int) -> np.ndarray:
        values = generator.standard_exponential(count)
        values *= self.mean
        return values


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Half of the values lie below `median`; `sigma` is the spread of the logarithm (0.5 is usual for run times)."""

    median: float
    sigma: float

    def __post_init__(self) -> None:
        _must_be_positive(self, median=self.median, sigma=self.sigma)

    @property
    def mean(self) -> float:
        return float(self.median * np.exp(self.sigma**2 / 2))

    def draw(self, generator: np.random.Generator, count: int) -> np.ndarray:
        return generator.lognormal(np.log(self.median), self.sigma, count)


@dataclass(frozen=True, slots=True)
class Gamma:
    """With this mean; the larger `shape`, the narrower (1 is exponential)."""

    mean: float
    shape: float

    def __post_init__(self) -> None:
        _must_be_positive(self, mean=self.mean, shape=self.shape)

    def draw(self, generator: np.random.Generator, count: int) -> np.ndarray:
        return generator.gamma(self.shape, self.mean / self.shape, count)


@dataclass(frozen=True, slots=True)
class Uniform:
    """Anything from `low` to `high`, equally likely."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low < self.high < np.inf:
            raise BadValue(f"Uniform(low={self.low}, high={self.high}) is no range; give 0 <= low < high, in seconds")

    @property
    def mean(self) -> float:
        return (self.low + self.high) / 2

    def draw(self, generator: np.random.Generator, count: int) -> np.ndarray:
        return generator.uniform(self.low, self.high, count)


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Of which only some quantiles are known: (share, seconds), both growing; geometric in between.

    Below the first and above the last known one it goes on at the same pace as beside it, to the share 0 and 1.
    """

    known: tuple[tuple[float, float], ...]
    of: str = ""

    def __post_init__(self) -> None:
        shares, seconds = (list(column) for column in zip(*self.known, strict=True)) if self.known else ([], [])
        grows = shares == sorted(set(shares)) and seconds == sorted(seconds)
        if len(shares) < 2 or not grows or not (shares[0] >= 0 and shares[-1] <= 1 and seconds[0] > 0):
            raise BadValue(
                f"Quantiles({self.known!r}) can't be; give two or more pairs of a share (0 to 1) and seconds, growing"
            )

    @property
    def mean(self) -> float:
        middles = (np.arange(1000) + 0.5) / 1000
        return float(self._at(middles).mean())

    def draw(self, generator: np.random.Generator, count: int) -> np.ndarray:
        return self._at(generator.random(count))

    def _at(self, shares: np.ndarray) -> np.ndarray:
        known, seconds = np.array(self.known).T
        logs = np.log(seconds)
        first, last = (logs[1] - logs[0]) / (known[1] - known[0]), (logs[-1] - logs[-2]) / (known[-1] - known[-2])
        ends = logs[0] - first * known[0], logs[-1] + last * (1 - known[-1])
        found = np.interp(shares, [-1e-9, *known, 1 + 1e-9], [ends[0], *logs, ends[1]])
        return np.asarray(np.exp(found))


class Empirical:
    """Values that were measured; each is drawn as often as another."""

    def __init__(self, values: Numbers):
        self.values = checked("Empirical", np.atleast_1d(np.asarray(values, dtype=np.float64)))
        if not len(self.values):
            raise BadValue("Empirical() needs at least one measured value, in seconds")

    def __repr__(self) -> str:
        low, middle, high = np.quantile(self.values, [0, 0.5, 1])
        return f"<Empirical of {len(self.values)} values, {low:.4g} to {high:.4g} s, median {middle:.4g} s>"

    @property
    def mean(self) -> float:
        return float(self.values.mean())

    def draw(self, generator: np.random.Generator, count: int) -> np.ndarray:
        chosen: np.ndarray = self.values[generator.integers(len(self.values), size=count)]
        return chosen


def checked(name: str, values: np.ndarray) -> np.ndarray:
    """The values, if none is negative, infinite or no number; `BadValue` names the first that is."""
    wrong = ~((values >= 0) & (values < np.inf))
    if wrong.any():
        place = int(wrong.argmax())
        where = f"{name}[{place}]" if values.ndim else name
        raise BadValue(f"{where} is {values.flat[place]}; give seconds, 0 or more")
    return values


def _must_be_positive(law: object, **parameters: float) -> None:
    for name, value in parameters.items():
        if not 0 < value < np.inf:
            raise BadValue(f"{type(law).__name__}({name}={value}) is not possible; {name} is more than 0")
