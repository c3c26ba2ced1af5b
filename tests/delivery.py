"""Messages through SQS and a function into a table, while handlers fail and die and the poller comes and goes.

Each message is processed at least once, none is lost, and those that never succeed are in the dead-letter queue. The
suite sends a few hundred; `python tests/delivery.py` sends 10,000, and says how long a message waited.
"""

from __future__ import annotations

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from served import Served, serve_account

PUT = """
import json, os, random, signal
import boto3
table = boto3.client("dynamodb")
def lambda_handler(event, context):
    failed = []
    for record in event["Records"]:
        number = int(record["body"])
        if number % 50 == 7 or random.random() < 0.1:
            failed.append({"itemIdentifier": record["messageId"]})
        elif random.random() < 0.004:
            os.kill(os.getpid(), signal.SIGKILL)
        else:
            table.put_item(TableName="seen", Item={"id": {"S": record["body"]}})
    return {"batchItemFailures": failed}
"""
ACTIONS = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "dynamodb:PutItem"]
NEVER = 50  # one message in so many never succeeds
ATTEMPTS = 6


def deliver(account: Served, messages: int, seed: int = 0) -> None:
    """Send so many messages and check where each has ended."""
    rng = random.Random(seed)
    mapping = _prepare(account)
    _send(account, messages)
    for _ in range(40):
        account.advance(31)  # what failed is visible again
        if rng.random() < 0.3:
            _restart(account, mapping)
        if _left(account) == 0:
            break
    seen, dead = _seen(account), _dead(account)
    never = {str(number) for number in range(messages) if number % NEVER == 7}
    every = {str(number) for number in range(messages)}
    assert seen | dead == every, f"lost: {sorted(every - seen - dead)[:10]}"
    assert never <= dead and not never & seen


def _prepare(account: Served) -> str:
    account.sqs.create_queue(QueueName="dead")
    redrive = {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead", "maxReceiveCount": ATTEMPTS}
    attributes = {"VisibilityTimeout": "30", "RedrivePolicy": json.dumps(redrive)}
    account.sqs.create_queue(QueueName="work", Attributes=attributes)
    account.dynamodb.create_table(
        TableName="seen",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    role = account.role("AWSLambdaBasicExecutionRole", name="worker", allow=[{"Action": ACTIONS, "Resource": "*"}])
    account.function(PUT, Role=role, Timeout=30)
    mapping = account.awslambda.create_event_source_mapping(
        EventSourceArn="arn:aws:sqs:us-east-1:123456789012:work", FunctionName="f",
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )  # fmt: skip
    return str(mapping["UUID"])


def _url(account: Served, name: str) -> str:
    return str(account.sqs.get_queue_url(QueueName=name)["QueueUrl"])


def _send(account: Served, messages: int) -> None:
    url = _url(account, "work")

    def send(start: int) -> Any:
        numbers = range(start, min(start + 10, messages))
        entries = [{"Id": str(number), "MessageBody": str(number)} for number in numbers]
        return account.sqs.send_message_batch(QueueUrl=url, Entries=entries)

    with ThreadPoolExecutor(4) as senders:
        list(senders.map(send, range(0, messages, 10)))


def _restart(account: Served, mapping: str) -> None:
    """The poller stops amid its work and begins again."""
    for enabled in (False, True):
        account.awslambda.update_event_source_mapping(UUID=mapping, Enabled=enabled)
        account.advance(1)


def _left(account: Served) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = account.sqs.get_queue_attributes(QueueUrl=_url(account, "work"), AttributeNames=names)["Attributes"]
    return sum(map(int, found.values()))


def _seen(account: Served) -> set[str]:
    pages = account.dynamodb.get_paginator("scan").paginate(TableName="seen")
    return {item["id"]["S"] for page in pages for item in page["Items"]}


def _dead(account: Served) -> set[str]:
    found: set[str] = set()
    while received := account.sqs.receive_message(
        QueueUrl=_url(account, "dead"), MaxNumberOfMessages=10, VisibilityTimeout=36_000
    ).get("Messages"):
        found |= {message["Body"] for message in received}
    return found


if __name__ == "__main__":
    served = serve_account()
    started = time.monotonic()
    deliver(served, 10_000)
    print(f"10,000 messages: none lost, in {time.monotonic() - started:.0f} s")
    assert served.stop() == 0
