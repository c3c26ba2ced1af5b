"""The pollers of an account: one for each event source mapping that is enabled, as the mappings change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from labkit.control_plane.store import EventSourceMapping
from labkit.events.polling.queue import QueuePoller
from labkit.events.polling.stream import StreamPoller
from labkit.events.polling.surroundings import Surroundings
from labkit.moto_bridge import sqs, streams
from labkit.runtime.function import Function

Poller = QueuePoller | StreamPoller


class Pollers:
    """Follows the mappings; `function(ARN)` is the function version that an ARN leads to."""

    def __init__(self, surroundings: Surroundings, function: Callable[[str], Function | None]):
        self._surroundings = surroundings
        self._function = function
        self._pollers: dict[str, Poller] = {}
        self._lock = threading.Lock()
        sqs.on_message(self._wake)
        streams.on_record(self._wake)

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
                function = self._function(mapping.function_arn)
                return StreamPoller(mapping, function.role if function else "", self._surroundings)
        return None

    def _wake(self, source_arn: str) -> None:
        for poller in self._of(source_arn):
            poller.wake()

    def _of(self, source_arn: str) -> Iterable[Poller]:
        with self._lock:
            return [poller for poller in self._pollers.values() if poller.source_arn == source_arn]
