"""A poller of a stream: each shard is read in order, and a batch that fails holds up what comes after it.

With a parallelization factor a shard has several lanes; records with the same key stay in one. A shard that others were
split or merged into is begun when all of theirs is done.
https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, with-ddb.html; failures as recorded from AWS.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from labkit.control_plane.store import EventSourceMapping
from labkit.events.polling import filters
from labkit.events.polling.alarm import Looks
from labkit.events.polling.lane import Lane
from labkit.events.polling.shards import Shard, Stream, StreamRecord
from labkit.events.polling.surroundings import Surroundings, Telling, source_name
from labkit.events.polling.trouble import Trouble

BATCHES_AHEAD = 2  # how many batches a lane holds before its shard is read on
OLDEST = {"StartingPosition": "TRIM_HORIZON"}


@dataclass
class Reading:
    """How far a shard has been read, None when it has been to its end, and the lanes that have its records."""

    shard: Shard
    iterator: str | None
    lanes: Sequence[Lane]

    @property
    def is_done(self) -> bool:
        """Whether the shard has ended and all its records are done."""
        return self.iterator is None and all(lane.is_idle for lane in self.lanes)


class StreamPoller:
    """Polls one stream for one mapping; a record that comes wakes it."""

    def __init__(self, mapping: EventSourceMapping, surroundings: Surroundings):
        self._surroundings = surroundings
        function = surroundings.function(mapping.function_arn)
        self._stream = Stream(mapping.source_arn or "", function.role if function else "")
        self.source_arn = self._stream.read_arn
        self._telling = Telling(surroundings, source_name(self.source_arn))
        self._looks = Looks(surroundings.agenda, surroundings.clock, self._look)
        self._trouble = Trouble(self._stream.arn, surroundings.clock, self._looks.at)
        self._readings: dict[str, Reading] = {}
        self._finding = threading.Lock()
        self._begun = False
        self.follow(mapping)

    def follow(self, mapping: EventSourceMapping) -> None:
        """Go on as the mapping says, from where it was; or wait while it is disabled."""
        self._mapping = mapping
        self._wanted = filters.wanted(mapping.settings)
        self._closed = not mapping.enabled
        for lane in self._lanes():
            lane.follow(mapping)
        if mapping.enabled:
            try:
                self._find_shards()
            except (ClientError, LookupError) as error:
                self._trouble.begins(error)

    def wake(self) -> None:
        """Read on soon."""
        self._looks.wake()

    def close(self) -> None:
        """Read nothing more, and begin no further batch."""
        self._closed = True
        for lane in self._lanes():
            lane.close()

    def _lanes(self) -> list[Lane]:
        return [lane for reading in list(self._readings.values()) for lane in reading.lanes]

    def _find_shards(self) -> None:
        """Begin where the mapping says with the shards that are there at first, and with all of those that come."""
        client = self._client()
        with self._finding:
            position = OLDEST if self._begun else self._mapping.settings
            for shard in self._stream.shards(client):
                if shard.id not in self._readings:
                    iterator = self._stream.begin(client, shard.id, position)
                    factor = int(self._mapping.settings["ParallelizationFactor"])
                    lanes = [self._lane(shard.id) for _ in range(factor)]
                    self._readings[shard.id] = Reading(shard, iterator, lanes)
            self._begun = True

    def _lane(self, shard: str) -> Lane:
        return Lane(self._mapping, shard, self._surroundings, self._telling, self.wake)

    def _look(self) -> None:
        """Read all shards as far as there is room."""
        if self._closed:
            return
        try:
            self._find_shards()
            for reading in list(self._readings.values()):
                if self._may_begin(reading.shard):
                    self._read(reading)
            self._trouble.is_over()
        except (ClientError, LookupError) as error:
            self._trouble.begins(error)

    def _may_begin(self, shard: Shard) -> bool:
        return all(parent not in self._readings or self._readings[parent].is_done for parent in shard.parents)

    def _read(self, reading: Reading) -> None:
        most = int(self._mapping.settings["BatchSize"])
        while reading.iterator is not None and all(lane.waiting() < BATCHES_AHEAD * most for lane in reading.lanes):
            found, reading.iterator = self._stream.read(self._client(), reading.shard.id, reading.iterator, most)
            self._give(reading.lanes, found)
            if reading.iterator is None:
                for lane in reading.lanes:
                    lane.finish()
                self.wake()  # others may begin now
            elif not found:
                return

    def _give(self, lanes: Sequence[Lane], records: Sequence[StreamRecord]) -> None:
        self._telling("received", [each.id for each in records], self._mapping)
        wanted = [each for each in records if self._wanted(each.record)]
        self._telling("filtered out", [each.id for each in records if each not in wanted], self._mapping)
        for number, lane in enumerate(lanes):
            lane.take([each for each in wanted if zlib.crc32(each.key.encode()) % len(lanes) == number])

    def _client(self) -> Any:
        return self._surroundings.client(self._stream.service, self._mapping.function_arn)
