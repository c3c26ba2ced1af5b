"""Tumbling windows: a function counts over a stretch of account time, with a state from one batch to the next."""

from __future__ import annotations

from datetime import datetime

import pytest
from streams import DynamoDB, Kinesis

COUNT = """
import json
def lambda_handler(event, context):
    print("GOT " + json.dumps({**event, "state": {**event["state"], "filling": ""}}))
    state = event["state"]
    state["n"] = state.get("n", 0) + len(event["Records"])
    if "large" in json.dumps(event["Records"]):
        state["filling"] = "x" * (1 << 20)
    return {"other": 1} if state["n"] > 5 else {"state": state}
"""
LENGTH = 60  # seconds


@pytest.fixture(params=[Kinesis, DynamoDB])
def source(request, served, eventually):
    """A stream at the beginning of a window."""
    source = request.param(served, eventually, COUNT)
    now = datetime.fromisoformat(served.post("/_labkit/clock", b'{"advance_seconds": 0}')[1]["time"]).timestamp()
    served.advance(LENGTH - now % LENGTH + 1)
    return source


def told(source):
    """The keys of the records, the state before, and whether it is the last of its window."""
    return [
        ([source.body(record) for record in event["Records"]], event["state"].get("n"), event["isFinalInvokeForWindow"])
        for event in source.events()
    ]


def test_a_state_goes_from_batch_to_batch_and_the_last_invocation_of_a_window_has_no_records(served, source):
    source.put(*"abc")
    source.map(TumblingWindowInSeconds=LENGTH, BatchSize=2)
    served.advance(30)
    assert told(source) == [(["a", "b"], None, False), (["c"], 2, False)]
    served.advance(LENGTH)
    assert told(source)[2:] == [([], 3, True)]
    source.put("d")
    served.advance(1)
    assert told(source)[3:] == [(["d"], None, False)]
    first, _, final, following = source.events()
    assert first["window"] == final["window"] and first["window"]["end"] <= following["window"]["start"]
    begin, end = (datetime.fromisoformat(first["window"][name]) for name in ("start", "end"))
    assert (end - begin).total_seconds() == LENGTH and begin.timestamp() % LENGTH == 0
    assert first["eventSourceARN"] == source.arn and first["shardId"] and not final["isWindowTerminatedEarly"]


def test_an_answer_without_a_state_fails(served, source):
    source.put(*"abcdef")
    mapping = source.map(TumblingWindowInSeconds=LENGTH, BatchSize=6, MaximumRetryAttempts=1)
    served.advance(10)
    assert [records for records, *_ in told(source)] == [[*"abcdef"]] * 2
    assert source.result(mapping) == "PROBLEM: Function call failed"


def test_a_state_that_is_too_large_ends_its_window_early(served, source):
    source.map(TumblingWindowInSeconds=LENGTH)
    source.put("large")
    source.got(1)
    served.advance(1)
    final = source.events()[1]
    assert final["isFinalInvokeForWindow"] and final["isWindowTerminatedEarly"]
    source.put("b")
    served.advance(1)
    assert told(source)[2:] == [(["b"], None, False)]
