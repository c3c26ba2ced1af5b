"""Lab: a function that plans how much concurrency some traffic needs, and whether the account has it."""

from __future__ import annotations

import json
import math
import random
from typing import Any

from labkit import facts
from labkit.labs.deployed import when_deployed
from labkit.labs.functions import call
from labkit.labs.report import Criterion

NAME = "plan"
EVENTS = 6
KEPT_FREE = int(facts.QUOTAS["unreserved_concurrency"].minimum)

NEEDED = "It answers with the concurrency that the traffic needs, rounded up."
FITS = "It says whether that much is left when others have reserved their part."
MOST = f"It says how much can be reserved: all but what others have and the {KEPT_FREE} that stay unreserved."


@when_deployed(NAME, NEEDED, FITS, MOST)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether the plan is right for traffic and reservations that were not shown."""
    answers = [(event, call(NAME, event)) for event in _events(draw)]
    asked = {NEEDED: "needed", FITS: "fits", MOST: "reservable"}
    return tuple(_judged(criterion, key, answers) for criterion, key in asked.items())


def _events(draw: random.Random) -> list[dict[str, int]]:
    """Traffic that fits, that needs a fraction more than a whole number, and that does not fit."""
    chosen = [
        {"rate": draw.randrange(1, 400), "milliseconds": draw.randrange(20, 3000), "quota": 1000,
         "reserved_by_others": draw.randrange(0, 10) * 50}
        for _ in range(EVENTS - 2)
    ]  # fmt: skip
    fraction = {"rate": 7, "milliseconds": 150, "quota": 1000, "reserved_by_others": 0}
    too_much = {"rate": 900, "milliseconds": 1000, "quota": 1000, "reserved_by_others": 300}
    return [*chosen, fraction, too_much]


def right(event: dict[str, int]) -> dict[str, Any]:
    """The plan for an event: concurrency = rate times duration (CON-01)."""
    needed = math.ceil(event["rate"] * event["milliseconds"] / 1000)
    left = event["quota"] - event["reserved_by_others"]
    return {"needed": needed, "fits": needed <= left, "reservable": max(left - KEPT_FREE, 0)}


def _judged(asked: str, key: str, answers: list[tuple[dict[str, int], Any]]) -> Criterion:
    for event, answer in answers:
        wanted = right(event)[key]
        if answer.error:
            return Criterion(asked, False, f"For {json.dumps(event)} it failed: {answer.error}")
        given = answer.result.get(key) if isinstance(answer.result, dict) else None
        if type(given) is not type(wanted) or given != wanted:
            said = f"For {json.dumps(event)} it answered {json.dumps(answer.result)}"
            return Criterion(asked, False, f"{said}; {key} is {json.dumps(wanted)}.")
    return Criterion(asked, True, f"It was right for {len(answers)} plans.")
