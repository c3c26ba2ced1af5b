"""What pollers of any source need of the account, and how much goes into one event."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit import facts
from labkit.clock import Clock
from labkit.control_plane.store import EventSourceMapping
from labkit.events.agenda import Agenda
from labkit.events.asynchronous import Attempt

Record = dict[str, Any]
Invoke = Callable[[str, bytes, str, str | None], Attempt]  # function ARN, payload, source, trace
AROUND = 20  # bytes of {"Records": []} and more


@dataclass(frozen=True)
class Surroundings:
    """What pollers need of the account.

    `invoke` runs a function and waits; `client(service, function ARN)` calls with the function's role; `report(mapping,
    result)` has it tell how its last poll went.
    """

    agenda: Agenda
    clock: Clock
    invoke: Invoke
    client: Callable[[str, str], Any]
    report: Callable[[EventSourceMapping, str], None]


def that_fits(records: list[Record]) -> tuple[list[Record], list[Record]]:
    """As many of the records as an event may have bytes for, and the rest."""
    size, most = AROUND, int(facts.QUOTAS["sync_request"].maximum)
    for number, record in enumerate(records):
        size += len(json.dumps(record)) + 2
        if size > most and number:
            return records[:number], records[number:]
    return records, []
