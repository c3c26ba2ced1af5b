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


def from_scheduler(text: str) -> str:
    """An expression of EventBridge Scheduler as a rule would have it: all that is tolerated there and not here.

    The Scheduler was recorded to take capital letters, a number and a unit that touch or do not agree, cron without a
    year, and at without seconds (September 2026). What is no expression stays as it is.
    """
    kind, bracket, inner = text.partition("(")
    text = kind.lower() + bracket + inner
    if found := re.fullmatch(r"rate\(([0-9]+) *(minute|hour|day)s?\)", text, re.IGNORECASE):
        text = f"rate({found[1]} {found[2].lower()}{'' if int(found[1]) == 1 else 's'})"
    text = re.sub(r"^cron\((\S+(?: +\S+){4})\)\Z", r"cron(\1 *)", text)
    return re.sub(r"^at\((.*T[0-9]{2}:[0-9]{2})\)\Z", r"at(\1:00)", text)


def next_time(schedule: Schedule, begun: datetime, after: datetime, zone: str = "UTC") -> datetime | None:
    """The first time of a schedule that began at `begun` after a moment, in UTC; None when there is none any more."""
    try:
        match schedule:
            case Rate():
                return _next_of_rate(schedule, begun, after)
            case Cron():
                return schedule.next_after(after, ZoneInfo(zone))
            case Once():
                at = schedule.local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
                return at if at > after else None
    except OverflowError:  # past the end of the calendar
        return None


def _next_of_rate(rate: Rate, begun: datetime, after: datetime) -> datetime:
    if after < begun:
        return begun
    times = (after - begun).total_seconds() // rate.seconds + 1
    return begun + timedelta(seconds=times * rate.seconds)


def _rate(text: str) -> Rate:
    found = re.fullmatch(r"([0-9]+) (minute|hour|day)(s?)", text)
    if found is None:
        raise ScheduleError(f"rate takes a number and minutes, hours or days, not {text!r}", len("rate(") + 1)
    number = max(int(found[1]), 1)
    right = f"{number} {found[2]}{'' if number == 1 else 's'}"
    if text != right:
        raise ScheduleError(f"write rate({right})", len("rate(") + 1)
    return Rate(number * UNITS[found[2]])


def _once(text: str) -> Once:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}", text):
            return Once(datetime.fromisoformat(text))
    except ValueError:  # such as the 31st of February
        pass
    raise ScheduleError(f"at takes a time such as 2026-11-25T09:00:00, not {text!r}", len("at(") + 1)
