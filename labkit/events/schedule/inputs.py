"""What a schedule's target gets: the schedule's own text with its context attributes, or an event that tells its time.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html; the event as recorded
from AWS (September 2026), whose detail is a text.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

from labkit.events.schedule.schedules import StoredSchedule


def input_text(schedule: StoredSchedule, due: datetime, execution: str, attempt: int) -> str:
    """The text for one attempt at one time of a schedule."""
    text: str | None = schedule.target.get("Input")
    if text is None:
        return _event(schedule, due)
    attributes = {
        "schedule-arn": schedule.arn,
        "scheduled-time": iso(due),
        "execution-id": execution,
        "attempt-number": str(attempt),
    }
    for name, value in attributes.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def iso(moment: datetime) -> str:
    """A time as AWS writes it: `2026-11-25T09:00:00Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def _event(schedule: StoredSchedule, due: datetime) -> str:
    return json.dumps({
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": schedule.account,
        "time": iso(due),
        "region": schedule.region,
        "resources": [schedule.arn],
        "detail": "{}",
    })  # fmt: skip
