"""The checkout lab: leaking orders, loading at every call and not loading at all are each found."""

from __future__ import annotations

import pytest

from labkit.labs import life_of_an_invocation

LOAD = """
import time

basket = []

def load_prices():
    time.sleep(0.3)
    return {"tea": 2.5, "coffee": 3.0, "cake": 4.0}
"""
INIT_ONCE = LOAD + "\nprices = load_prices()\n"
HANDLER = "\ndef lambda_handler(event, context):\n    {}\n    return {{'total': sum(prices[item] for item in {})}}\n"
PURE = HANDLER.format("pass", "event['items']")
LEAKING = HANDLER.format("basket.extend(event['items'])", "basket")
LOADING = HANDLER.format("prices = load_prices()", "event['items']")
EXISTS, TOTALS, WARM, INIT = range(4)


def unmet(draw):
    return [i for i, criterion in enumerate(life_of_an_invocation.criteria(draw)) if not criterion.met]


def test_loading_once_and_keeping_nothing_passes(deploy, draw):
    deploy("checkout", INIT_ONCE + PURE)
    assert unmet(draw) == []
    assert unmet(draw) == [], "a second check, all warm, sees the same"


@pytest.mark.parametrize(
    "cell, expected",
    [
        (INIT_ONCE + LEAKING, [TOTALS]),
        (LOAD + LOADING, [WARM, INIT]),
        (INIT_ONCE.replace("0.3", "0") + PURE, [INIT]),
        (INIT_ONCE.replace("2.5", "2.6") + PURE.replace("prices[item]", "prices['tea']"), [TOTALS]),
        (INIT_ONCE + PURE.replace("'total'", "'sum'"), [TOTALS]),
    ],
    ids=["leaks orders", "loads at every call", "sleep taken out", "wrong prices", "wrong key"],
)
def test_each_fault_is_found_alone(deploy, draw, cell, expected):
    deploy("checkout", cell)
    assert unmet(draw) == expected


def test_without_the_function_nothing_is_met_and_the_way_is_told(account, draw):
    criteria = life_of_an_invocation.criteria(draw)
    assert not any(criterion.met for criterion in criteria)
    assert "%%function checkout" in criteria[EXISTS].seen


def test_a_repaired_function_is_judged_by_its_new_environment(deploy, draw):
    deploy("checkout", LOAD + LOADING)
    assert unmet(draw) == [WARM, INIT]
    deploy("checkout", INIT_ONCE + PURE)
    assert unmet(draw) == []
