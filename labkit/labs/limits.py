"""Lab: a function that says of a job whether it is one for a Lambda function, and which limits speak against it."""

from __future__ import annotations

import json
import random
from typing import Any

from labkit import facts
from labkit.labs.deployed import when_deployed
from labkit.labs.functions import call
from labkit.labs.report import Criterion

NAME = "judge"
MB = 1024 * 1024
MOST = {  # what an event says -> the most that a function may have, and what is said when it is exceeded
    "seconds": (int(facts.QUOTAS["timeout"].maximum), "time"),
    "memory_mb": (int(facts.QUOTAS["memory"].maximum), "memory"),
    "tmp_mb": (int(facts.QUOTAS["ephemeral_storage"].maximum), "tmp"),
    "unzipped_mb": (int(facts.QUOTAS["unzipped"].maximum / MB), "package"),
}

FITS = "It says of small jobs that they fit, and names nothing."
EXACT = "What is just at a limit fits, and what is just above it does not."
SEVERAL = "It names all limits that are exceeded, in the order of the alphabet."


@when_deployed(NAME, FITS, EXACT, SEVERAL)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether jobs that were not shown are judged right: small ones, those at a limit, and those beyond several."""
    return (
        _judged(FITS, [_job(draw) for _ in range(3)]),
        _judged(EXACT, [_job(draw) | {name: most + more} for name, (most, _) in MOST.items() for more in (0, 1)]),
        _judged(SEVERAL, [_beyond(draw, count) for count in (2, 3, len(MOST))]),
    )


def right(job: dict[str, int]) -> dict[str, Any]:
    """The judgement of a job."""
    why = sorted(word for name, (most, word) in MOST.items() if job[name] > most)
    return {"fits": not why, "why": why}


def _job(draw: random.Random) -> dict[str, int]:
    """A small one."""
    return {name: draw.randrange(1, most // 2) for name, (most, _) in MOST.items()}


def _beyond(draw: random.Random, count: int) -> dict[str, int]:
    chosen = draw.sample(sorted(MOST), count)
    return _job(draw) | {name: MOST[name][0] + draw.randrange(1, 1000) for name in chosen}


def _judged(asked: str, jobs: list[dict[str, int]]) -> Criterion:
    for job in jobs:
        answer, wanted = call(NAME, job), right(job)
        if answer.result != wanted:
            seen = f"For {json.dumps(job)} it {answer}; {json.dumps(wanted)} is right."
            return Criterion(asked, False, seen)
    return Criterion(asked, True, f"It was right for {len(jobs)} jobs.")
