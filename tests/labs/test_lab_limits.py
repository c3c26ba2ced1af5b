"""The judge lab: a border on the wrong side, a forgotten limit and another order are each found."""

from __future__ import annotations

import pytest

from labkit.labs import limits
from labkit.labs.limits import NAME

GOOD = """
MOST = {"memory": ("memory_mb", 10240), "package": ("unzipped_mb", 250), "time": ("seconds", 900), \
"tmp": ("tmp_mb", 10240)}


def lambda_handler(event, context):
    why = [word for word, (name, most) in MOST.items() if event[name] > most]
    return {"fits": not why, "why": why}
"""
EXISTS, FITS, EXACT, SEVERAL = range(4)


def unmet(draw):
    return [i for i, criterion in enumerate(limits.criteria(draw)) if not criterion.met]


def test_nothing_is_there_at_first(account, draw):
    assert unmet(draw) == [EXISTS, FITS, EXACT, SEVERAL]


@pytest.mark.parametrize(
    ("changed", "into", "expected"),
    [
        ("why = [word", "why = [word", []),
        ("> most", ">= most", [EXACT]),
        ('"time": ("seconds", 900), ', "", [EXACT, SEVERAL]),
        ("in MOST.items()", "in reversed(MOST.items())", [SEVERAL]),
        ("not why", "bool(why)", [FITS, EXACT, SEVERAL]),
        ("event[name]", 'event["size"]', [FITS, EXACT, SEVERAL]),
    ],
)
def test_each_way_is_judged(deploy, draw, changed, into, expected):
    assert changed in GOOD
    deploy(NAME, GOOD.replace(changed, into))
    assert unmet(draw) == expected
