"""The tally lab: too little memory, too much of it, and a fast wrong answer are each found."""

from __future__ import annotations

import pytest

from labkit.labs import cost_and_tuning
from labkit.labs.cost_and_tuning import GIVEN, GIVEN_CODE, GIVEN_MEMORY, NAME
from labkit.labs.functions import exists

EXISTS, RIGHT, FAST, CHEAP = range(4)


def unmet(draw):
    return [i for i, criterion in enumerate(cost_and_tuning.criteria(draw)) if not criterion.met]


def test_nothing_is_there_at_first(account, draw):
    assert unmet(draw) == [EXISTS, RIGHT, FAST, CHEAP]


@pytest.mark.parametrize(
    ("memory", "code", "expected"),
    [
        (GIVEN_MEMORY, GIVEN_CODE, [FAST]),
        (1769, GIVEN_CODE, []),
        (300, GIVEN_CODE, [FAST]),
        (10_240, GIVEN_CODE, [CHEAP]),
        (1769, "def lambda_handler(event, context):\n    return {'sum': 0}\n", [RIGHT, FAST, CHEAP]),
    ],
)
def test_each_way_is_judged(deploy, draw, memory, code, expected):
    deploy(f"{NAME} --timeout 20 --memory {memory}", code)
    assert unmet(draw) == expected
    assert not exists(GIVEN)


def test_a_function_that_fails_is_told_so(deploy, draw):
    deploy(f"{NAME} --timeout 20", "def lambda_handler(event, context):\n    return 1 / 0\n")
    assert "ZeroDivisionError" in cost_and_tuning.criteria(draw)[RIGHT].seen
