"""The shards of a stream and their records, read as Lambda reads them: with the function's role."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.events.polling.surroundings import Record


@dataclass(frozen=True)
class StreamRecord:
    """A record as a function gets it; `arrived` is account time, `key` what decides on its lane."""

    sequence: str
    arrived: float
    key: str
    record: Record


@dataclass(frozen=True)
class Stream:
    """A stream by its ARN; `client` is boto3's, with the function's role."""

    arn: str
    role_arn: str

    @property
    def service(self) -> str:
        """The name of boto3's client for it."""
        return "kinesis" if ":kinesis:" in self.arn else "dynamodbstreams"

    def shards(self, client: Any) -> list[str]:
        """The ids of its shards."""
        if self.service == "kinesis":
            return [shard["ShardId"] for shard in client.list_shards(StreamARN=self.arn)["Shards"]]
        return [shard["ShardId"] for shard in client.describe_stream(StreamArn=self.arn)["StreamDescription"]["Shards"]]

    def begin(self, client: Any, shard: str, position: Mapping[str, Any]) -> str:
        """An iterator that begins where the mapping's StartingPosition says."""
        kind = {"ShardIteratorType": position["StartingPosition"]}
        if kind["ShardIteratorType"] == "AT_TIMESTAMP":
            kind["Timestamp"] = position["StartingPositionTimestamp"]
        named = {"StreamARN" if self.service == "kinesis" else "StreamArn": self.arn}
        return str(client.get_shard_iterator(ShardId=shard, **named, **kind)["ShardIterator"])

    def read(self, client: Any, shard: str, iterator: str, most: int) -> tuple[list[StreamRecord], str | None]:
        """At most so many records, and the next iterator; None at the end of a closed shard."""
        named = {"StreamARN": self.arn} if self.service == "kinesis" else {}
        answer = client.get_records(ShardIterator=iterator, Limit=most, **named)
        make = self._from_kinesis if self.service == "kinesis" else self._from_dynamodb
        return [make(shard, found) for found in answer["Records"]], answer.get("NextShardIterator")

    def _from_kinesis(self, shard: str, found: Mapping[str, Any]) -> StreamRecord:
        arrived = _seconds(found["ApproximateArrivalTimestamp"])
        sequence = found["SequenceNumber"]
        record = {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": found["PartitionKey"],
                "sequenceNumber": sequence,
                "data": base64.b64encode(found["Data"]).decode(),
                "approximateArrivalTimestamp": round(arrived, 3),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard}:{sequence}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": self.role_arn,
            "awsRegion": self.arn.split(":")[3],
            "eventSourceARN": self.arn,
        }
        return StreamRecord(sequence, arrived, found["PartitionKey"], record)

    def _from_dynamodb(self, shard: str, found: Mapping[str, Any]) -> StreamRecord:
        change = dict(found["dynamodb"])
        arrived = _seconds(change["ApproximateCreationDateTime"])
        change["ApproximateCreationDateTime"] = int(arrived)
        change = _as_json(change)
        record = {
            **{name: found[name] for name in ("eventID", "eventName", "eventVersion", "eventSource")},
            "awsRegion": self.arn.split(":")[3],
            "dynamodb": change,
            "eventSourceARN": self.arn,
        }
        return StreamRecord(change["SequenceNumber"], arrived, str(change["Keys"]), record)


def _seconds(moment: datetime | float) -> float:
    return moment.timestamp() if isinstance(moment, datetime) else float(moment)


def _as_json(value: Any) -> Any:
    """Binary values as base64 text, as events have them."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {name: _as_json(each) for name, each in value.items()}
    if isinstance(value, (list, set, tuple)):
        return [_as_json(each) for each in value]
    return value
