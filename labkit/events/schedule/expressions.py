"""Schedules: rate(5 minutes), cron(0 9 * * ? *), and for EventBridge Scheduler at(2026-11-25T09:00:00)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from labkit.events.schedule.cron import Cron, ScheduleError, parse_cron

UNITS = {"minute": 60, "hour": 3600, "day": 86_400}  # seconds
FORMS = "rate(5 minutes), cron(0 9 * * ? *)"


@dataclass(frozen=True)
class Rate:
    """Every so many seconds, counted from when the schedule began."""

    seconds: int


@dataclass(frozen=True)
class Once:
    """One time, as a local one without a zone."""

    local: datetime


Schedule = Rate | Cron | Once


def parse_schedule(text: str) -> Schedule:
    """The schedule of an expression; `ScheduleError` says where and why it is none."""
    found = re.fullmatch(r"(\w+)\((.*)\)", text)
    kind, inner = found.groups() if found else ("", "")
    match kind:
        case "rate":
            return _rate(inner)
        case "cron":
            return parse_cron(inner, offset=len("cron("))
        case "at":
            return _once(inner)
    raise ScheduleError(f"{text!r} is no schedule; schedules look like {FORMS}", 1)


def next_time(schedule: Schedule, begun: datetime, after: datetime, zone: str = "UTC") -> datetime | None:
    """The first time of a schedule that began at `begun` after a moment, in UTC; None when there is none any more."""
    if isinstance(schedule, Rate):
        passed = max((after - begun).total_seconds(), 0)
        return begun + timedelta(seconds=(passed // schedule.seconds + 1) * schedule.seconds)
    if isinstance(schedule, Cron):
        return schedule.next_after(after, ZoneInfo(zone))
    at = schedule.local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return at if at > after else None


def _rate(text: str) -> Rate:
    found = re.fullmatch(r"(\d+) (minute|hour|day)(s?)", text)
    if found is None:
        raise ScheduleError(f"rate takes a number and minutes, hours or days, not {text!r}", len("rate(") + 1)
    number = max(int(found[1]), 1)
    right = f"{number} {found[2]}{'' if number == 1 else 's'}"
    if text != right:
        raise ScheduleError(f"write rate({right})", len("rate(") + 1)
    return Rate(number * UNITS[found[2]])


def _once(text: str) -> Once:
    try:
        return Once(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S"))
    except ValueError:
        raise ScheduleError(f"at takes a time such as 2026-11-25T09:00:00, not {text!r}", len("at(") + 1) from None
