"""One batch after the other of a shard: tried again until it succeeds, is halved, or is given up.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html and services-kinesis-windows.html
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from labkit.control_plane.store import EventSourceMapping
from labkit.events.asynchronous import Attempt
from labkit.events.polling.alarm import Alarm
from labkit.events.polling.gathering import Gathering
from labkit.events.polling.partial import Amiss, failed_items
from labkit.events.polling.shards import StreamRecord
from labkit.events.polling.stream_batch import Batch, GivenUp
from labkit.events.polling.surroundings import LARGEST_EVENT, Surroundings, Telling, error_text
from labkit.events.polling.windows import NoState, is_large, state_of

FIRST_RETRY, LONGEST_RETRY = 1.0, 60.0  # seconds, doubled each time; AWS tells no numbers
OK, FAILED = "OK", "PROBLEM: Function call failed"


class Lane:
    """Invokes a mapping's function with the records it takes, in their order, one batch at a time.

    `on_room` is called when some of them are done.
    """

    def __init__(
        self, mapping: EventSourceMapping, shard: str, surroundings: Surroundings, telling: Telling,
        on_room: Callable[[], None],
    ):  # fmt: skip
        self._mapping = mapping
        self._shard = shard
        self._surroundings = surroundings
        self._agenda, self._clock = surroundings.agenda, surroundings.clock
        self._telling = telling
        self._on_room = on_room
        self._lock = threading.Lock()
        self._closed = self._busy = False
        self._gathering = Gathering(mapping, shard)
        self._alarm = Alarm(surroundings.agenda, self._go_on)

    def waiting(self) -> int:
        """How many records wait."""
        return self._gathering.waiting

    @property
    def is_idle(self) -> bool:
        """Whether all that it has taken is done, and no window is open."""
        return not self._busy and self._gathering.is_empty

    def take(self, records: Sequence[StreamRecord]) -> None:
        """Take records."""
        with self._lock:
            self._gathering.add(records)
        self._go_on()

    def finish(self) -> None:
        """No more records will come."""
        self._gathering.ended = True
        self._go_on()

    def follow(self, mapping: EventSourceMapping) -> None:
        """Invoke as the mapping says from now on, or wait while it is disabled."""
        self._mapping = self._gathering.mapping = mapping
        self._closed = not mapping.enabled
        self._go_on()

    def close(self) -> None:
        """Begin no further batch."""
        self._closed = True

    def _go_on(self) -> None:
        """Begin the next batch if there is one and none is under way."""
        now = self._clock.time()
        with self._lock:
            batch = None if self._busy or self._closed else self._gathering.next_batch(now)
            self._busy = self._busy or batch is not None
            look = self._gathering.complete_at if batch is None else None
        if batch is not None:
            self._tell("batched", batch)
            self._agenda.at(now, lambda: self._attempt(batch))
        elif look is not None:
            self._alarm.at(look)

    # A batch's way.

    def _attempt(self, batch: Batch) -> None:
        batch = self._without_the_too_old(batch)
        if self._closed:  # it goes on with this batch when it is enabled again
            self._put_back(batch)
            self._done(batch)
        elif not batch.records and not batch.final:
            self._done(batch)
        else:
            self._invoke(batch)

    def _invoke(self, batch: Batch) -> None:
        self._tell("invoked", batch)
        payload = json.dumps(batch.event(self._gathering.window_members(batch))).encode()
        if len(payload) > LARGEST_EVENT:
            self._failed(batch, None, None, f"the event would have {len(payload):,} bytes")
            return
        source = "kinesis" if ":kinesis:" in str(self._mapping.source_arn) else "dynamodb"
        attempt = self._surroundings.invoke(self._mapping.function_arn, payload, source, batch.request_id)
        match attempt.outcome:
            case "ok":
                self._after_answer(batch, attempt)
            case "failed":
                self._surroundings.report(self._mapping, FAILED)
                self._failed(batch, attempt, "Unhandled", error_text(attempt))
            case _:
                self._tell("throttled", batch)
                self._again(replace(batch, throttles=batch.throttles + 1), batch.throttles)

    def _after_answer(self, batch: Batch, attempt: Attempt) -> None:
        try:
            failed = failed_items(self._mapping.settings, attempt.payload, [each.sequence for each in batch.records])
            if batch.window and not batch.final:
                self._gathering.state = state_of(attempt.payload)
        except (Amiss, NoState) as error:
            self._surroundings.report(self._mapping, FAILED)
            self._failed(batch, attempt, None, str(error))
            return
        self._surroundings.report(self._mapping, OK)
        first = next((n for n, each in enumerate(batch.records) if each.sequence in failed), len(batch.records))
        self._tell("processed", replace(batch, records=batch.records[:first]))
        rest = batch.records[first:]
        if not rest:
            if batch.window and not batch.final and is_large(self._gathering.state):
                self._put_back(Batch.of((), batch.window, final=True, early=True))
            self._done(batch)
        elif first:
            self._again(Batch.of(rest, batch.window), 0)
        else:
            self._failed(batch, attempt, None, "reported in batchItemFailures")

    def _failed(self, batch: Batch, attempt: Attempt | None, error: str | None, why: str) -> None:
        batch = replace(batch, attempts=batch.attempts + 1, last=attempt, error=error)
        self._tell("failed", batch, detail=why)
        retries = int(self._mapping.settings["MaximumRetryAttempts"])
        if self._mapping.settings["BisectBatchOnFunctionError"] and len(batch.records) > 1:
            half = len(batch.records) // 2
            self._put_back(Batch.of(batch.records[half:], batch.window))
            self._again(Batch.of(batch.records[:half], batch.window), 0)
        elif 0 <= retries < batch.attempts:
            self._give_up(batch, "RetryAttemptsExhausted")
            self._done(batch)
        else:
            self._again(batch, batch.attempts - 1)

    def _again(self, batch: Batch, times: int) -> None:
        self._agenda.after(min(FIRST_RETRY * 2**times, LONGEST_RETRY), lambda: self._attempt(batch))

    def _put_back(self, batch: Batch) -> None:
        with self._lock:
            self._gathering.put_back(batch)

    def _done(self, batch: Batch) -> None:
        with self._lock:
            self._busy = False
            if batch.final and not self._closed:
                self._gathering.close_window()
        self._go_on()
        self._on_room()

    # What is given up.

    def _without_the_too_old(self, batch: Batch) -> Batch:
        longest = float(self._mapping.settings["MaximumRecordAgeInSeconds"])
        now = self._clock.time()
        old = tuple(each for each in batch.records if 0 <= longest < now - each.arrived)
        if not old:
            return batch
        self._give_up(replace(batch, records=old), "RecordAgeExceeded")
        return replace(batch, records=tuple(each for each in batch.records if each not in old))

    def _give_up(self, batch: Batch, condition: str) -> None:
        self._tell("given up", batch, detail=condition)
        target = self._mapping.settings["DestinationConfig"].get("OnFailure", {}).get("Destination")
        if not target:
            return
        window = self._gathering.window_members(batch)
        given_up = GivenUp(batch, condition, self._mapping, self._shard, window, self._clock.now())
        try:
            given_up.send(self._surroundings.client(target.split(":")[2], self._mapping.function_arn), target)
        except (ClientError, LookupError) as error:
            logging.getLogger("labkit").warning("%s got no record of a batch that was given up: %s", target, error)

    def _tell(self, step: str, batch: Batch, **more: Any) -> None:
        ended = step in ("failed", "given up")  # an attempt that counts already
        self._telling(
            step, [each.id for each in batch.records], self._mapping, count=batch.attempts + (not ended),
            batch=len(batch.records), request_id=batch.request_id, **more,
        )  # fmt: skip
