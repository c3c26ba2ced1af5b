"""Lab: a nightly job that is for the night it was scheduled for, and does no harm when it comes twice."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from labkit.labs.deployed import when_deployed
from labkit.labs.functions import call
from labkit.labs.report import Criterion

NAME = "nightly"
FORM = "%Y-%m-%dT%H:%M:%SZ"
EVENTS = 3

FIRST = "It sends when nothing was sent yet."
DAY = "The day is that for which it was scheduled, not that on which it runs."
AGAIN = "It sends nothing when this night was done already, and sends for the next one."


@when_deployed(NAME, FIRST, DAY, AGAIN)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether first runs send, the day is the scheduled one, and a repeated run sends nothing."""
    nights = [_night(draw) for _ in range(EVENTS)]
    first = [_event(night, None) for night in nights]
    again = [_event(night, night - timedelta(days=days)) for night in nights for days in (0, 1, 3)]
    return (
        _judged(FIRST, "send", first),
        _judged(DAY, "day", [*first, *again]),
        _judged(AGAIN, "send", again),
    )


def _night(draw: random.Random) -> datetime:
    return datetime(2026, draw.randrange(1, 13), draw.randrange(1, 28), 21, draw.randrange(60), tzinfo=UTC)


def _event(scheduled: datetime, last: datetime | None) -> dict[str, Any]:
    return {"scheduled": scheduled.strftime(FORM), "last": last.strftime(FORM) if last else None}


def right(event: dict[str, Any]) -> dict[str, Any]:
    """What to do: send unless the last night that was done is this one."""
    return {"send": event["last"] != event["scheduled"], "day": event["scheduled"][:10]}


def _judged(asked: str, key: str, events: list[dict[str, Any]]) -> Criterion:
    for event in events:
        answer, wanted = call(NAME, event), right(event)[key]
        given = answer.result.get(key) if isinstance(answer.result, dict) else None
        if answer.error or given != wanted:
            return Criterion(asked, False, f"For {json.dumps(event)} it {answer}; {key} is {json.dumps(wanted)}.")
    return Criterion(asked, True, f"It was right for {len(events)} runs.")
