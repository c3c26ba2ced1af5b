"""The pollers of an account: one for each event source mapping that is enabled, as the mappings change."""

from __future__ import annotations

import threading

from labkit.control_plane.store import EventSourceMapping
from labkit.events.polling.queue import QueuePoller
from labkit.events.polling.stream import StreamPoller
from labkit.events.polling.surroundings import Surroundings, source_name
from labkit.moto_bridge import sqs, streams
from labkit.records import STEPS, MessageStep

Poller = QueuePoller | StreamPoller


class Pollers:
    """Follows the mappings."""

    def __init__(self, surroundings: Surroundings):
        self._surroundings = surroundings
        self._pollers: dict[str, Poller] = {}
        self._lock = threading.Lock()
        sqs.on_change(self._on_message)
        streams.on_record(self._on_record)

    def change(self, before: EventSourceMapping | None, after: EventSourceMapping | None) -> None:
        """Hear of a mapping that was created, changed or deleted."""
        if after is None:
            if before is not None:
                self._end(before)
            return
        with self._lock:
            poller = self._pollers.get(after.uuid)
        if poller is not None:
            poller.follow(after)
        else:
            poller = self._made(after)
        if poller is not None:
            with self._lock:
                self._pollers[after.uuid] = poller
            poller.wake()

    def _end(self, mapping: EventSourceMapping) -> None:
        with self._lock:
            poller = self._pollers.pop(mapping.uuid, None)
        if poller is not None:
            poller.close()

    def clear(self) -> None:
        """End all pollers."""
        with self._lock:
            ending = list(self._pollers.values())
            self._pollers.clear()
        for poller in ending:
            poller.close()

    def _made(self, mapping: EventSourceMapping) -> Poller | None:
        match (mapping.source_arn or "").split(":")[2:3]:
            case ["sqs"]:
                return QueuePoller(mapping, self._surroundings)
            case ["kinesis"] | ["dynamodb"]:
                return StreamPoller(mapping, self._surroundings)
        return None

    def _on_message(self, change: sqs.Change) -> None:
        if change.what in STEPS:
            self._tell(change.message, change.queue_arn, change.what, change.received)
        if change.what in ("sent", "dead-lettered", "visibility changed"):
            self._wake(change.queue_arn)

    def _on_record(self, stream_arn: str, event_id: str) -> None:
        self._tell(event_id, stream_arn, "sent", 0)
        self._wake(stream_arn)

    def _tell(self, message: str, source_arn: str, step: str, count: int) -> None:
        now = self._surroundings.clock.time()
        self._surroundings.tell(MessageStep(message, source_name(source_arn), step, now, count))

    def _wake(self, source_arn: str) -> None:
        with self._lock:
            polling = [poller for poller in self._pollers.values() if poller.source_arn == source_arn]
        for poller in polling:
            poller.wake()
