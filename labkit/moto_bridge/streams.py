"""Kinesis streams and DynamoDB Streams as moto keeps them: when a record comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.dynamodb.models.table import StreamShard
from moto.kinesis.models import Stream


def on_record(tell: Callable[[str], None]) -> None:
    """Have `tell(stream ARN)` called when a record has come into a stream."""

    def put_record(stream: Any, *arguments: Any, **named: Any) -> Any:
        result = _put_record(stream, *arguments, **named)
        tell(stream.arn)
        return result

    def add(shard: Any, old: Any, new: Any) -> None:
        if old is not None and new is not None and old.to_json() == new.to_json():
            return  # writing an item as it is makes no record
        _add(shard, old, new)
        tell(f"{shard.table.table_arn}/stream/{shard.table.latest_stream_label}")

    Stream.put_record = put_record  # type: ignore[assignment]
    StreamShard.add = add  # type: ignore[assignment]


_put_record = Stream.put_record
_add = StreamShard.add
