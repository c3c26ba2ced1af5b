"""Schedule expressions: their times, through changes of summer time too, and where they are wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.events.schedule.cron import ScheduleError
from labkit.events.schedule.expressions import from_scheduler, next_time, parse_schedule

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
        ("cron(0 9 ? * MON-WED *)", ["2026-11-30 09:00", "2026-12-01 09:00", "2026-12-02 09:00"]),
        ("cron(0 9 1,15W * ? 2027)", ["2027-01-01 09:00", "2027-01-15 09:00", "2027-02-01 09:00"]),
        ("cron(0 9 ? * MON,6L 2027)", ["2027-01-04 09:00", "2027-01-11 09:00", "2027-01-18 09:00"]),
        ("cron(0 20-2/3 * * ? *)", ["2026-11-25 20:00", "2026-11-25 23:00", "2026-11-26 02:00"]),
        ("cron(0 20 25 11 ? 2500)", ["2500-11-25 20:00"]),
        ("rate(9999999999999 days)", []),
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
        ("cron(9-5 0 * * ? *)", 6, "upwards"),
        ("cron(0 9 ² * ? *)", 10, "day-of-month is 1 to 31"),
        ("cron(0 9 ? * 2#6 *)", 14, "no day-of-week"),
        ("at(tomorrow)", 4, "2026-11-25T09:00:00"),
        ("at(2026-1-5T9:0:0)", 4, "2026-11-25T09:00:00"),
        ("at(2026-02-31T09:00:00)", 4, "2026-11-25T09:00:00"),
    ],
)
def test_an_error_names_the_place(expression, position, word):
    with pytest.raises(ScheduleError) as refused:
        parse_schedule(expression)
    assert refused.value.position == position and word in str(refused.value)


RULES_REFUSE = [  # recorded, December 2024 to February 2025, and September 2026
    "rate(10 seconds)", "rate(10 years)", "rate(1 minutes)", "rate(1 hours)", "rate(1 days)", "rate(10 minute)",
    "rate(10 hour)", "rate(10 day)", "rate()", "rate(10)", "rate(10 minutess)", "rate(foo minutes)", "rate(0 minutes)",
    "rate(-10 minutes)", "rate(10 MINUTES)", "rate( 10 minutes )", " rate(10 minutes)", "cron(0 1 * * * *)",
    "cron(7 20 * * NOT *)", "cron(INVALID)", "cron(0 dummy ? * MON-FRI *)", "cron(71 8 1 * ? *)", "cron(0 0 1#2 * ? *)",
]  # fmt: skip
RULES_TAKE = [
    "cron(0 2 ? * SAT *)", "cron(0 12 * * ? *)", "cron(5,35 14 * * ? *)", "cron(15 10 ? * 6L 2002-2005)",
    "cron(0 2 ? * SAT#3 *)", "cron(* * ? * SAT#3 *)", "cron(0/5 5 ? JAN 1-5 2022)", "cron(0 10 * * ? *)",
    "cron(15 12 * * ? *)", "cron(0 18 ? * MON-FRI *)", "cron(0 8 1 * ? *)", "cron(0/15 * * * ? *)",
    "cron(0/10 * ? * MON-FRI *)", "cron(0/5 8-17 ? * MON-FRI *)", "cron(0/30 20-23 ? * MON-FRI *)",
    "cron(0/30 0-2 ? * MON-FRI *)",
]  # fmt: skip
THE_SCHEDULER_REFUSES = [
    "rate(10 seconds)", "rate(1 week)", "rate(10 years)", "rate()", "rate(10)", "rate(10 minutess)",
    "rate(foo minutes)", "rate(0 minute)", "rate(-10 minutes)", "rate(1.5 minutes)", "rate( 10 minutes )",
    " rate(10 minutes)", "cron(0 1 * * * *)", "cron(* * * * * *)", "cron(7 20 * * NOT *)", "cron(INVALID)",
    "cron(0 dummy ? * MON-FRI *)", "cron(71 8 1 * ? *)", "cron()", "cron(0 9 * *)", "cron(0 9 * * ? * *)",
    "cron(60 9 * * ? *)", "cron(0 24 * * ? *)", "cron(0 9 0 * ? *)", "cron(0 9 32 * ? *)", "cron(0 9 1 0 ? *)",
    "cron(0 9 1 13 ? *)", "cron(0 9 ? * 0 *)", "cron(0 9 ? * 8 *)", "cron(0 9 ? * 2#0 *)", "cron(0 9 ? * 2#6 *)",
    "cron(0 9 ? * ? *)", "at(2021-12-31T23:59:59Z)", "at(2021-12-31)", "at(2026-09-08T03:54:26.439)",
    "at(2030-01-01 00:00:00)",
]  # fmt: skip
THE_SCHEDULER_TAKES = {  # beyond what rules take, and what it is
    "AT(2030-01-01T00:00:00)": "at(2030-01-01T00:00:00)",
    "at(2030-01-01T00:00)": "at(2030-01-01T00:00:00)",
    "RATE(2 minutes)": "rate(2 minutes)",
    "rate(1 minutes)": "rate(1 minute)",
    "rate(2 minute)": "rate(2 minutes)",
    "rate(1minute)": "rate(1 minute)",
    "cron(0 9 * * ?)": "cron(0 9 * * ? *)",
    "CRON(0 9 L * ? *)": "cron(0 9 L * ? *)",
}


@pytest.mark.parametrize("expression", RULES_REFUSE)
def test_what_aws_refuses_of_rules(expression):
    with pytest.raises(ScheduleError):
        parse_schedule(expression)


@pytest.mark.parametrize("expression", RULES_TAKE)
def test_what_aws_takes_of_rules_and_the_scheduler_takes_as_well(expression):
    assert from_scheduler(expression) == expression
    next_time(parse_schedule(expression), NOON, NOON)


@pytest.mark.parametrize("expression", THE_SCHEDULER_REFUSES)
def test_what_the_scheduler_refuses(expression):
    with pytest.raises(ScheduleError):
        parse_schedule(from_scheduler(expression))


@pytest.mark.parametrize(("expression", "meaning"), THE_SCHEDULER_TAKES.items())
def test_what_only_the_scheduler_takes(expression, meaning):
    assert parse_schedule(from_scheduler(expression)) == parse_schedule(meaning)
    with pytest.raises(ScheduleError):
        parse_schedule(expression)


def test_a_rate_begins_where_it_is_said_to():
    begin = NOON + timedelta(hours=1)
    assert next_time(parse_schedule("rate(5 minutes)"), begin, NOON) == begin
    assert next_time(parse_schedule("rate(5 minutes)"), begin, begin) == begin + timedelta(minutes=5)


WORD = st.sampled_from(
    ["MON", "WED", "FRI", "JAN", "JUL", "L", "W", "#", "-", "/", ",", "*", "?", "1", "5", "15", "2030"]
)
FIELD = st.lists(WORD, min_size=1, max_size=4).map("".join)


@given(st.tuples(FIELD, FIELD, FIELD | st.just("?"), FIELD, FIELD | st.just("?"), FIELD | st.just("*")))
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
