"""When requests come: seconds from 0, sorted; the same for the same seed."""

from __future__ import annotations

import math

import numpy as np

from labkit.mistake import BadValue

DAY = 86_400.0  # seconds


def poisson(rate: float, seconds: float, seed: int = 0) -> np.ndarray:
    """Requests that know nothing of each other, `rate` a second on average."""
    generator, count = np.random.default_rng(seed), _count(rate, seconds)
    arrivals: np.ndarray = np.sort(generator.uniform(0, seconds, generator.poisson(count)))
    return arrivals


def constant(rate: float, seconds: float) -> np.ndarray:
    """Requests at equal distances, the first at 0."""
    arrivals: np.ndarray = np.arange(math.ceil(_count(rate, seconds))) / rate
    return arrivals


def bursts(size: int, every: float, seconds: float, spread: float = 0.0, seed: int = 0) -> np.ndarray:
    """`size` requests together `every` so many seconds, the first burst at 0, each spread over `spread` seconds."""
    _count(size / every if every > 0 else math.nan, seconds)
    if not 0 <= spread <= every:
        raise BadValue(f"spread={spread} is not possible; a burst lasts 0 to every={every} seconds")
    starts = np.repeat(np.arange(0, seconds, every), size)
    arrivals: np.ndarray = np.sort(starts + np.random.default_rng(seed).uniform(0, spread, len(starts)))
    return arrivals


def daily(rate: float, seconds: float, peak: float = 2.0, peak_hour: float = 14.0, seed: int = 0) -> np.ndarray:
    """Requests that follow the hours: `rate` a second on average, `peak` times that at `peak_hour`.

    A sine over the day, least 12 hours after its peak, drawn by thinning (Lewis and Shedler 1979); `peak` is 1 to 2.
    """
    if not 1 <= peak <= 2:
        raise BadValue(f"peak={peak} is not possible; a sine curve has a peak of 1 to 2 times its mean")
    candidates = poisson(rate * peak, seconds, seed)
    wave = 1 + (peak - 1) * np.cos(2 * math.pi * (candidates / DAY - peak_hour / 24))
    kept: np.ndarray = candidates[np.random.default_rng([seed, 1]).uniform(0, peak, len(candidates)) < wave]
    return kept


def per_minute(counts: np.ndarray, seed: int = 0) -> np.ndarray:
    """Requests of which only their number in each minute is known, spread evenly at random within it."""
    numbers = np.asarray(counts)
    if numbers.ndim != 1 or (numbers < 0).any() or not np.isfinite(numbers).all():
        raise BadValue("counts are one row of numbers, 0 or more, one for each minute")
    minutes = np.repeat(np.arange(len(numbers)), numbers.astype(np.int64))
    arrivals: np.ndarray = np.sort(60 * (minutes + np.random.default_rng(seed).random(len(minutes))))
    return arrivals


def _count(rate: float, seconds: float) -> float:
    for name, value in (("rate", rate), ("seconds", seconds)):
        if not 0 < value < math.inf:
            raise BadValue(f"{name}={value} is not possible; give more than 0")
    return rate * seconds
