"""The plan lab: seconds and milliseconds mixed up, rounding down, and what must stay unreserved are each found."""

from __future__ import annotations

import pytest

from labkit.labs import concurrency
from labkit.labs.concurrency import NAME

GOOD = """
import math


def lambda_handler(event, context):
    needed = math.ceil(event["rate"] * event["milliseconds"] / 1000)
    left = event["quota"] - event["reserved_by_others"]
    return {"needed": needed, "fits": needed <= left, "reservable": max(left - 100, 0)}
"""
EXISTS, NEEDED, FITS, MOST = range(4)


def unmet(draw):
    return [i for i, criterion in enumerate(concurrency.criteria(draw)) if not criterion.met]


def test_nothing_is_there_at_first(account, draw):
    assert unmet(draw) == [EXISTS, NEEDED, FITS, MOST]


@pytest.mark.parametrize(
    ("changed", "into", "expected"),
    [
        ("", "", []),
        (" / 1000", "", [NEEDED, FITS]),
        ("math.ceil(", "int(", [NEEDED]),
        ('event["quota"] - event["reserved_by_others"]', 'event["quota"]', [FITS, MOST]),
        ("left - 100", "left", [MOST]),
        ("needed <= left", '"yes"', [FITS]),
        ("return {", "return None and {", [NEEDED, FITS, MOST]),
    ],
)
def test_each_way_is_judged(deploy, draw, changed, into, expected):
    assert changed in GOOD
    deploy(NAME, GOOD.replace(changed, into) if changed else GOOD)
    assert unmet(draw) == expected


def test_a_function_that_fails_is_told_so(deploy, draw):
    deploy(NAME, GOOD.replace('event["rate"]', 'event["speed"]'))
    assert "KeyError" in concurrency.criteria(draw)[NEEDED].seen
