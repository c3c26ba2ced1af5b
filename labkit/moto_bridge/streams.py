"""Kinesis streams and DynamoDB Streams as moto keeps them: when a record comes.

moto puts records into closed shards, moves those that a shard has when it is split, reads closed shards for ever, and
numbers records twice when requests come at the same time; that is mended here.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from moto.dynamodb.models.table import StreamShard
from moto.kinesis.models import KinesisBackend, Stream
from moto.kinesis.utils import decompose_shard_iterator


def on_record(tell: Callable[[str, str], None]) -> None:
    """Have `tell(stream ARN, event id)` called when a record has come into a stream, before it can be read."""
    lock = threading.RLock()

    def put_record(stream: Any, *arguments: Any, **named: Any) -> Any:
        with lock:
            sequence, shard = _put_record(stream, *arguments, **named)
            tell(stream.arn, f"{shard}:{sequence}")
        return sequence, shard

    def add(shard: Any, old: Any, new: Any) -> None:
        if old is not None and new is not None and old.to_json() == new.to_json():
            return  # writing an item as it is makes no record
        with lock:
            _add(shard, old, new)
            event_id = shard.items[-1].record["eventID"]
            tell(f"{shard.table.table_arn}/stream/{shard.table.latest_stream_label}", event_id)

    def alone(read: Callable[..., Any]) -> Any:
        """Reading during which no record comes."""

        def reading(*arguments: Any, **named: Any) -> Any:
            with lock:
                return read(*arguments, **named)

        return reading

    def without_records(change: Callable[..., None]) -> Any:
        """A change of shards during which they are empty, so that moto has nothing to move."""

        def changed(stream: Any, *shards: str) -> None:
            with lock:
                known = [stream.shards[name] for name in shards if name in stream.shards]
                kept = [shard.records for shard in known]
                for shard in known:
                    shard.records = OrderedDict()
                try:
                    change(stream, *shards)
                finally:
                    for shard, records in zip(known, kept, strict=True):
                        shard.records = records

        return changed

    Stream.put_record = put_record  # type: ignore[assignment]
    Stream.split_shard = without_records(_split_shard)  # type: ignore[method-assign]
    Stream.merge_shards = without_records(_merge_shards)  # type: ignore[method-assign]
    Stream.get_shard_for_key = _open_shard_for_key  # type: ignore[assignment]
    KinesisBackend.get_records = alone(_get_records_to_the_end)  # type: ignore[method-assign]
    StreamShard.get = alone(_get)  # type: ignore[method-assign]
    StreamShard.add = add  # type: ignore[assignment]


def _open_shard_for_key(stream: Any, partition_key: str, explicit_hash_key: str) -> Any:
    shards = {name: shard for name, shard in stream.shards.items() if shard.is_open}
    return _get_shard_for_key(SimpleNamespace(shards=shards), partition_key, explicit_hash_key)  # type: ignore[arg-type]


def _get_records_to_the_end(backend: Any, stream_arn: str | None, shard_iterator: str, limit: int | None) -> Any:
    """After the last record of a closed shard there is no next iterator."""
    following, records, behind = _get_records(backend, stream_arn, shard_iterator, limit)
    name, shard_id, last = decompose_shard_iterator(following)
    shard = backend.describe_stream(stream_arn=stream_arn, stream_name=name).get_shard(shard_id)
    ended = not shard.is_open and int(last) >= shard.get_max_sequence_number()
    return None if ended else following, records, behind


_put_record = Stream.put_record
_split_shard = Stream.split_shard
_merge_shards = Stream.merge_shards
_get_shard_for_key = Stream.get_shard_for_key
_get_records = KinesisBackend.get_records
_add = StreamShard.add
_get = StreamShard.get
