"""Which records of a shard make the next batch: when they are enough, or time has passed; window by window."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from labkit.control_plane.store import EventSourceMapping
from labkit.events.polling.shards import StreamRecord
from labkit.events.polling.stream_batch import Batch
from labkit.events.polling.surroundings import that_fits
from labkit.events.polling.windows import LATE, Window

AROUND = len('{"Records": []}')


class Gathering:
    """The records of one lane that wait; its lane holds a lock while it uses it.

    `complete_at` is when there will be a batch though nothing comes, in account time. `state` is that of the tumbling
    window that is open.
    """

    def __init__(self, mapping: EventSourceMapping, shard: str):
        self.mapping = mapping
        self.ended = False
        self.state: dict[str, Any] = {}
        self.complete_at: float | None = None
        self._shard = shard
        self._records: list[StreamRecord] = []
        self._before: list[Batch] = []  # batches that come before any new one
        self._window: Window | None = None
        self._batch_at: float | None = None  # when the batching window is over

    @property
    def waiting(self) -> int:
        """How many records wait."""
        return len(self._records) + sum(len(batch.records) for batch in self._before)

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits and no window is open."""
        return not self._records and not self._before and self._window is None

    def add(self, records: Sequence[StreamRecord]) -> None:
        """Take further records."""
        self._records += records

    def put_back(self, batch: Batch) -> None:
        """Have a batch come before all others."""
        self._before.insert(0, batch)

    def close_window(self) -> None:
        """The open window has had its final invocation."""
        self._window, self.state = None, {}

    def window_members(self, batch: Batch) -> dict[str, Any]:
        """What the event of a batch has besides the records."""
        if batch.window is None:
            return {}
        return batch.window.members(self.state, self._shard, self.mapping.source_arn or "", batch.final, batch.early)

    def next_batch(self, now: float) -> Batch | None:
        """The next batch, if there is one now."""
        self.complete_at = None
        if self._before:
            return self._before.pop(0)
        length = float(self.mapping.settings["TumblingWindowInSeconds"])
        return self._next_in_window(length, now) if length else self._filled(self._records, None, now)

    def _next_in_window(self, length: float, now: float) -> Batch | None:
        if self._window is None and self._records:
            self._window = Window.at(self._records[0].arrived, length)
        window = self._window
        if window is None:
            return None
        inside = list(takewhile(lambda record: record.arrived < window.end, self._records))
        if inside:
            return self._filled(inside, window, now)
        if self._records or self.ended or now >= window.end + LATE:
            return Batch.of((), window, final=True)
        self.complete_at = window.end + LATE
        return None

    def _filled(self, records: list[StreamRecord], window: Window | None, now: float) -> Batch | None:
        size = int(self.mapping.settings["BatchSize"])
        if not records or not self._is_complete(len(records) >= size, window, now):
            return None
        probe = Batch.of((), window)
        around = AROUND + len(json.dumps(self.window_members(probe)))
        taken = records[:size]
        taken = taken[: that_fits(taken, around, lambda each: each.record)]
        del self._records[: len(taken)]
        self._batch_at = None
        return Batch.of(taken, window)

    def _is_complete(self, full: bool, window: Window | None, now: float) -> bool:
        batching = float(self.mapping.settings["MaximumBatchingWindowInSeconds"])
        if full or not batching or self.ended:
            return True
        if self._batch_at is None:
            self._batch_at = now + batching
        self.complete_at = min(self._batch_at, window.end) if window else self._batch_at
        return now >= self.complete_at
