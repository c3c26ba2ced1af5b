"""A poller of a stream: each shard is read in order, and a batch that fails holds up what comes after it.

With a parallelization factor a shard has several lanes; records with the same key stay in one.
https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, with-ddb.html; failures as recorded from AWS.
"""

from __future__ import annotations

import logging
import threading
import zlib
from collections.abc import Sequence

from botocore.exceptions import ClientError

from labkit.control_plane.store import EventSourceMapping
from labkit.events.polling import filters
from labkit.events.polling.lane import Lane
from labkit.events.polling.shards import Stream, StreamRecord
from labkit.events.polling.surroundings import Surroundings

BATCHES_AHEAD = 2  # how many batches a lane holds before its shard is read on


class StreamPoller:
    """Polls one stream for one mapping; a record that comes wakes it."""

    def __init__(self, mapping: EventSourceMapping, role_arn: str, surroundings: Surroundings):
        self._surroundings = surroundings
        self._stream = Stream(mapping.source_arn or "", role_arn)
        self._lock = threading.Lock()
        self._polling = self._again = self._complained = False
        self._iterators: dict[str, str | None] = {}
        self._lanes: dict[str, list[Lane]] = {}
        self.follow(mapping)

    def follow(self, mapping: EventSourceMapping) -> None:
        """Go on as the mapping says, from where it was; or wait while it is disabled."""
        self._mapping = mapping
        self._wanted = filters.wanted(mapping.settings)
        self._closed = not mapping.enabled
        for lanes in self._lanes.values():
            for lane in lanes:
                lane.follow(mapping)
        if mapping.enabled:
            self._begin()

    def _begin(self) -> None:
        """Find the shards, and the place in each from which on records count."""
        try:
            client = self._client()
            for shard in self._stream.shards(client):
                if shard not in self._iterators:
                    self._iterators[shard] = self._stream.begin(client, shard, self._mapping.settings)
                    factor = int(self._mapping.settings["ParallelizationFactor"])
                    self._lanes[shard] = [Lane(self._mapping, shard, self._surroundings) for _ in range(factor)]
        except (ClientError, LookupError) as error:
            self._complain(error)

    def wake(self) -> None:
        """Read on soon."""
        with self._lock:
            self._again = True
            if self._polling or self._closed:
                return
            self._polling = True
        self._surroundings.agenda.at(self._surroundings.clock.time(), self._poll)

    def close(self) -> None:
        """Read nothing more, and begin no further batch."""
        self._closed = True
        for lanes in self._lanes.values():
            for lane in lanes:
                lane.close()

    @property
    def source_arn(self) -> str:
        """The stream that is polled."""
        return self._stream.arn

    def _poll(self) -> None:
        try:
            while self._goes_on():
                self._begin()  # shards that have come since
                for shard in self._iterators:
                    self._read(shard)
        except (ClientError, LookupError) as error:
            self._complain(error)
            with self._lock:
                self._polling = False

    def _goes_on(self) -> bool:
        with self._lock:
            again, self._again = self._again, False
            self._polling = again and not self._closed
            return self._polling

    def _read(self, shard: str) -> None:
        lanes = self._lanes[shard]
        most = int(self._mapping.settings["BatchSize"])
        while (iterator := self._iterators[shard]) is not None and all(
            lane.waiting() < BATCHES_AHEAD * most for lane in lanes
        ):
            found, self._iterators[shard] = self._stream.read(self._client(), shard, iterator, most)
            if not found:
                return
            self._give(lanes, [each for each in found if self._wanted(each.record)])

    def _give(self, lanes: Sequence[Lane], records: Sequence[StreamRecord]) -> None:
        for number, lane in enumerate(lanes):
            lane.take([each for each in records if zlib.crc32(each.key.encode()) % len(lanes) == number], self.wake)

    def _client(self) -> object:
        return self._surroundings.client(self._stream.service, self._mapping.function_arn)

    def _complain(self, error: Exception) -> None:
        if not self._complained:
            self._complained = True
            logging.getLogger("labkit").warning("the mapping of %s delivers nothing: %s", self._stream.arn, error)
