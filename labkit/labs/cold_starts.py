"""Lab: a function whose cold start is needlessly slow is made to start fast, and answers as before.

The version that the lesson gives and the learner's are measured in turns, in the same minute on the same machine, so
what counts is their ratio and not this machine's speed. Both get a whole vCPU for that: with less, Init and handler
would run at different speeds. Account time moves on by an hour before each start, so only one of them holds memory.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import labkit
from labkit import facts
from labkit.account import invocations
from labkit.labs.beside import deployed_beside, with_memory
from labkit.labs.deployed import when_deployed
from labkit.labs.functions import call
from labkit.labs.report import Criterion
from labkit.records import Invocation

NAME = "receipts"
GIVEN = f"{NAME}-given"
GIVEN_CODE = """import json
import boto3

DISCOUNTS = '{"basic": 0, "silver": 5, "gold": 10}'


def lambda_handler(event, context):
    discounts = json.loads(DISCOUNTS)
    s3 = boto3.client("s3")
    if "receipt" in event:
        place = {"Bucket": "receipts", "Key": event["receipt"]}
        return {"link": s3.generate_presigned_url("get_object", Params=place)}
    return {"cents": event["cents"] * (100 - discounts[event["tier"]]) // 100}
"""
DISCOUNTS = {"basic": 0, "silver": 5, "gold": 10}  # percent
EVENTS = 3
ROUNDS = 3
WARM_CALLS = 3  # in each round
PAUSE = 3600  # seconds of account time, after which no environment is left
ONE_VCPU = int(facts.QUOTAS["memory_per_vcpu"].default or 0)  # MB
AT_MOST = 0.5  # of the given version's time; a good answer needs about a fifth

PRICES = "It answers with the price after the discount."
LINKS = "It answers with a link to the receipt."
COLD = "Its cold start takes at most half as long as the given one's."
WARM = "It makes its S3 client once: the next link takes at most half as long as the given one's."


@when_deployed(NAME, PRICES, LINKS, COLD, WARM)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether prices and links are right, a cold start is fast, and a warm call makes no new client."""
    prices, links = _prices(draw), _links(draw)
    with deployed_beside(NAME, GIVEN, GIVEN_CODE, ONE_VCPU), with_memory(NAME, ONE_VCPU):
        times = _in_turns(draw) if prices.met or links.met else {}
    cold = _cold(times) if prices.met else Criterion(COLD, False, "It is measured once the prices are right.")
    warm = _warm(times) if links.met else Criterion(WARM, False, "It is measured once the links are right.")
    return prices, links, cold, warm


# The answers.


def _order(draw: random.Random) -> dict[str, Any]:
    return {"cents": draw.randrange(100, 100_000), "tier": draw.choice(list(DISCOUNTS))}


def _receipt(draw: random.Random) -> dict[str, Any]:
    return {"receipt": f"{draw.randrange(2000, 2100)}/no {draw.randrange(10_000)}.pdf"}


def _prices(draw: random.Random) -> Criterion:
    for event in [_order(draw) for _ in range(EVENTS)]:
        wanted = {"cents": event["cents"] * (100 - DISCOUNTS[event["tier"]]) // 100}
        answer = call(NAME, event)
        if answer.result != wanted:
            return Criterion(PRICES, False, f"For {json.dumps(event)} it {answer}; {json.dumps(wanted)} is right.")
    return Criterion(PRICES, True, f"It was right for {EVENTS} orders.")


def _links(draw: random.Random) -> Criterion:
    for event in [_receipt(draw) for _ in range(EVENTS)]:
        answer = call(NAME, event)
        if not _is_link(answer.result, event["receipt"]):
            return Criterion(LINKS, False, f"For {json.dumps(event)} it {answer}; a presigned link to it is right.")
    return Criterion(LINKS, True, f"It was right for {EVENTS} receipts.")


def _is_link(result: object, key: str) -> bool:
    link = result.get("link") if isinstance(result, dict) else None
    parts = urlsplit(link) if isinstance(link, str) else None
    return parts is not None and parts.path.endswith(f"/{quote(key)}") and "Signature=" in parts.query


# The times.


@dataclass(frozen=True)
class _Times:
    """What one version took in a new environment each round, in seconds.

    `first` is from the start of Init to the first answer, so that work moved into the first call counts as well;
    `links` are the calls after the one that made the first link.
    """

    first: list[float] = field(default_factory=list)
    links: list[float] = field(default_factory=list)


def _in_turns(draw: random.Random) -> dict[str, _Times]:
    """The times of the given version and of the learner's."""
    times = {GIVEN: _Times(), NAME: _Times()}
    for _ in range(ROUNDS):
        for name, taken in times.items():
            labkit.clock.advance(seconds=PAUSE)
            cold = _measure(name, _order(draw))
            taken.first.append(cold.init + cold.duration)
            links = [_measure(name, _receipt(draw)).duration for _ in range(1 + WARM_CALLS)]
            taken.links.extend(links[1:])
    return times


def _cold(times: dict[str, _Times]) -> Criterion:
    advice = "Import boto3 where a link is made, not at the top: most calls ask for a price."
    return _compared(COLD, times[GIVEN].first, times[NAME].first, advice)


def _warm(times: dict[str, _Times]) -> Criterion:
    advice = "Keep the client that the first link needed, outside the handler, and use it again."
    return _compared(WARM, times[GIVEN].links, times[NAME].links, advice)


def _compared(asked: str, given_times: list[float], own_times: list[float], advice: str) -> Criterion:
    given, own = min(given_times), min(own_times)
    met = own <= AT_MOST * given
    seen = f"Yours took {1000 * own:.1f} ms, the given one {1000 * given:.1f} ms (the fastest): {own / given:.0%}."
    return Criterion(asked, met, seen if met else f"{seen} {advice}")


def _measure(name: str, event: dict[str, Any]) -> Invocation:
    call(name, event)
    record: Invocation = invocations().of_function(name)[-1]
    return record
