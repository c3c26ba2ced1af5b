"""The choosing lab: a wrong source, order that is forgotten, limits missed by one and steps added up are found."""

from __future__ import annotations

import pytest

from labkit.labs import choosing_a_service
from labkit.labs.choosing_a_service import NAME

GOOD = """
STARTS = {"a request": "API Gateway", "an upload": "S3", "a message": "SQS", "a change": "DynamoDB Streams",
          "a time": "EventBridge Scheduler"}


def lambda_handler(event, context):
    starts = STARTS[event["event"]]
    if event["event"] == "a message" and event["in_order"]:
        starts = "SQS FIFO"
    if max(event["steps"]) > 900 or event["memory_mb"] > 10240:
        runs = "Fargate"
    else:
        runs = "Step Functions" if len(event["steps"]) > 1 else "Lambda"
    return {"starts": starts, "runs": runs}
"""
EXISTS, START, ORDER, LIMITS, STEPS = range(5)


def unmet(draw):
    return [i for i, criterion in enumerate(choosing_a_service.criteria(draw)) if not criterion.met]


def test_nothing_is_there_at_first(account, draw):
    assert unmet(draw) == [EXISTS, START, ORDER, LIMITS, STEPS]


@pytest.mark.parametrize(
    ("changed", "into", "expected"),
    [
        ("runs = ", "runs = ", []),
        ('"an upload": "S3"', '"an upload": "SQS"', [START, ORDER]),
        ('event["event"] == "a message" and ', "", [ORDER]),
        ('starts = "SQS FIFO"', "pass", [ORDER]),
        ("> 900", ">= 900", [LIMITS]),
        (' or event["memory_mb"] > 10240', "", [LIMITS]),
        ('max(event["steps"])', 'sum(event["steps"])', [STEPS]),
        ('"Step Functions" if', '"Lambda" if', [STEPS]),
    ],
)
def test_each_way_is_judged(deploy, draw, changed, into, expected):
    assert changed in GOOD
    deploy(NAME, GOOD.replace(changed, into))
    assert unmet(draw) == expected
