"""Hundreds of simulated configurations at once: in processes of this machine, or on a cluster of Dask."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np

from labkit import fleet
from labkit.labs.cluster import cluster
from labkit.mistake import BadValue

MS = 1000
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Swept:
    """What came of one configuration: how its invocations started, latencies in ms, environments, USD a month."""

    settings: Settings
    counts: Mapping[str, int]
    p50: float
    p99: float
    environments: int
    usd: Decimal

    @property
    def cold_share(self) -> float:
        """The share of cold starts among what was served, 0 to 1."""
        served = sum(count for start, count in self.counts.items() if start != "throttled")
        return self.counts["cold"] / served if served else 0.0


def sweep(
    arrivals: Sequence[float] | np.ndarray, configurations: Iterable[Settings], *, bill: Settings | None = None,
    scheduler: str | None = None, progress: Callable[[int], None] | None = None,
) -> list[Swept]:  # fmt: skip
    """Simulate these arrivals under each configuration, the arguments of `labkit.fleet.simulate`; in their order.

    `bill` are arguments of `labkit.fleet.cost`, the same for all. The work is done by processes on this machine, or by
    the workers of the Dask scheduler at the address `scheduler`, with the same result. `progress` is told of each that
    is done. `BadValue` names the configuration that can't be.
    """
    times, every = np.asarray(arrivals, dtype=np.float64), list(configurations)
    if not every:
        raise BadValue("there is no configuration to simulate; give arguments of simulate, as in [{'service': 0.2}]")
    priced = dict(bill or {})
    run = partial(_on_cluster, scheduler) if scheduler else _in_processes
    found = []
    for number, result in enumerate(run(times, every, priced)):
        if isinstance(result, str):
            raise BadValue(f"configuration {number}, {every[number]}: {result}")
        found.append(result)
        if progress:
            progress(1)
    return found


def _in_processes(times: np.ndarray, every: list[Settings], bill: Settings) -> Iterable[Swept | str]:
    workers = min(len(every), os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, get_context("spawn"), _keep, (times,)) as pool:
        yield from pool.map(partial(_of_kept, bill=bill), every)


def _on_cluster(address: str, times: np.ndarray, every: list[Settings], bill: Settings) -> Iterable[Swept | str]:
    with cluster(address) as client:
        shared = client.scatter(times, broadcast=True)
        for task in client.map(partial(_outcome, bill=bill), [shared] * len(every), every, pure=False):
            yield task.result()


def _keep(times: np.ndarray) -> None:
    """The arrivals travel to a process once, not with each configuration."""
    global _kept
    _kept = times


def _of_kept(settings: Settings, bill: Settings) -> Swept | str:
    return _outcome(_kept, settings, bill)


def _outcome(times: np.ndarray, settings: Settings, bill: Settings) -> Swept | str:
    """What comes of a configuration, or why it can't be."""
    try:
        trace = fleet.simulate(times, **settings)
        provisioned = {"provisioned": settings["provisioned"]} if "provisioned" in settings else {}
        total = fleet.cost(trace, **{**provisioned, **bill}).total
    except (ValueError, TypeError) as error:
        return str(error)
    latency = MS * (trace.wait + trace.init + trace.duration)[trace.words("outcome") != "throttled"]
    p50, p99 = np.quantile(latency, [0.5, 0.99]).tolist() if len(latency) else (0.0, 0.0)
    return Swept(settings, trace.counts(), p50, p99, len(trace.lives), total)


_kept = np.empty(0)
