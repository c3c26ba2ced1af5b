"""The event sources that Lambda polls, as moto's SQS, Kinesis and DynamoDB keep them."""

from __future__ import annotations

from dataclasses import dataclass

from moto.dynamodb.models import dynamodb_backends
from moto.kinesis.models import kinesis_backends
from moto.sqs.models import sqs_backends


@dataclass(frozen=True)
class Source:
    """A queue or stream that exists. `visibility_timeout` is the queue's in seconds; a stream has none."""

    visibility_timeout: int | None = None


def find_source(arn: str) -> Source | None:
    """The queue, Kinesis stream or its consumer, or DynamoDB stream of this ARN; None when there is none."""
    _, _, service, region, account, name = arn.split(":", 5)
    match service:
        case "sqs":
            queue = sqs_backends[account][region].queues.get(name)
            return Source(int(queue.visibility_timeout)) if queue else None  # type: ignore[attr-defined]
        case "kinesis":
            streams = list(kinesis_backends[account][region].streams.values())
            found = any(arn == stream.arn or stream.get_consumer_by_arn(arn) for stream in streams)
            return Source() if found else None
        case _:
            tables = list(dynamodb_backends[account][region].tables.values())
            return Source() if any(arn == f"{t.table_arn}/stream/{t.latest_stream_label}" for t in tables) else None
