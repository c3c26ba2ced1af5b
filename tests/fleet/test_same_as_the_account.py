"""The real pool and the simulated fleet decide the same, given the arrivals and durations that were measured."""

from __future__ import annotations

import json

import numpy
import pytest

from labkit import fleet

KEPT = 600  # seconds, as the account keeps idle environments
SCRIPT = """
import json, random, sys, time
from concurrent.futures import ThreadPoolExecutor
import boto3, labkit
from botocore.config import Config

labkit.start(concurrency_quota=3)
iam = boto3.client("iam")
trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
         "Action": "sts:AssumeRole"}}
role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
import io, zipfile
package = io.BytesIO()
with zipfile.ZipFile(package, "w") as opened:
    opened.writestr("m.py", "import time\\ndef h(event, context):\\n    time.sleep(event)\\n")
client = boto3.client("lambda", config=Config(retries={"total_max_attempts": 1}, max_pool_connections=20))
client.create_function(FunctionName="f", Role=role, Runtime="python3.12", Handler="m.h", MemorySize=1769, Timeout=60,
                       Code={"ZipFile": package.getvalue()})
chosen = random.Random(SEED)
def call(seconds):
    try:
        client.invoke(FunctionName="f", Payload=json.dumps(seconds))["Payload"].read()
    except client.exceptions.TooManyRequestsException:
        pass
with ThreadPoolExecutor(20) as threads:
    for stretch in range(3):
        calls, begin = [], time.monotonic()
        for burst in range(7):
            time.sleep(max(0, begin + burst * GAP - time.monotonic()))
            for _ in range(chosen.choice([0, 1, 1, 2, 5])):
                calls.append(threads.submit(call, GAP / 2 + chosen.choice([0, GAP, 2 * GAP])))
                time.sleep(0.02)
        for one in calls:
            one.result()
        labkit.clock.advance(seconds=chosen.choice([300, 700]))
labkit.settle()
names = ("arrival", "wait", "init", "duration")
trace = labkit.invocations()
found = {name: getattr(trace, name).tolist() for name in names}
found |= {name: trace.words(name).tolist() for name in ("start_type", "outcome")}
print(json.dumps(found))
"""


@pytest.fixture
def measured(in_child):
    """What the account measured, in the order of arrival, from a run in which no two moments nearly fell together."""
    for seed in range(6):
        gap = 0.35 + 0.15 * seed  # seconds between bursts, half of which lies before and after each end
        done = in_child(SCRIPT.replace("SEED", str(seed)).replace("GAP", str(gap)))
        assert done.status == 0, done.err
        rows = json.loads(done.out.splitlines()[-1])
        order = sorted(range(len(rows["arrival"])), key=lambda place: rows["arrival"][place])
        rows = {name: [values[place] for place in order] for name, values in rows.items()}
        if not nearly_together(rows):
            return rows
    pytest.fail("six times an arrival nearly fell together with another or with an end: too busy a machine to tell")


def nearly_together(rows):
    """Whether the account may have decided in another order than that of the times it wrote down."""
    arrivals = numpy.array(rows["arrival"])
    ran = numpy.array(rows["outcome"]) == "ok"
    ends = sum(numpy.array(rows[name]) for name in ("arrival", "wait", "init", "duration"))[ran]
    return numpy.diff(arrivals).min() < 0.005 or abs(arrivals[:, None] - ends[None, :]).min() < 0.01


def test_the_same_arrivals_get_the_same_decisions(measured):
    first = measured["arrival"][0]
    trace = fleet.simulate(
        [arrival - first for arrival in measured["arrival"]],
        service=[wait + duration for wait, duration in zip(measured["wait"], measured["duration"], strict=True)],
        init=measured["init"], keep_alive=KEPT, account_limit=3,
    )  # fmt: skip
    assert {"cold", "warm", ""} == set(measured["start_type"])
    assert trace.words("start_type").tolist() == measured["start_type"]
    assert trace.words("outcome").tolist() == measured["outcome"]
