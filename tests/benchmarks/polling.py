"""How long a message of a queue waits for its handler, and what mappings cost while nothing comes, in real time."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator

import boto3
from measures import make_function
from result import Result

import labkit

HANDLER = """
import time
def lambda_handler(event, context):
    for record in event["Records"]:
        print("WAITED", time.time() - float(record["body"]))
"""
MOST_WAIT = 0.3  # s
MOST_IDLE = 0.01  # s of processor time in a second, for all mappings together
MESSAGES, PAUSE = 300, 0.1  # s, at most, between one and the next
IDLE = 20.0  # s
OF_A_KIND = 5  # idle mappings of queues, and of streams
ACCOUNT = "us-east-1:123456789012"


def polling() -> list[Result]:
    """The waits of messages that come one by one, and the processor time of idle mappings."""
    account = labkit.start()
    try:
        make_function(boto3.client("lambda"), HANDLER)
        allow = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
        boto3.client("iam").put_role_policy(RoleName="echo", PolicyName="p", PolicyDocument=allow)
        return [*_waits(), _idle()]
    finally:
        account.stop()


def _map(arn: str, **more: str) -> str:
    client = boto3.client("lambda")
    return str(client.create_event_source_mapping(EventSourceArn=arn, FunctionName="echo", **more)["UUID"])


def _waits() -> Iterator[Result]:
    url = boto3.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    _map(f"arn:aws:sqs:{ACCOUNT}:q")
    rng, client = random.Random(0), boto3.client("sqs")
    for number in range(MESSAGES + 1):
        client.send_message(QueueUrl=url, MessageBody=str(time.time()))
        if number == 0:
            assert labkit.settle()  # it has an environment now
        time.sleep(PAUSE * rng.random())
    assert labkit.settle()
    first, *waits = _told()
    waits.sort()
    yield Result("SQS message to handler, with a cold start", first, MOST_WAIT)
    for name, share in (("median", 0.5), ("99th percentile", 0.99), ("longest", 1.0)):
        yield Result(f"SQS message to handler, {name} of {len(waits)}", waits[int(share * len(waits)) - 1], MOST_WAIT)


def _told() -> list[float]:
    """What the handler has told, in order."""
    pages = boto3.client("logs").get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/echo")
    lines = [event["message"] for page in pages for event in page["events"]]
    return [float(found[1]) for line in lines if (found := re.match(r"WAITED (\S+)", line))]


def _idle() -> Result:
    """With mappings of queues and of streams: what this process, which has the account, uses while it waits."""
    for number in range(OF_A_KIND):
        boto3.client("sqs").create_queue(QueueName=f"idle{number}")
        _map(f"arn:aws:sqs:{ACCOUNT}:idle{number}")
        boto3.client("kinesis").create_stream(StreamName=f"idle{number}", ShardCount=1)
        _map(f"arn:aws:kinesis:{ACCOUNT}:stream/idle{number}", StartingPosition="LATEST")
    assert labkit.settle()
    used, passed = time.process_time(), time.monotonic()
    time.sleep(IDLE)
    share = (time.process_time() - used) / (time.monotonic() - passed)
    return Result(f"processor time of {2 * OF_A_KIND} idle mappings, in each second", share, MOST_IDLE)
