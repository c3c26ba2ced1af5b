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

from labkit.moto_bridge.replaced import around


def on_record(tell: Callable[[str, str], None]) -> None:
    """Have `tell(stream ARN, event id)` called when a record has come into a stream, before it can be read."""
    lock = threading.RLock()

    @around(Stream, "put_record")
    def put_record(original: Any, stream: Any, *arguments: Any, **named: Any) -> Any:
        with lock:
            sequence, shard = original(stream, *arguments, **named)
            tell(stream.arn, f"{shard}:{sequence}")
        return sequence, shard

    @around(StreamShard, "add")
    def add(original: Any, shard: Any, old: Any, new: Any) -> None:
        if old is not None and new is not None and old.to_json() == new.to_json():
            return  # writing an item as it is makes no record
        with lock:
            original(shard, old, new)
            event_id = shard.items[-1].record["eventID"]
            tell(f"{shard.table.table_arn}/stream/{shard.table.latest_stream_label}", event_id)

    @around(StreamShard, "get")
    def get(original: Any, *arguments: Any, **named: Any) -> Any:
        with lock:
            return original(*arguments, **named)

    @around(KinesisBackend, "get_records")
    def get_records(original: Any, *arguments: Any) -> Any:
        with lock:
            return _to_the_end(original, *arguments)

    @around(Stream, "split_shard")
    @around(Stream, "merge_shards")
    def without_records(original: Any, stream: Any, *shards: str) -> None:
        """A change of shards during which they are empty, so that moto has nothing to move."""
        with lock:
            known = [stream.shards[name] for name in shards if name in stream.shards]
            kept = [shard.records for shard in known]
            for shard in known:
                shard.records = OrderedDict()
            try:
                original(stream, *shards)
            finally:
                for shard, records in zip(known, kept, strict=True):
                    shard.records = records


@around(Stream, "get_shard_for_key")
def _open_shard_for_key(original: Any, stream: Any, partition_key: str, explicit_hash_key: str) -> Any:
    shards = {name: shard for name, shard in stream.shards.items() if shard.is_open}
    return original(SimpleNamespace(shards=shards), partition_key, explicit_hash_key)


def _to_the_end(get_records: Any, backend: Any, stream_arn: str | None, shard_iterator: str, limit: int | None) -> Any:
    """After the last record of a closed shard there is no next iterator."""
    following, records, behind = get_records(backend, stream_arn, shard_iterator, limit)
    name, shard_id, last = decompose_shard_iterator(following)
    shard = backend.describe_stream(stream_arn=stream_arn, stream_name=name).get_shard(shard_id)
    ended = not shard.is_open and int(last) >= shard.get_max_sequence_number()
    return None if ended else following, records, behind
