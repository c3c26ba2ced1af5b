"""The schedules of EventBridge Scheduler in their groups, as an account holds them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from labkit import facts
from labkit.events.schedule.expressions import Once, Schedule, from_scheduler, next_time, parse_schedule

DEFAULT_GROUP = "default"
DEFAULTS = {
    "ActionAfterCompletion": "NONE",
    "GroupName": DEFAULT_GROUP,
    "ScheduleExpressionTimezone": "UTC",
    "State": "ENABLED",
}
RETRY_POLICY = {
    "MaximumEventAgeInSeconds": facts.QUOTAS["scheduler_event_age"].maximum,
    "MaximumRetryAttempts": facts.QUOTAS["scheduler_retries"].maximum,
}
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class StoredSchedule:
    """A schedule. `settings` are the arguments of CreateSchedule with the service's defaults; times are account time.

    `token` is the ClientToken of the request that made it.
    """

    name: str
    region: str
    account: str
    settings: Mapping[str, Any]
    created: float
    modified: float
    token: str | None

    @property
    def arn(self) -> str:
        """`arn:aws:scheduler:REGION:ACCOUNT:schedule/GROUP/NAME`."""
        return f"arn:aws:scheduler:{self.region}:{self.account}:schedule/{self.settings['GroupName']}/{self.name}"

    @property
    def target(self) -> Mapping[str, Any]:
        """What is called: its ARN, role, input, retry policy and dead-letter queue."""
        return self.settings["Target"]  # type: ignore[no-any-return]

    @property
    def window(self) -> float:
        """How many seconds after its time it may call its target."""
        return 60.0 * float(self.settings["FlexibleTimeWindow"].get("MaximumWindowInMinutes") or 0)

    @property
    def end(self) -> datetime | None:
        """Before when it runs, where that is set and its expression recurs."""
        return None if isinstance(self.expression, Once) else self.settings.get("EndDate")

    @cached_property
    def expression(self) -> Schedule:
        """What its expression means."""
        return parse_schedule(from_scheduler(self.settings["ScheduleExpression"]))

    def first_time(self) -> datetime | None:
        """Its first time since it is as it is now; a rate begins at once, or at the StartDate."""
        return self.next_time(datetime.fromtimestamp(self.modified, UTC) - MOMENT)

    def next_time(self, after: datetime) -> datetime | None:
        """Its first time after a moment, None when there is none; StartDate and EndDate bound what recurs."""
        if not isinstance(self.expression, Once):
            after = max(after, self._begun - MOMENT)
        due = next_time(self.expression, self._begun, after, self.settings["ScheduleExpressionTimezone"])
        return None if due is None or (self.end is not None and due >= self.end) else due

    @property
    def _begun(self) -> datetime:
        start: datetime | None = self.settings.get("StartDate")
        return start or datetime.fromtimestamp(self.modified, UTC)


@dataclass
class Group:
    """A group of schedules by their names; the one called default is there from the beginning, without a date."""

    name: str
    arn: str
    created: float | None = None
    token: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    schedules: dict[str, StoredSchedule] = field(default_factory=dict)


class Groups:
    """The groups of all regions. `lock` is held while they are changed."""

    def __init__(self, account: str):
        self.account = account
        self.lock = threading.RLock()
        self._regions: dict[str, dict[str, Group]] = {}

    def of(self, region: str) -> dict[str, Group]:
        """The groups of a region by their names."""
        with self.lock:
            if region not in self._regions:
                self._regions[region] = {DEFAULT_GROUP: Group(DEFAULT_GROUP, self.arn(region, DEFAULT_GROUP))}
            return self._regions[region]

    def arn(self, region: str, name: str) -> str:
        """`arn:aws:scheduler:REGION:ACCOUNT:schedule-group/NAME`."""
        return f"arn:aws:scheduler:{region}:{self.account}:schedule-group/{name}"

    def has(self, schedule: StoredSchedule) -> bool:
        """Whether the schedule is still there, and as it was."""
        with self.lock:
            group = self.of(schedule.region).get(schedule.settings["GroupName"])
            return group is not None and group.schedules.get(schedule.name) is schedule

    def remove(self, schedule: StoredSchedule) -> None:
        """Delete the schedule, unless it has changed or gone meanwhile."""
        with self.lock:
            if self.has(schedule):
                del self.of(schedule.region)[schedule.settings["GroupName"]].schedules[schedule.name]

    def clear(self) -> None:
        """Forget all."""
        with self.lock:
            self._regions.clear()


def with_defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a schedule from the arguments of a request; dates, which have no zone there, are in UTC."""
    known = {name: value for name, value in given.items() if value is not None and name not in ("Name", "ClientToken")}
    dates: dict[str, Any] = {
        name: known[name].replace(tzinfo=UTC) for name in ("StartDate", "EndDate") if name in known
    }
    retries = RETRY_POLICY | (known["Target"].get("RetryPolicy") or {})
    return {**DEFAULTS, **known, **dates, "Target": {**known["Target"], "RetryPolicy": retries}}
