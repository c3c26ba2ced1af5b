"""The shards of a stream and their records, read as Lambda reads them: with the function's role.

A consumer (enhanced fan-out) is read like its stream. Lambda takes apart what the Kinesis Producer Library aggregated
for a consumer; the kit leaves that to the function, as Lambda does without a consumer.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.events.polling.surroundings import Record

AGGREGATED = b"\xf3\x89\x9a\xc2"  # how a record of the Kinesis Producer Library begins that holds several


@dataclass(frozen=True)
class StreamRecord:
    """A record as a function gets it; `arrived` is account time, `key` what decides on its lane."""

    sequence: str
    arrived: float
    key: str
    record: Record

    @property
    def id(self) -> str:
        """Its event id."""
        return str(self.record["eventID"])


@dataclass(frozen=True)
class Shard:
    """A shard and those that were split or merged into it."""

    id: str
    parents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stream:
    """A stream, or a consumer of one, by its ARN."""

    arn: str
    role_arn: str

    @property
    def service(self) -> str:
        """The name of boto3's client for it."""
        return "kinesis" if ":kinesis:" in self.arn else "dynamodbstreams"

    @property
    def read_arn(self) -> str:
        """The ARN of the stream, also for a consumer."""
        return self.arn.partition("/consumer/")[0]

    def shards(self, client: Any) -> list[Shard]:
        """Its shards, closed ones too."""
        if self.service == "dynamodbstreams":
            found = client.describe_stream(StreamArn=self.arn)["StreamDescription"]["Shards"]
        elif self.arn == self.read_arn:
            pages = client.get_paginator("describe_stream").paginate(StreamARN=self.arn)
            found = [shard for page in pages for shard in page["StreamDescription"]["Shards"]]
        else:
            pages = client.get_paginator("list_shards").paginate(StreamARN=self.read_arn)
            found = [shard for page in pages for shard in page["Shards"]]
        return [
            Shard(
                each["ShardId"],
                tuple(each[name] for name in ("ParentShardId", "AdjacentParentShardId") if name in each),
            )
            for each in found
        ]

    def begin(self, client: Any, shard: str, position: Mapping[str, Any]) -> str:
        """An iterator that begins where a StartingPosition says."""
        kind = {"ShardIteratorType": position["StartingPosition"]}
        if kind["ShardIteratorType"] == "AT_TIMESTAMP":
            kind["Timestamp"] = position["StartingPositionTimestamp"]
        named = {"StreamARN" if self.service == "kinesis" else "StreamArn": self.read_arn}
        return str(client.get_shard_iterator(ShardId=shard, **named, **kind)["ShardIterator"])

    def read(self, client: Any, shard: str, iterator: str, most: int) -> tuple[list[StreamRecord], str | None]:
        """At most so many records, and the next iterator; None at the end of a closed shard."""
        named = {"StreamARN": self.read_arn} if self.service == "kinesis" else {}
        answer = client.get_records(ShardIterator=iterator, Limit=most, **named)
        make = self._from_kinesis if self.service == "kinesis" else self._from_dynamodb
        return [make(shard, found) for found in answer["Records"]], answer.get("NextShardIterator")

    def _from_kinesis(self, shard: str, found: Mapping[str, Any]) -> StreamRecord:
        arrived = _seconds(found["ApproximateArrivalTimestamp"])
        sequence = found["SequenceNumber"]
        if self.arn != self.read_arn and found["Data"].startswith(AGGREGATED):
            _warn_of_aggregate(shard, sequence)
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
            **{name: found[name] for name in ("eventID", "eventName")},
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": self.arn.split(":")[3],
            "dynamodb": change,
            "eventSourceARN": self.arn,
        }
        return StreamRecord(change["SequenceNumber"], arrived, str(change["Keys"]), record)


def _warn_of_aggregate(shard: str, sequence: str) -> None:
    logging.getLogger("labkit").warning(
        "record %s of %s was aggregated by the Kinesis Producer Library: for a consumer with enhanced fan-out Lambda "
        "would take it apart; labkit hands it over as it is.",
        sequence, shard,
    )  # fmt: skip


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
