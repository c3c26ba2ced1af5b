"""Queues in front of a function: what waits in them, and until when."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from labkit.facts import QUOTAS, unknown
from labkit.fleet.engines import Engine, poller
from labkit.fleet.kernel import COLD, SPREAD
from labkit.fleet.retrying import Retries
from labkit.fleet.settings import Limits
from labkit.fleet.state import State
from labkit.mistake import BadValue

SOURCES = ("invoke", "async", "sqs")
AGE = QUOTAS["event_age"]
OLDEST = float(AGE.default or 0)  # seconds
FIRST_POLLERS = int(QUOTAS["sqs_start"].default or 0)
MOST_POLLERS = int(QUOTAS["sqs_concurrency"].maximum)
POLLER_STEP = 60 / QUOTAS["sqs_per_minute"].maximum  # seconds
INSTANT = 1e-9  # seconds; nothing ends when it begins

Columns = tuple[np.ndarray, np.ndarray]  # the code of each arrival, and when it was invoked
Queue = Callable[[State, np.ndarray, np.ndarray, np.ndarray, np.ndarray], Columns]


def queued(source: str, allowed: Limits, engine: str, event_age: float) -> Queue:
    """How a queue of this source is served; `BadValue` for an unknown one, and for what is not modelled with it."""
    if source not in SOURCES:
        raise BadValue(unknown("source", source, SOURCES))
    if source == "async":
        if not AGE.allows(event_age):
            raise BadValue(
                f"event_age={event_age} is not possible; Lambda keeps events {AGE.minimum:.0f} to {AGE.maximum:.0f} s"
            )
        return partial(_tried_again, event_age if allowed.on_demand else 0.0)
    if any(count for _, count in allowed.provisioned):
        raise BadValue("provisioned concurrency is not modelled with source='sqs'; leave it out")
    if allowed.on_demand < 1:
        raise BadValue("with no concurrency at all a queue's messages never run; allow one at least")
    return partial(_polled, engine, min(MOST_POLLERS, allowed.on_demand))


def _tried_again(
    oldest: float, state: State, times: np.ndarray, service: np.ndarray, init: np.ndarray, keep_alive: np.ndarray
) -> Columns:
    retries = Retries(state, times, service, init, keep_alive, oldest)
    retries.serve()
    return retries.codes, retries.starts


def _polled(
    engine: str, most: int, state: State, times: np.ndarray, service: np.ndarray, init: np.ndarray,
    keep_alive: np.ndarray,
) -> Columns:  # fmt: skip
    codes, starts = np.zeros(len(times), dtype=np.int32), np.zeros(len(times))
    run: Engine = poller(engine, len(times))
    service = np.maximum(service, INSTANT)
    run(times, service, init, keep_alive, min(FIRST_POLLERS, most), POLLER_STEP, most, codes, starts)
    cold = (codes & 7) == COLD
    kept = starts + service + np.where(cold, init, 0.0) + keep_alive  # of each environment the last one's stays
    state.note(starts[cold], codes // SPREAD, kept)
    return codes, starts
