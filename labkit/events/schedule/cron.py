"""cron(minutes hours day-of-month month day-of-week year), as EventBridge reads it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


class ScheduleError(ValueError):
    """An expression that is no schedule; `position` (from 1) is where in its text that shows."""

    def __init__(self, message: str, position: int):
        super().__init__(f"{message} (at character {position})")
        self.position = position


@dataclass(frozen=True)
class Field:
    """A field of the expression: its name, the bounds of its values, words for them, and signs it may have besides.

    `highest` is the last value that is taken where `*` ends before it; a range that `wraps` may go past the end.
    """

    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()
    signs: str = ""
    highest: int = 0
    wraps: bool = False


FIELDS = (
    Field("minutes", 0, 59),
    Field("hours", 0, 23, wraps=True),
    Field("day-of-month", 1, 31, signs="?LW"),
    Field("month", 1, 12, MONTHS),
    Field("day-of-week", 1, 7, DAYS, signs="?L#"),
    Field("year", 1970, 2199, highest=9999),  # a year past the documented range is taken, as recorded
)


@dataclass(frozen=True)
class Cron:
    """The times of an expression: values of each field, and what of the days is no plain value."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 1 is Sunday
    years: frozenset[int]
    special_days: tuple[str, ...]  # such as L, 15W
    special_weekdays: tuple[str, ...]  # such as L, 6L, 2#1

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first time of the schedule after a moment, in UTC; None when there is none any more.

        A time that a change to summer time skips is skipped; one that comes twice counts once.
        """
        local = moment.astimezone(zone)
        for day in self._days_from(local.date()):
            for hour, minute in product(self.hours, self.minutes):
                found = datetime.combine(day, time(hour, minute), zone)
                in_utc = found.astimezone(UTC)
                if in_utc > moment and in_utc.astimezone(zone).replace(tzinfo=None) == found.replace(tzinfo=None):
                    return in_utc
        return None

    def _days_from(self, first: date) -> Iterator[date]:
        for year in sorted(year for year in self.years if year >= first.year):
            for month in sorted(self.months):
                for day in range(1, calendar.monthrange(year, month)[1] + 1):
                    found = date(year, month, day)
                    if found >= first and self._wants(found):
                        yield found

    def _wants(self, day: date) -> bool:
        weekday = day.isoweekday() % 7 + 1
        last = calendar.monthrange(day.year, day.month)[1]
        return (day.day in self.days or any(_is_special_day(day, sign, last) for sign in self.special_days)) and (
            weekday in self.weekdays
            or any(_is_special_weekday(day, weekday, sign, last) for sign in self.special_weekdays)
        )


def parse_cron(text: str, offset: int = 0) -> Cron:
    """The schedule of six fields; `ScheduleError` says what is wrong with which, `offset` characters further on."""
    found = list(re.finditer(r"\S+", text))
    if len(found) != len(FIELDS):
        raise ScheduleError(
            f"cron has six fields ({', '.join(field.name for field in FIELDS)}); {len(found)} are given", offset + 1
        )
    texts = [(field, match[0].upper(), offset + match.start() + 1) for field, match in zip(FIELDS, found, strict=True)]
    _, day, where = texts[2]
    if (day == "?") == (texts[4][1] == "?"):
        raise ScheduleError("one of day-of-month and day-of-week is ?, and only one", where)
    minutes, hours, days, months, weekdays, years = (_values(field, text, where) for field, text, where in texts)
    special_days, special_weekdays = (
        tuple(part for part in text.split(",") if _has_sign(field, part)) for field, text, _ in (texts[2], texts[4])
    )
    return Cron(
        tuple(sorted(minutes)), tuple(sorted(hours)), days, months, weekdays, years, special_days, special_weekdays
    )


def _values(field: Field, text: str, where: int) -> frozenset[int]:
    """The values that a field's comma-separated parts stand for."""
    if text == "?":
        return frozenset(range(field.low, field.high + 1))
    found: set[int] = set()
    for part in text.split(","):
        found |= _part(field, part, where)
        where += len(part) + 1
    return frozenset(found)


def _part(field: Field, part: str, where: int) -> set[int]:
    if _has_sign(field, part):
        return _special(field, part, where)
    found = re.fullmatch(r"(\*|[^-/*]+)(?:-([^-/]+))?(?:/([0-9]+))?", part)
    if found is None:
        raise ScheduleError(f"{part!r} is no {field.name}", where)
    first, last, step = found.groups()
    low = field.low if first == "*" else _number(field, first, where)
    high = _number(field, last, where) if last else field.high if first == "*" or step else low
    if field.wraps and low > high:
        high += field.high + 1
    if low > high or step == "0":
        raise ScheduleError(f"{part!r} is no range of {field.name}: {field.low} to {field.high}, upwards", where)
    return {value % (field.high + 1) if field.wraps else value for value in range(low, high + 1, int(step or 1))}


def _has_sign(field: Field, part: str) -> bool:
    """Whether a part has one of the signs L, W and # that the field may have, besides the letters of its words."""
    return any(sign in part for sign in "LW#" if sign in field.signs)


def _number(field: Field, text: str, where: int) -> int:
    if text in field.words:
        return field.words.index(text) + field.low
    if not re.fullmatch("[0-9]+", text) or not field.low <= int(text) <= (field.highest or field.high):
        words = f" or {field.words[0]} to {field.words[-1]}" if field.words else ""
        raise ScheduleError(f"{field.name} is {field.low} to {field.high}{words}, not {text!r}", where)
    return int(text)


def _special(field: Field, part: str, where: int) -> set[int]:
    """Check a part with L, W or #; the days it means depend on the month."""
    number = "|".join(("[0-9]+", *field.words))
    form = rf"(L|LW|({number})W)" if "W" in field.signs else rf"(L|({number})L|({number})#[1-5])"
    found = re.fullmatch(form, part)
    if found is None:
        raise ScheduleError(f"{part!r} is no {field.name}", where)
    for text in filter(None, found.groups()[1:]):
        _number(field, text, where)
    return set()


def _is_special_day(day: date, sign: str, last: int) -> bool:
    if sign == "L":
        return day.day == last
    wanted = last if sign == "LW" else min(int(sign[:-1]), last)
    return day == _nearest_weekday(day.replace(day=wanted), last)


def _is_special_weekday(day: date, weekday: int, sign: str, last: int) -> bool:
    if sign == "L":
        return weekday == len(DAYS)
    name, _, number = sign.partition("#") if "#" in sign else (sign[:-1], "", "")
    if weekday != (DAYS.index(name) + 1 if name in DAYS else int(name)):
        return False
    return (day.day - 1) // 7 + 1 == int(number) if number else day.day > last - 7


def _nearest_weekday(day: date, last: int) -> date:
    """The day, or the working day nearest to it in the same month."""
    shift = {6: -1 if day.day > 1 else 2, 7: 1 if day.day < last else -2}.get(day.isoweekday(), 0)
    return day + timedelta(days=shift)
