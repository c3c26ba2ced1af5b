"""Schedule expressions: their times, through changes of summer time too, and where they are wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.events.schedule.cron import ScheduleError
from labkit.events.schedule.expressions import next_time, parse_schedule

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday


def times(expression, count=3, after=NOON, zone="UTC"):
    schedule, found = parse_schedule(expression), []
    while len(found) < count:
        after = next_time(schedule, NOON, after, zone)
        if after is None:
            break
        found.append(f"{after:%Y-%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(1 minute)", ["2026-11-25 12:01", "2026-11-25 12:02", "2026-11-25 12:03"]),
        ("rate(2 days)", ["2026-11-27 12:00", "2026-11-29 12:00", "2026-12-01 12:00"]),
        ("cron(0 9 * * ? *)", ["2026-11-26 09:00", "2026-11-27 09:00", "2026-11-28 09:00"]),
        ("cron(15 12 * * ? *)", ["2026-11-25 12:15", "2026-11-26 12:15", "2026-11-27 12:15"]),
        ("cron(0 18 ? * MON-FRI *)", ["2026-11-25 18:00", "2026-11-26 18:00", "2026-11-27 18:00"]),
        ("cron(0 8 1 * ? *)", ["2026-12-01 08:00", "2027-01-01 08:00", "2027-02-01 08:00"]),
        ("cron(0/20 12 ? * 4 *)", ["2026-11-25 12:20", "2026-11-25 12:40", "2026-12-02 12:00"]),
        ("cron(0 0 L * ? *)", ["2026-11-30 00:00", "2026-12-31 00:00", "2027-01-31 00:00"]),
        ("cron(0 0 ? * 6L *)", ["2026-11-27 00:00", "2026-12-25 00:00", "2027-01-29 00:00"]),
        ("cron(0 0 ? * TUE#2 *)", ["2026-12-08 00:00", "2027-01-12 00:00", "2027-02-09 00:00"]),
        ("cron(0 0 15W * ? *)", ["2026-12-15 00:00", "2027-01-15 00:00", "2027-02-15 00:00"]),
        ("cron(0 0 1W 8 ? 2026-2028)", ["2027-08-02 00:00", "2028-08-01 00:00"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"]),
        ("cron(0 0 1 JAN,JUL ? 2027)", ["2027-01-01 00:00", "2027-07-01 00:00"]),
        ("at(2026-12-24T18:00:00)", ["2026-12-24 18:00"]),
        ("at(2026-11-24T18:00:00)", []),
        ("cron(0 0 30 2 ? *)", []),
    ],
)
def test_the_next_times(expression, expected):
    assert times(expression) == expected


def test_a_time_that_summer_time_skips_is_skipped_and_one_that_comes_twice_counts_once():
    spring = datetime(2026, 3, 7, 12, tzinfo=UTC)
    assert times("cron(30 2 * * ? *)", 2, spring, "America/New_York") == ["2026-03-09 06:30", "2026-03-10 06:30"]
    autumn = datetime(2026, 10, 31, 12, tzinfo=UTC)
    assert times("cron(30 1 * * ? *)", 2, autumn, "America/New_York") == ["2026-11-01 05:30", "2026-11-02 06:30"]


def test_a_local_time_is_the_same_all_year():
    zone = ZoneInfo("Europe/Berlin")
    schedule, after = parse_schedule("cron(0 9 1 * ? *)"), NOON
    for _ in range(12):
        after = next_time(schedule, NOON, after, "Europe/Berlin")
        assert after.astimezone(zone).hour == 9


@pytest.mark.parametrize(
    ("expression", "position", "word"),
    [
        ("every day", 1, "no schedule"),
        ("rate(0 minutes)", 6, "rate(1 minute)"),
        ("rate(1 minutes)", 6, "rate(1 minute)"),
        ("rate(5 minute)", 6, "rate(5 minutes)"),
        ("rate(5 weeks)", 6, "minutes, hours or days"),
        ("cron(0 9 * * ?)", 6, "six fields"),
        ("cron(0 9 * * * *)", 10, "one of day-of-month and day-of-week"),
        ("cron(60 9 * * ? *)", 6, "minutes is 0 to 59"),
        ("cron(0,75 9 * * ? *)", 8, "minutes is 0 to 59"),
        ("cron(0 9 ? * FUN *)", 14, "SUN to SAT"),
        ("cron(0 9-5 * * ? *)", 8, "upwards"),
        ("cron(0 9 ? * 2#6 *)", 14, "no day-of-week"),
        ("at(tomorrow)", 4, "2026-11-25T09:00:00"),
    ],
)
def test_an_error_names_the_place(expression, position, word):
    with pytest.raises(ScheduleError) as refused:
        parse_schedule(expression)
    assert refused.value.position == position and word in str(refused.value)


FIELD = st.text("0123456789*?/-,LW#MONJAN", min_size=1, max_size=6)


@given(st.lists(FIELD, min_size=6, max_size=6))
def test_no_expression_is_an_accident(fields):
    try:
        schedule = parse_schedule(f"cron({' '.join(fields)})")
    except ScheduleError:
        return
    found = next_time(schedule, NOON, NOON)
    assert found is None or found > NOON


@given(st.integers(1, 500), st.sampled_from(["minute", "hour", "day"]), st.integers(0, 10**7))
def test_a_rate_keeps_its_distance_from_when_it_began(number, unit, seconds):
    schedule = parse_schedule(f"rate({number} {unit}{'s' if number > 1 else ''})")
    after = NOON + timedelta(seconds=seconds)
    found = next_time(schedule, NOON, after)
    assert after < found <= after + timedelta(seconds=schedule.seconds)
    assert (found - NOON).total_seconds() % schedule.seconds == 0
