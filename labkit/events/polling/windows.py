"""Tumbling windows: records of a shard in stretches of time, with a state that goes from one batch to the next.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html; events as recorded from AWS (2026).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

LARGEST_STATE = 1_048_576  # bytes; more of it ends a window early
LATE = 1.0  # seconds for which a window stays open after its end, for records that are being read; up to 120 on AWS


class NoState(ValueError):
    """The handler's answer has no state, so the batch counts as failed."""


@dataclass(frozen=True)
class Window:
    """A stretch of account time, in seconds since 1970; its end is outside."""

    start: float
    end: float

    @classmethod
    def at(cls, moment: float, length: float) -> Window:
        """The window in which a moment lies: they begin at multiples of their length."""
        start = moment // length * length
        return cls(start, start + length)

    def members(
        self, state: Mapping[str, Any], shard: str, source_arn: str, final: bool, early: bool
    ) -> dict[str, Any]:
        """What an event of the window has besides its records; the last one for a window is final."""
        return {
            "window": {"start": _iso(self.start), "end": _iso(self.end)},
            "state": state,
            "shardId": shard,
            "eventSourceARN": source_arn,
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": early,
        }


def state_of(payload: bytes) -> dict[str, Any]:
    """The state in a handler's answer; `NoState` when there is none."""
    try:
        answer = json.loads(payload)
    except ValueError as error:
        raise NoState(f"the answer is no JSON: {error}") from error
    state = answer.get("state") if isinstance(answer, dict) else None
    if not isinstance(state, dict):
        raise NoState('a function with a tumbling window answers {"state": {...}}')
    return state


def is_large(state: Mapping[str, Any]) -> bool:
    """Whether a state ends its window early."""
    return len(json.dumps(state).encode()) > LARGEST_STATE


def _iso(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%S}Z"
