"""Lab: a checkout that loads its prices once, in Init, and keeps nothing of one order for the next."""

from __future__ import annotations

import json
import random

from labkit.account import invocations
from labkit.labs.deployed import when_deployed
from labkit.labs.functions import call
from labkit.labs.report import Criterion

NAME = "checkout"
PRICES = {"tea": 2.5, "coffee": 3.0, "cake": 4.0}
LOADING = 0.3  # seconds; how long load_prices takes in the lesson
ORDERS = 4

TOTALS = "Each order gets its own total."
WARM = "A warm call does not load the prices again."
INIT = "The prices are loaded in Init."


@when_deployed(NAME, TOTALS, WARM, INIT)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether each order gets its total, and the slow loading happens once an environment, in Init."""
    orders = [draw.choices(list(PRICES), k=draw.randint(1, 4)) for _ in range(ORDERS)]
    return _totals(orders), _warm(), _init()


def _totals(orders: list[list[str]]) -> Criterion:
    for order in orders:
        answer = call(NAME, {"items": order})
        wanted = sum(PRICES[item] for item in order)
        asked = f"For {', '.join(order)} it"
        if answer.error:
            return Criterion(TOTALS, False, f"{asked} failed: {answer.error}")
        if not _is_close(answer.result, wanted):
            seen = f"{asked} answered {json.dumps(answer.result)}; {json.dumps({'total': wanted})} is right."
            return Criterion(TOTALS, False, f"{seen} Does something outside the handler hold earlier orders?")
    return Criterion(TOTALS, True, f"It was right for {len(orders)} orders, one after the other.")


def _is_close(result: object, wanted: float) -> bool:
    answer = result.get("total") if isinstance(result, dict) else None
    return isinstance(answer, (int, float)) and abs(answer - wanted) < 0.005


def _warm() -> Criterion:
    """A call with an empty order, which costs nothing but what the handler does for every order."""
    call(NAME, {"items": []})
    call(NAME, {"items": []})
    duration = invocations().of_function(NAME)[-1].duration
    quick = duration < LOADING / 2
    advice = "" if quick else " Call load_prices outside the handler."
    return Criterion(WARM, quick, f"The last warm call took {1000 * duration:.0f} ms.{advice}")


def _init() -> Criterion:
    trace = invocations().of_function(NAME)
    first = trace[trace.environment == trace[-1].environment][0]
    loaded = first.init >= LOADING
    advice = "" if loaded else " Leave load_prices as it was in the lesson, and call it outside the handler."
    return Criterion(INIT, loaded, f"Init of its environment took {1000 * first.init:.0f} ms.{advice}")
