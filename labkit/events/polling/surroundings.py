"""What pollers of any source need of the account, and how much goes into one event."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from labkit import facts
from labkit.clock import Clock
from labkit.control_plane.store import EventSourceMapping
from labkit.events.agenda import Agenda
from labkit.events.asynchronous import Attempt
from labkit.records import MessageStep
from labkit.runtime.function import Function

Record = dict[str, Any]
LARGEST_EVENT = int(facts.QUOTAS["sync_request"].maximum)  # bytes


class Invoke(Protocol):
    """Runs a function and waits for it."""

    def __call__(
        self, function_arn: str, payload: bytes, source: str, request_id: str, trace: str | None = None
    ) -> Attempt: ...


@dataclass(frozen=True)
class Surroundings:
    """What pollers need of the account.

    `client(service, function ARN)` calls with the function's role; `report(mapping, result)` has a mapping tell how its
    last poll went; `tell` hears of each step of a message. `function(ARN)` is the version that an ARN leads to.
    `capacity` is how many environments this machine carries at once.
    """

    agenda: Agenda
    clock: Clock
    invoke: Invoke
    client: Callable[[str, str], Any]
    report: Callable[[EventSourceMapping, str], None]
    tell: Callable[[MessageStep], None]
    function: Callable[[str], Function | None]
    capacity: int


@dataclass(frozen=True)
class Telling:
    """Tells the steps of one mapping's messages; `name` is the source's."""

    surroundings: Surroundings
    name: str

    def __call__(self, step: str, messages: Iterable[str], mapping: EventSourceMapping, **more: Any) -> None:
        """Tell that something happened to these messages now, or at the `time` given."""
        time = more.pop("time", None) or self.surroundings.clock.time()
        function = mapping.function_arn.split(":")[6]
        for message in messages:
            self.surroundings.tell(MessageStep(message, self.name, step, time, function=function, **more))


def source_name(arn: str) -> str:
    """The name of a queue, stream or table by the ARN of what is polled."""
    return arn.split(":")[5].partition("/consumer/")[0].partition("/stream/")[0].rpartition("/")[2]


def error_text(attempt: Attempt) -> str:
    """The type and message of what a handler failed with; empty where there is none."""
    try:
        told = json.loads(attempt.payload)
    except ValueError:
        return ""
    return ": ".join(
        str(told[name]) for name in ("errorType", "errorMessage") if isinstance(told, dict) and name in told
    )


def that_fits(records: Sequence[Any], around: int, as_sent: Callable[[Any], Record]) -> int:
    """How many of the records an event may have bytes for, one at least; `around` is the size of the rest of it."""
    size = around
    for number, record in enumerate(records):
        size += len(json.dumps(as_sent(record))) + 2
        if size > LARGEST_EVENT and number:
            return number
    return len(records)
