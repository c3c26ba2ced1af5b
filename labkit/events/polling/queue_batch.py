"""What becomes of a batch of messages: processed and deleted, or left until they are visible again.

A batch that Lambda throttles is tried again as long as its messages stay hidden.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from labkit.control_plane.store import EventSourceMapping
from labkit.events.asynchronous import Attempt
from labkit.events.polling.partial import Amiss, failed_items
from labkit.events.polling.queue_records import Received, trace_of
from labkit.events.polling.surroundings import Surroundings, Telling, error_text
from labkit.moto_bridge import sqs

MOST_DELETED = 10  # messages in one DeleteMessageBatch
FIRST_RETRY = 1.0  # seconds until a throttled batch is tried again; doubled each time


@dataclass(frozen=True)
class Batch:
    """Messages for one event; `following` are those that wait until these have been processed."""

    messages: Sequence[Received]
    following: Sequence[Sequence[Received]]
    mapping: EventSourceMapping
    request_id: str

    @property
    def hidden_until(self) -> float:
        """Until when all of its messages stay hidden."""
        return min(each.hidden_until for each in self.messages)

    def is_visible_again(self, now: float) -> bool:
        """Whether some of its messages are, which are received again."""
        return any(each.is_visible_again(now) for each in self.messages)


class Batches:
    """Processes the batches of one queue; `ended(well)` is called after each, or after those that follow each other."""

    def __init__(self, queue_arn: str, surroundings: Surroundings, telling: Telling, ended: Callable[[bool], None]):
        self._arn = queue_arn
        self._agenda, self._clock = surroundings.agenda, surroundings.clock
        self._invoke, self._client = surroundings.invoke, surroundings.client
        self._telling = telling
        self._ended = ended
        self._lock = threading.Lock()
        self.under_way = 0

    def process(self, parts: Sequence[Sequence[Received]], mapping: EventSourceMapping) -> None:
        """Begin with the first part soon; each further one is processed when all before it have been."""
        if parts:
            with self._lock:
                self.under_way += 1
            self._begin(parts, mapping)

    def delete(self, messages: Sequence[Received], mapping: EventSourceMapping) -> None:
        """Delete messages with the function's role; those that cannot be deleted will be visible again."""
        for start in range(0, len(messages), MOST_DELETED):
            part = messages[start : start + MOST_DELETED]
            entries = [{"Id": str(n), "ReceiptHandle": each.record["receiptHandle"]} for n, each in enumerate(part)]
            try:
                client = self._client("sqs", mapping.function_arn)
                client.delete_message_batch(QueueUrl=self.url(client), Entries=entries)
            except (ClientError, LookupError):  # the poller meets the same trouble, and tells of it
                return

    def url(self, client: Any) -> str:
        """The queue's URL at the account's endpoint."""
        *_, account, name = self._arn.split(":")
        return f"{client.meta.endpoint_url}/{account}/{name}"

    def _begin(self, parts: Sequence[Sequence[Received]], mapping: EventSourceMapping) -> None:
        first, *following = parts
        batch = Batch(first, following, mapping, str(uuid.uuid4()))
        self._tell("batched", first, batch)
        self._agenda.at(self._clock.time(), lambda: self._attempt(batch))

    def _attempt(self, batch: Batch, delay: float = FIRST_RETRY) -> None:
        if batch.is_visible_again(self._clock.time()):
            names = [each.id for each in batch.messages]
            self._telling("visible again", names, batch.mapping, time=batch.hidden_until)
            self._over(well=True)
            return
        self._tell("invoked", batch.messages, batch)
        payload = json.dumps({"Records": [each.record for each in batch.messages]}).encode()
        trace = trace_of(batch.messages)
        attempt = self._invoke(batch.mapping.function_arn, payload, "sqs", batch.request_id, trace)
        if attempt.outcome in ("throttled", "stopped"):
            self._tell("throttled", batch.messages, batch)
            if self._clock.time() + delay < batch.hidden_until:
                self._agenda.after(delay, lambda: self._attempt(batch, 2 * delay))
                return
        self._after(batch, attempt)

    def _after(self, batch: Batch, attempt: Attempt) -> None:
        failed, why = self._failed(batch, attempt)
        done = [each for each in batch.messages if each not in failed]
        self._tell("processed", done, batch)
        self.delete(done, batch.mapping)
        if attempt.ran:
            self._tell("failed", failed, batch, detail=why)
        left = [*failed, *(each for part in batch.following if failed for each in part)]
        self.tell_when_visible(left, batch.mapping)
        if batch.following and not failed:
            self._begin(batch.following, batch.mapping)
            return
        self._over(well=len(failed) < len(batch.messages))

    def _over(self, well: bool) -> None:
        with self._lock:
            self.under_way -= 1
        self._ended(well)

    def _failed(self, batch: Batch, attempt: Attempt) -> tuple[list[Received], str]:
        """The messages that were not processed, and why."""
        if attempt.outcome != "ok":
            return list(batch.messages), error_text(attempt)
        try:
            names = [each.id for each in batch.messages]
            reported = failed_items(batch.mapping.settings, attempt.payload, names)
        except Amiss as error:
            return list(batch.messages), str(error)
        return [each for each in batch.messages if each.id in reported], "reported in batchItemFailures"

    def _tell(self, step: str, messages: Sequence[Received], batch: Batch, **more: Any) -> None:
        size, request_id = len(batch.messages), batch.request_id
        for each in messages:
            self._telling(step, [each.id], batch.mapping, count=each.count, batch=size, request_id=request_id, **more)

    def tell_when_visible(self, messages: Sequence[Received], mapping: EventSourceMapping) -> None:
        """Tell of messages that are visible again when they are, if they are still there."""
        known = sqs.visibility(self._arn, [each.id for each in messages])
        for until in sorted({visibility.since for visibility in known.values()}):
            some = [each for each in messages if each.id in known and known[each.id].since == until]
            self._agenda.at(until, lambda some=some, until=until: self._tell_visible(some, until, mapping))  # type: ignore[misc]

    def _tell_visible(self, messages: Sequence[Received], until: float, mapping: EventSourceMapping) -> None:
        """Tell of them, though they may have been received anew; of those that were hidden for longer, later."""
        known = sqs.visibility(self._arn, [each.id for each in messages])
        held = [each for each in messages if each.id in known]
        later = [each for each in held if known[each.id].received == each.count and known[each.id].since > until]
        self._telling("visible again", [each.id for each in held if each not in later], mapping, time=until)
        self.tell_when_visible(later, mapping)
