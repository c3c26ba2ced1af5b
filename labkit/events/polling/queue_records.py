"""A message of a queue as a function gets it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.events.polling.surroundings import Record
from labkit.moto_bridge.sqs import TRACE


@dataclass(frozen=True)
class Received:
    """A message that was received, as a function gets it, when, and until when it stays hidden (account time)."""

    record: Record
    at: float
    hidden_until: float

    @property
    def id(self) -> str:
        """The message's id."""
        return str(self.record["messageId"])

    @property
    def count(self) -> int:
        """How often it has been received."""
        return int(self.record["attributes"].get("ApproximateReceiveCount", 1))

    def is_visible_again(self, now: float) -> bool:
        """Whether it was hidden, and is no longer."""
        return self.at < self.hidden_until <= now

    @property
    def group(self) -> str | None:
        """Its message group, in a FIFO queue."""
        group: str | None = self.record["attributes"].get("MessageGroupId")
        return group


def record(message: Mapping[str, Any], queue_arn: str) -> Record:
    """The event's entry for what ReceiveMessage answers."""
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


def trace_of(batch: Sequence[Received]) -> str | None:
    """The trace of the message whose chain is the longest."""
    traces = [received.record["attributes"].get(TRACE) for received in batch]
    return max((trace for trace in traces if trace), key=_hops, default=None)


def _attribute(attribute: Mapping[str, Any]) -> dict[str, Any]:
    value = (
        {"binaryValue": base64.b64encode(attribute["BinaryValue"]).decode()}
        if "BinaryValue" in attribute
        else {"stringValue": attribute["StringValue"]}
    )
    return {**value, "stringListValues": [], "binaryListValues": [], "dataType": attribute["DataType"]}


def _hops(trace: str) -> int:
    lineage = trace.partition("Lineage=")[2]
    first = lineage.partition(":")[0]
    return int(first) if first.isdigit() else 0
