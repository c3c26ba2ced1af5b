"""One batch after the other of a shard: tried again until it succeeds, is halved, or is given up."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from labkit.control_plane.store import EventSourceMapping
from labkit.events.asynchronous import Attempt
from labkit.events.destinations import send_text
from labkit.events.polling.partial import REPORTS, failed_items
from labkit.events.polling.shards import StreamRecord
from labkit.events.polling.surroundings import Surroundings, that_fits

FIRST_RETRY, LONGEST_RETRY = 1.0, 60.0  # seconds, doubled each time; AWS tells no numbers
OK, FAILED = "OK", "PROBLEM: Function call failed"


@dataclass(frozen=True)
class Batch:
    """Records of one shard, and how often the function has failed with them; `throttles` counts refusals before."""

    records: tuple[StreamRecord, ...]
    request_id: str
    attempts: int = 0
    throttles: int = 0


class Lane:
    """Invokes a mapping's function with the records it takes, in their order, one batch at a time."""

    def __init__(self, mapping: EventSourceMapping, shard: str, surroundings: Surroundings):
        self._mapping = mapping
        self._closed = False
        self._shard = shard
        self._surroundings = surroundings
        self._agenda, self._clock = surroundings.agenda, surroundings.clock
        self._lock = threading.Lock()
        self._records: list[StreamRecord] = []
        self._window_ends: float | None = None
        self._busy = False
        self._on_room: Callable[[], None] = lambda: None

    def waiting(self) -> int:
        """How many records wait."""
        return len(self._records)

    def take(self, records: Sequence[StreamRecord], on_room: Callable[[], None]) -> None:
        """Take records; `on_room` is called when some of them are done."""
        self._on_room = on_room
        with self._lock:
            self._records += records
        self._go_on()

    def follow(self, mapping: EventSourceMapping) -> None:
        """Invoke as the mapping says from now on, or wait while it is disabled."""
        self._mapping = mapping
        self._closed = not mapping.enabled
        self._go_on()

    def close(self) -> None:
        """Begin no further batch."""
        self._closed = True

    def _go_on(self) -> None:
        """Begin the next batch if there is one and none is under way."""
        batch = None
        with self._lock:
            if not self._busy and not self._closed and self._is_complete():
                batch = self._next_batch()
                self._busy = True
        if batch is not None:
            self._agenda.at(self._clock.time(), lambda: self._attempt(batch))

    def _is_complete(self) -> bool:
        """Whether what waits makes a batch: it is full, or its window is over (with the lock held)."""
        window = float(self._mapping.settings.get("MaximumBatchingWindowInSeconds") or 0)
        if not self._records:
            return False
        if not window or len(self._records) >= int(self._mapping.settings["BatchSize"]):
            return True
        if self._window_ends is None:
            self._window_ends = self._clock.time() + window
            self._agenda.at(self._window_ends, self._go_on)
        return self._clock.time() >= self._window_ends

    def _next_batch(self) -> Batch:
        size = int(self._mapping.settings["BatchSize"])
        fits, _ = that_fits([each.record for each in self._records[:size]])
        taken, self._records = self._records[: len(fits)], self._records[len(fits) :]
        self._window_ends = None
        return Batch(tuple(taken), str(uuid.uuid4()))

    # A batch's way.

    def _attempt(self, batch: Batch) -> None:
        batch = self._without_the_too_old(batch)
        if self._closed:  # it goes on with this batch when it is enabled again
            with self._lock:
                self._records = [*batch.records, *self._records]
            batch = replace(batch, records=())
        if not batch.records:
            self._done()
            return
        payload = json.dumps({"Records": [each.record for each in batch.records]}).encode()
        source = "kinesis" if "kinesis" in batch.records[0].record else "dynamodb"
        attempt = self._surroundings.invoke(self._mapping.function_arn, payload, source, None)
        match attempt.outcome:
            case "ok":
                self._after_answer(batch, attempt)
            case "failed":
                self._report(FAILED)
                self._after_failure(replace(batch, attempts=batch.attempts + 1), attempt, "Unhandled")
            case _:
                self._again(replace(batch, throttles=batch.throttles + 1), batch.throttles)

    def _after_answer(self, batch: Batch, attempt: Attempt) -> None:
        self._report(OK)
        failed: list[str] = []
        if REPORTS in self._mapping.settings.get("FunctionResponseTypes", ()):
            failed = failed_items(attempt.payload, [each.sequence for each in batch.records])
        if not failed:
            self._done()
            return
        first = next(number for number, each in enumerate(batch.records) if each.sequence == failed[0])
        if first == 0:
            self._after_failure(replace(batch, attempts=batch.attempts + 1), attempt, None)
        else:
            self._again(Batch(batch.records[first:], str(uuid.uuid4())), 0)

    def _after_failure(self, batch: Batch, attempt: Attempt, error: str | None) -> None:
        settings = self._mapping.settings
        retries = int(settings["MaximumRetryAttempts"])
        if settings["BisectBatchOnFunctionError"] and len(batch.records) > 1:
            half = len(batch.records) // 2
            with self._lock:
                self._records = [*batch.records[half:], *self._records]
            self._again(Batch(batch.records[:half], str(uuid.uuid4())), 0)
        elif 0 <= retries < batch.attempts:
            self._give_up(batch, "RetryAttemptsExhausted", attempt, error)
            self._done()
        else:
            self._again(batch, batch.attempts - 1)

    def _again(self, batch: Batch, times: int) -> None:
        delay = min(FIRST_RETRY * 2**times, LONGEST_RETRY)
        self._agenda.after(delay, lambda: self._attempt(batch))

    def _done(self) -> None:
        with self._lock:
            self._busy = False
        self._go_on()
        self._on_room()

    def _without_the_too_old(self, batch: Batch) -> Batch:
        longest = float(self._mapping.settings["MaximumRecordAgeInSeconds"])
        if longest < 0:
            return batch
        now = self._clock.time()
        old = tuple(each for each in batch.records if now - each.arrived > longest)
        if not old:
            return batch
        self._give_up(replace(batch, records=old), "RecordAgeExceeded", None, None)
        return replace(batch, records=tuple(each for each in batch.records if each not in old))

    def _report(self, result: str) -> None:
        self._surroundings.report(self._mapping, result)

    # What is told of a batch that is given up.

    def _give_up(self, batch: Batch, condition: str, attempt: Attempt | None, error: str | None) -> None:
        target = self._mapping.settings["DestinationConfig"].get("OnFailure", {}).get("Destination")
        if not target:
            return
        record = self._failure_record(batch, condition, attempt, error)
        client = self._surroundings.client(target.split(":")[2], self._mapping.function_arn)
        if ":s3:" not in target:
            send_text(client, target, json.dumps(record), {})
            return
        now = self._clock.now()
        key = f"aws/lambda/{self._mapping.uuid}/{self._shard}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
        event = json.dumps({"Records": [each.record for each in batch.records]})
        client.put_object(Bucket=target.rpartition(":")[2], Key=key, Body=json.dumps({**record, "payload": event}))

    def _failure_record(
        self, batch: Batch, condition: str, attempt: Attempt | None, error: str | None
    ) -> dict[str, Any]:
        kind = "KinesisBatchInfo" if "kinesis" in batch.records[0].record else "DDBStreamBatchInfo"
        answered = {"statusCode": 200, "executedVersion": attempt.version, "functionError": error} if attempt else None
        now = self._clock.now()
        first, last = batch.records[0], batch.records[-1]
        return {
            "requestContext": {
                "requestId": batch.request_id,
                "functionArn": self._mapping.function_arn,
                "condition": condition,
                "approximateInvokeCount": batch.attempts,
            },
            **({"responseContext": answered} if answered else {}),
            "version": "1.0",
            "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
            kind: {
                "shardId": self._shard,
                "startSequenceNumber": first.sequence,
                "endSequenceNumber": last.sequence,
                "approximateArrivalOfFirstRecord": _iso(first.arrived),
                "approximateArrivalOfLastRecord": _iso(last.arrived),
                "batchSize": len(batch.records),
                "streamArn": self._mapping.source_arn,
            },
        }


def _iso(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}Z"
