"""Lab: a function that says what starts some work, and what it runs on."""

from __future__ import annotations

import json
import random
from typing import Any

from labkit import facts
from labkit.labs.deployed import when_deployed
from labkit.labs.functions import call
from labkit.labs.report import Criterion

NAME = "choose"
LONGEST = int(facts.QUOTAS["timeout"].maximum)  # seconds
LARGEST = int(facts.QUOTAS["memory"].maximum)  # MB
STARTS = {
    "a request": "API Gateway",
    "an upload": "S3",
    "a message": "SQS",
    "a change": "DynamoDB Streams",
    "a time": "EventBridge Scheduler",
}
ORDERED = "SQS FIFO"
Work = dict[str, Any]

START = "It names what starts the work."
ORDER = "Messages that have to stay in order come from a FIFO queue."
LIMITS = "A step that is too long or too large for Lambda runs on Fargate; at the limit it still fits."
STEPS = "Several steps that fit are led by Step Functions."


@when_deployed(NAME, START, ORDER, LIMITS, STEPS)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether work that was not shown gets its source and its service, also at a limit and just beyond."""
    small = [_work(draw, start) for start in STARTS]
    ordered = [_work(draw, "a message") | {"in_order": True}]
    border = [
        _work(draw, draw.choice(list(STARTS))) | change
        for more in (0, 1)
        for change in ({"steps": [LONGEST + more]}, {"memory_mb": LARGEST + more})
    ]
    several = [_work(draw, draw.choice(list(STARTS))) | {"steps": steps} for steps in _several(draw)]
    return (
        _judged(START, "starts", small),
        _judged(ORDER, "starts", ordered + [work | {"in_order": True} for work in small[:2]]),
        _judged(LIMITS, "runs", small + border),
        _judged(STEPS, "runs", several),
    )


def right(work: Work) -> dict[str, str]:
    """What starts some work, and what it runs on: the first rule that fits (NOTES-37 to NOTES-39, SFN-01)."""
    message_in_order = work["event"] == "a message" and work["in_order"]
    starts = ORDERED if message_in_order else STARTS[work["event"]]
    if max(work["steps"]) > LONGEST or work["memory_mb"] > LARGEST:
        return {"starts": starts, "runs": "Fargate"}
    return {"starts": starts, "runs": "Step Functions" if len(work["steps"]) > 1 else "Lambda"}


def _work(draw: random.Random, event: str) -> Work:
    """One step that fits."""
    return {
        "event": event, "in_order": False, "steps": [draw.randrange(1, LONGEST)],
        "memory_mb": draw.randrange(128, LARGEST),
    }  # fmt: skip


def _several(draw: random.Random) -> list[list[int]]:
    """Steps that fit, together longer than one may take, and some of which one does not fit."""
    fit = [draw.randrange(LONGEST // 2, LONGEST) for _ in range(draw.randrange(3, 6))]
    return [fit[:2], fit, [*fit, LONGEST + draw.randrange(1, 1000)]]


def _judged(asked: str, key: str, works: list[Work]) -> Criterion:
    for work in works:
        answer, wanted = call(NAME, work), right(work)[key]
        given = answer.result.get(key) if isinstance(answer.result, dict) else None
        if given != wanted:
            return Criterion(asked, False, f'For {json.dumps(work)} it {answer}; {key} is "{wanted}".')
    return Criterion(asked, True, f"It was right for {len(works)} kinds of work.")
