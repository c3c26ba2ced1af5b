"""A poller of a queue: it receives messages, invokes with batches of them, and deletes what was processed.

Polling costs nothing while nothing comes: a message that is sent, or visible again, wakes the poller.
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from labkit.control_plane.store import EventSourceMapping
from labkit.events.asynchronous import Attempt
from labkit.events.polling import filters
from labkit.events.polling.partial import REPORTS, failed_items
from labkit.events.polling.surroundings import Record, Surroundings, that_fits
from labkit.moto_bridge import sqs

MOST_RECEIVED = 10  # messages in one ReceiveMessage, and in one DeleteMessageBatch
FIRST_CONCURRENCY = 5  # batches at once to begin with (fact SCALE-SQS)
FIRST_RETRY = 1.0  # seconds until a throttled batch is tried again; doubled each time


class QueuePoller:
    """Polls one queue for one mapping; its work is done in the agenda's threads."""

    def __init__(self, mapping: EventSourceMapping, surroundings: Surroundings):
        self.follow(mapping)
        self._agenda, self._clock = surroundings.agenda, surroundings.clock
        self._invoke, self._client = surroundings.invoke, surroundings.client
        self._arn = mapping.source_arn or ""
        self._lock = threading.Lock()
        self._polling = False
        self._again = False
        self._gathered: list[Record] = []
        self._batches = 0  # that are being processed
        self._complained = False

    def follow(self, mapping: EventSourceMapping) -> None:
        """Poll as the mapping says from now on, or not at all when it is disabled."""
        self._mapping = mapping
        self._wanted = filters.wanted(mapping.settings)
        self._closed = not mapping.enabled

    def wake(self) -> None:
        """Look into the queue soon."""
        with self._lock:
            self._again = True
            if self._polling or self._closed:
                return
            self._polling = True
        self._agenda.at(self._clock.time(), self._poll)

    def close(self) -> None:
        """Receive nothing more; what is being processed goes on to its end."""
        self._closed = True

    @property
    def source_arn(self) -> str:
        """The queue that is polled."""
        return self._arn

    # Receiving.

    def _poll(self) -> None:
        try:
            while self._goes_on():
                self._receive_all()
        finally:
            with self._lock:
                self._polling = False
        due = sqs.next_visible(self._arn, self._clock.time())
        if due is not None and not self._closed:
            self._agenda.at(due + 0.001, self.wake)  # moto shows a message once its time has passed

    def _goes_on(self) -> bool:
        with self._lock:
            again, self._again = self._again, False
            if not again or self._closed:
                self._polling = False
                return False
            return True

    def _receive_all(self) -> None:
        size = int(self._mapping.settings["BatchSize"])
        while not self._closed and self._batches < self._most_batches():
            received = self._receive(min(MOST_RECEIVED, size - len(self._gathered)))
            self._gather(received)
            if len(self._gathered) >= size or (self._gathered and not self._window()):
                self._process_gathered()
            elif not received:
                break

    def _receive(self, most: int) -> list[Record]:
        try:
            client = self._client("sqs", self._mapping.function_arn)
            answer = client.receive_message(
                QueueUrl=self._url(client), MaxNumberOfMessages=most, AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )  # fmt: skip
        except (ClientError, LookupError) as error:
            self._complain(error)
            return []
        return [_record(message, self._arn) for message in answer.get("Messages", ())]

    def _gather(self, received: Sequence[Record]) -> None:
        """Add what the mapping's filters want to the next batch; Lambda deletes the rest."""
        unwanted = [record for record in received if not self._wanted(record)]
        self._delete(unwanted)
        kept = [record for record in received if record not in unwanted]
        if kept and not self._gathered and self._window():
            self._agenda.after(self._window(), self._window_is_over)
        self._gathered += kept

    def _window(self) -> float:
        return float(self._mapping.settings.get("MaximumBatchingWindowInSeconds") or 0)

    def _window_is_over(self) -> None:
        with self._lock:
            idle = not self._polling
            self._polling = True
        if idle:
            try:
                self._process_gathered()
            finally:
                with self._lock:
                    self._polling = False
        self.wake()

    def _most_batches(self) -> int:
        limit = (self._mapping.settings.get("ScalingConfig") or {}).get("MaximumConcurrency")
        return min(limit or FIRST_CONCURRENCY, FIRST_CONCURRENCY) if limit else FIRST_CONCURRENCY

    # Processing.

    def _process_gathered(self) -> None:
        while self._gathered:
            batch, self._gathered = that_fits(self._gathered)
            with self._lock:
                self._batches += 1
            lease = self._clock.time() + sqs.visibility_timeout(self._arn)
            self._agenda.at(self._clock.time(), lambda batch=batch, lease=lease: self._process(batch, lease))  # type: ignore[misc]

    def _process(self, batch: list[Record], lease: float, delay: float = FIRST_RETRY) -> None:
        """Invoke with a batch; a throttled one is tried again as long as its messages stay hidden."""
        payload = json.dumps({"Records": batch}).encode()
        attempt = self._invoke(self._mapping.function_arn, payload, "sqs", _trace(batch))
        if attempt.outcome in ("throttled", "stopped") and self._clock.time() + delay < lease:
            self._agenda.after(delay, lambda: self._process(batch, lease, 2 * delay))
            return
        if attempt.outcome == "ok":
            self._delete([record for record in batch if record["messageId"] not in self._failed(attempt, batch)])
        with self._lock:
            self._batches -= 1
        self.wake()

    def _failed(self, attempt: Attempt, batch: Sequence[Record]) -> list[str]:
        if REPORTS not in self._mapping.settings.get("FunctionResponseTypes", ()):
            return []
        return failed_items(attempt.payload, [record["messageId"] for record in batch])

    def _delete(self, records: Sequence[Record]) -> None:
        for start in range(0, len(records), MOST_RECEIVED):
            part = records[start : start + MOST_RECEIVED]
            entries = [{"Id": str(n), "ReceiptHandle": record["receiptHandle"]} for n, record in enumerate(part)]
            try:
                client = self._client("sqs", self._mapping.function_arn)
                client.delete_message_batch(QueueUrl=self._url(client), Entries=entries)
            except (ClientError, LookupError) as error:
                self._complain(error)

    def _url(self, client: Any) -> str:
        *_, account, name = self._arn.split(":")
        return f"{client.meta.endpoint_url}/{account}/{name}"

    def _complain(self, error: Exception) -> None:
        if not self._complained:
            self._complained = True
            logging.getLogger("labkit").warning("the mapping of %s delivers nothing: %s", self._arn, error)


def _record(message: Mapping[str, Any], queue_arn: str) -> Record:
    """A message as a function gets it."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message.get("Attributes", {})),
        "messageAttributes": {name: _attribute(each) for name, each in message.get("MessageAttributes", {}).items()},
        "md5OfMessageAttributes": message.get("MD5OfMessageAttributes"),
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }


def _attribute(attribute: Mapping[str, Any]) -> dict[str, Any]:
    value = (
        {"binaryValue": base64.b64encode(attribute["BinaryValue"]).decode()}
        if "BinaryValue" in attribute
        else {"stringValue": attribute["StringValue"]}
    )
    return {**value, "stringListValues": [], "binaryListValues": [], "dataType": attribute["DataType"]}


def _trace(batch: Sequence[Record]) -> str | None:
    """The trace of the message whose chain is the longest."""
    traces = [record["attributes"].get(sqs.TRACE) for record in batch]
    return max((trace for trace in traces if trace), key=_hops, default=None)


def _hops(trace: str) -> int:
    lineage = trace.partition("Lineage=")[2]
    first = lineage.partition(":")[0]
    return int(first) if first.isdigit() else 0
