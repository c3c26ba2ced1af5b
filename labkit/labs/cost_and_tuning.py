"""Lab: a function that computes gets the memory with which it is fast, and no dearer than it was.

The version that the lesson gives and the learner's are called in turns, on the same machine, so what counts is their
ratio. Only warm calls are compared, and of each version the fastest, since whatever else runs here only slows down.
"""

from __future__ import annotations

import json
import random

import numpy as np

from labkit.account import invocations
from labkit.fleet import cost
from labkit.labs.beside import deployed_beside
from labkit.labs.deployed import when_deployed
from labkit.labs.functions import call
from labkit.labs.report import Criterion
from labkit.records import Trace

NAME = "tally"
GIVEN = f"{NAME}-given"
GIVEN_MEMORY = 256  # MB
GIVEN_CODE = """
def lambda_handler(event, context):
    return {"sum": sum(i * i for i in range(event["upto"]))}
"""
EVENTS = 3
WARM_CALLS = 6
UPTO = 400_000
AT_MOST = 0.5  # of the given version's time; a whole processor needs about a seventh
DEARER = 2  # times the given version's cost, at most
MILLION = 1_000_000

RIGHT = "It answers with the sum of the squares below the number."
FAST = "A warm call takes at most half as long as with the memory that was given."
CHEAP = "A million calls cost at most twice as much as with the memory that was given."


@when_deployed(NAME, RIGHT, FAST, CHEAP)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether the sums are right, and a warm call is faster and not much dearer than at the given size."""
    right = _right(draw)
    if not right.met:
        later = "It is measured once the sums are right."
        return right, Criterion(FAST, False, later), Criterion(CHEAP, False, later)
    with deployed_beside(NAME, GIVEN, GIVEN_CODE, GIVEN_MEMORY):
        given, own = _in_turns(draw)
    return right, _fast(given, own), _cheap(given, own)


def _right(draw: random.Random) -> Criterion:
    for upto in (draw.randrange(10, 1000) for _ in range(EVENTS)):
        answer, wanted = call(NAME, {"upto": upto}), {"sum": sum(i * i for i in range(upto))}
        if answer.result != wanted:
            return Criterion(RIGHT, False, f'For {{"upto": {upto}}} it {answer}; {json.dumps(wanted)} is right.')
    return Criterion(RIGHT, True, f"It was right for {EVENTS} numbers.")


def _in_turns(draw: random.Random) -> tuple[Trace, Trace]:
    """The warm calls of the given version and of the learner's."""
    for _ in range(1 + WARM_CALLS):
        event = {"upto": UPTO + draw.randrange(1000)}
        for name in (GIVEN, NAME):
            call(name, event)
    given, own = (invocations().of_function(name)[-WARM_CALLS:] for name in (GIVEN, NAME))
    return given, own


def _fast(given: Trace, own: Trace) -> Criterion:
    before, now = (float(trace.duration.min()) for trace in (given, own))
    met = now <= AT_MOST * before
    seen = (
        f"Yours took {1000 * now:.0f} ms, with {GIVEN_MEMORY} MB it was {1000 * before:.0f} ms (the fastest of each)."
    )
    return Criterion(FAST, met, seen if met else f"{seen} More memory brings more of a processor.")


def _cheap(given: Trace, own: Trace) -> Criterion:
    before, now = (_of_a_million(trace) for trace in (given, own))
    met = now <= DEARER * before
    seen = f"A million of your calls cost {now:.2f} USD, of the given {before:.2f} USD."
    return Criterion(CHEAP, met, seen if met else f"{seen} Beyond a whole vCPU this code gets no faster, only dearer.")


def _of_a_million(trace: Trace) -> float:
    fastest = trace[np.array([trace.duration.argmin()])]
    return MILLION * float(sum(line.usd for line in cost(fastest, free_tier=False).lines))
