"""The nightly lab: the day of today, a second mail, and one that never comes are each found."""

from __future__ import annotations

import pytest

from labkit.labs import scheduled_job
from labkit.labs.scheduled_job import NAME

GOOD = """
import datetime


def lambda_handler(event, context):
    day = event["scheduled"][:10]
    return {"send": event["last"] != event["scheduled"], "day": day}
"""
EXISTS, FIRST, DAY, AGAIN = range(4)


def unmet(draw):
    return [i for i, criterion in enumerate(scheduled_job.criteria(draw)) if not criterion.met]


def test_nothing_is_there_at_first(account, draw):
    assert unmet(draw) == [EXISTS, FIRST, DAY, AGAIN]


@pytest.mark.parametrize(
    ("changed", "into", "expected"),
    [
        ("day = ", "day = ", []),
        ('event["scheduled"][:10]', "str(datetime.date(1999, 1, 1))", [DAY]),
        ('event["last"] != event["scheduled"]', "True", [AGAIN]),
        ('event["last"] != event["scheduled"]', "False", [FIRST, AGAIN]),
        ('event["last"] != event["scheduled"]', 'not event["last"]', [AGAIN]),
        ('event["scheduled"][:10]', 'event["day"]', [FIRST, DAY, AGAIN]),
    ],
)
def test_each_way_is_judged(deploy, draw, changed, into, expected):
    assert changed in GOOD
    deploy(NAME, GOOD.replace(changed, into))
    assert unmet(draw) == expected
