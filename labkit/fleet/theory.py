"""What can be worked out exactly: the share of cold starts for Poisson arrivals, and of blocked requests.

With enough concurrency the number of running invocations is that of an M/M/infinity queue: Poisson, and a request is
cold if and only if more run now than at any moment within the keep-alive before. How long it takes from r to r + 1
running has a Laplace transform given by a recursion (Keilson 1979), inverted here by Abate and Whitt (1995).
"""

from __future__ import annotations

import math

import numpy as np

EULER_TERMS, PLAIN_TERMS = 11, 15  # as Abate and Whitt use them; eight digits
NEGLIGIBLE = 1e-12


def cold_share(rate: float, service: float, keep_alive: float) -> float:
    """The share of cold starts of Poisson arrivals, `rate` a second, with exponential service of this mean.

    Exact for a fixed keep-alive and no limit on concurrency.
    """
    load = rate * service
    states = _states(load)
    weights = _poisson(load, states)
    return float(sum(weights[r] * _later_than(rate, 1 / service, r, keep_alive) for r in range(states)))


def erlang_b(load: float, servers: int) -> float:
    """The share of requests that find all of `servers` busy, for Poisson arrivals and any law of service.

    `load` is the rate times the mean service.
    """
    blocked = 1.0
    for busy in range(1, servers + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked


def _states(load: float) -> int:
    return int(load + 12 * math.sqrt(load) + 20)


def _poisson(load: float, states: int) -> np.ndarray:
    logs = np.arange(states) * math.log(load) - load - np.array([math.lgamma(r + 1) for r in range(states)])
    weights: np.ndarray = np.exp(logs)
    return weights


def _later_than(arrival: float, departure: float, state: int, time: float) -> float:
    """P(the way from `state` to one more takes longer than `time`), for a birth-death process."""
    if time <= 0:
        return 1.0

    def transform(s: complex) -> complex:
        passed = arrival / (arrival + s)
        for r in range(1, state + 1):
            passed = arrival / (arrival + r * departure + s - r * departure * passed)
        return (1 - passed) / s

    return min(max(_inverted(transform, time), 0.0), 1.0)


def _inverted(transform, time: float) -> float:  # type: ignore[no-untyped-def]  # a function of a complex number
    """The function with this Laplace transform, at `time` (the Euler algorithm)."""
    half = 18.4 / (2 * time)
    step = math.pi / time
    total = 0.5 * transform(complex(half, 0)).real
    sums = []
    for k in range(1, PLAIN_TERMS + EULER_TERMS + 1):
        total += (-1) ** k * transform(complex(half, k * step)).real
        if k >= PLAIN_TERMS:
            sums.append(total)
    mean = sum(math.comb(EULER_TERMS, j) * sums[j] for j in range(EULER_TERMS + 1)) / 2**EULER_TERMS
    return float(math.exp(18.4 / 2) / time * mean)
