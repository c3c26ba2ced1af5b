"""A batch of a shard's records, and what is told of one that is given up.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html; fields as recorded from AWS.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from labkit.control_plane.store import EventSourceMapping
from labkit.events.asynchronous import Attempt
from labkit.events.destinations import send_text
from labkit.events.polling.shards import StreamRecord
from labkit.events.polling.windows import Window


@dataclass(frozen=True)
class Batch:
    """Records of one shard, and how often the function has failed with them; `throttles` counts refusals before.

    With a `window`, the batch that closes it is `final`, without records, and `early` when the state was too large.
    `last` is the attempt that failed last, `error` its functionError: none for one that only reported failures.
    """

    records: tuple[StreamRecord, ...]
    request_id: str
    window: Window | None = None
    final: bool = False
    early: bool = False
    attempts: int = 0
    throttles: int = 0
    last: Attempt | None = None
    error: str | None = None

    @classmethod
    def of(cls, records: Sequence[StreamRecord], window: Window | None = None, **more: Any) -> Batch:
        """A batch that has not been tried yet."""
        return cls(tuple(records), str(uuid.uuid4()), window, **more)

    def event(self, window: dict[str, Any]) -> dict[str, Any]:
        """The event; `window` is what it has besides the records."""
        return {"Records": [each.record for each in self.records], **window}


@dataclass(frozen=True)
class GivenUp:
    """A batch of a mapping's shard that is not tried again, why, and when (account time)."""

    batch: Batch
    condition: str
    mapping: EventSourceMapping
    shard: str
    window: dict[str, Any]
    now: datetime

    def send(self, client: Any, target: str) -> None:
        """Tell a queue, topic or bucket; only a bucket gets the records too."""
        record = self.record()
        if ":s3:" not in target:
            send_text(client, target, json.dumps(record), {})
            return
        day, moment = f"{self.now:%Y/%m/%d}", f"{self.now:%Y-%m-%dT%H.%M.%S}"
        client.put_object(
            Bucket=target.rpartition(":")[2],
            Key=f"aws/lambda/{self.mapping.uuid}/{self.shard}/{day}/{moment}-{uuid.uuid4()}",
            Body=json.dumps({**record, "payload": json.dumps(self.batch.event(self.window))}),
            ContentType="application/octet-stream",
        )

    def record(self) -> dict[str, Any]:
        """What is told."""
        batch, last = self.batch, self.batch.last
        answered = {
            "responseContext": {"statusCode": 200, "executedVersion": last.version, "functionError": batch.error}
        } if last else {}  # fmt: skip
        return {
            "requestContext": {
                "requestId": batch.request_id,
                "functionArn": self.mapping.function_arn,
                "condition": self.condition,
                "approximateInvokeCount": batch.attempts,
            },
            **answered,
            "version": "1.0",
            "timestamp": f"{self.now:%Y-%m-%dT%H:%M:%S}.{self.now.microsecond // 1000:03d}Z",
            "KinesisBatchInfo" if ":kinesis:" in str(self.mapping.source_arn) else "DDBStreamBatchInfo": self._info(),
            **({"timeWindowInfo": self.window} if self.window else {}),
        }

    def _info(self) -> dict[str, Any]:
        where = {"streamArn": self.mapping.source_arn}
        if not self.batch.records:
            return {"shardId": self.shard, **where}
        first, last = self.batch.records[0], self.batch.records[-1]
        return {
            "shardId": self.shard,
            "startSequenceNumber": first.sequence,
            "endSequenceNumber": last.sequence,
            "approximateArrivalOfFirstRecord": _iso(first.arrived),
            "approximateArrivalOfLastRecord": _iso(last.arrived),
            "batchSize": len(self.batch.records),
            **where,
        }


def _iso(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}Z"
