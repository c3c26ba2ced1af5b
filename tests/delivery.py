"""Messages through SQS and a function into a table, while handlers fail and die and the poller comes and goes.

Each message is processed at least once, none is lost, and those that never succeed are in the dead-letter queue. In a
FIFO queue the messages of each group are processed in order: one comes again only with those that were received with
it. The suite sends a few hundred; `python tests/delivery.py` sends 10,000 through a queue of either kind.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError
from served import Served, serve_account

# Each message is "GROUP NUMBER"; of a group whose message has failed, those after it are reported as failed too.
PUT = """
import os, random, signal, time
import boto3
table = boto3.client("dynamodb")
def lambda_handler(event, context):
    failed, groups = [], set()
    for record in event["Records"]:
        group, number = record["body"].split()
        in_order = record["attributes"].get("MessageGroupId")
        if in_order in groups or int(number) % 50 == 7 or random.random() < FAILING:
            failed.append({"itemIdentifier": record["messageId"]})
            if in_order:
                groups.add(in_order)
        elif random.random() < DYING:
            os.kill(os.getpid(), signal.SIGKILL)
        else:
            table.put_item(TableName="seen", Item={"id": {"S": f"{time.time_ns()} {record['body']}"}})
    return {"batchItemFailures": failed}
"""
ACTIONS = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "dynamodb:PutItem"]
NEVER = 50  # one message in so many never succeeds
ATTEMPTS = 6  # until a message is dead-lettered
HIDDEN = 30  # seconds
BATCH = 10
Group = tuple[str, list[int]]


def deliver(account: Served, messages: int, fifo: bool = False, groups: int = 20, seed: int = 0) -> int:
    """Send so many messages and check where each has ended; how often the poller was stopped amid its work."""
    mapping, over = _prepare(account, fifo), threading.Event()
    with ThreadPoolExecutor(1) as elsewhere:
        stopping = elsewhere.submit(_stop_and_go, account, mapping, random.Random(seed), over)
        try:
            _send(account, messages, groups, fifo)
            while _left(account):
                account.advance(HIDDEN + 1)  # what failed is visible again
        finally:
            over.set()
    seen, dead = _seen(account), _dead(account)
    for group, sent in _sent(messages, groups):
        never = {number for number in sent if number % NEVER == 7}
        lost = {*sent} - {*seen[group]} - dead[group]
        assert not lost and never <= dead[group] and not never & {*seen[group]}, f"of {group}: {lost} lost"
        if fifo:
            _check_order(seen[group])
    return stopping.result()


def _check_order(numbers: Sequence[int]) -> None:
    """Each is new and higher than all before, or one of the last that were received together, which begin again."""
    known: list[int] = []
    for before, number in zip([-1, *numbers], numbers, strict=False):
        if number in known:
            assert number in known[-BATCH:], f"{number} came again after {known[-1]}"
            assert number <= before or known.index(number) > known.index(before), f"{number} came after {before}"
        else:
            assert not known or number > known[-1], f"{number} came after {known[-1]}"
            assert not known or before == known[-1], f"{number} came after {before}, before {known[-1]} came again"
            known.append(number)


def _prepare(account: Served, fifo: bool) -> str:
    end, kind = (".fifo", {"FifoQueue": "true"}) if fifo else ("", {})
    account.sqs.create_queue(QueueName=f"dead{end}", Attributes=kind)
    redrive = {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:123456789012:dead{end}", "maxReceiveCount": ATTEMPTS}
    attributes = {"VisibilityTimeout": str(HIDDEN), "RedrivePolicy": json.dumps(redrive), **kind}
    account.sqs.create_queue(QueueName=f"work{end}", Attributes=attributes)
    account.dynamodb.create_table(
        TableName="seen",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    role = account.role("AWSLambdaBasicExecutionRole", name="worker", allow=[{"Action": ACTIONS, "Resource": "*"}])
    # A group of a FIFO queue waits whenever one of it fails, so that few may.
    failing, dying = ("0.01", "0.002") if fifo else ("0.1", "0.004")
    account.function(PUT.replace("FAILING", failing).replace("DYING", dying), Role=role, Timeout=HIDDEN)
    mapping = account.awslambda.create_event_source_mapping(
        EventSourceArn=f"arn:aws:sqs:us-east-1:123456789012:work{end}", FunctionName="f", BatchSize=BATCH,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )  # fmt: skip
    return str(mapping["UUID"])


def _sent(messages: int, groups: int) -> list[Group]:
    """The numbers of each group."""
    return [(f"g{group}", list(range(group, messages, groups))) for group in range(groups)]


def _url(account: Served, name: str) -> str:
    return str(account.sqs.list_queues(QueueNamePrefix=name)["QueueUrls"][0])


def _send(account: Served, messages: int, groups: int, fifo: bool) -> None:
    url = _url(account, "work")

    def send(of: Group) -> None:
        group, numbers = of
        for start in range(0, len(numbers), 10):
            entries = [_entry(group, number, fifo) for number in numbers[start : start + 10]]
            assert len(account.sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]) == len(entries)

    with ThreadPoolExecutor(4) as senders:
        list(senders.map(send, _sent(messages, groups)))


def _entry(group: str, number: int, fifo: bool) -> dict[str, Any]:
    order = {"MessageGroupId": group, "MessageDeduplicationId": str(number)} if fifo else {}
    return {"Id": str(number), "MessageBody": f"{group} {number}", **order}


def _stop_and_go(account: Served, mapping: str, rng: random.Random, over: threading.Event) -> int:
    """Have the poller stop amid its work and begin again, at random moments; how often."""
    times = 0
    while not over.wait(rng.uniform(0.1, 1)):
        for enabled in (False, True):
            _enable(account, mapping, enabled)
        times += 1
    return times


def _enable(account: Served, mapping: str, enabled: bool) -> None:
    """As soon as no other change is under way."""
    while True:
        with suppress(ClientError):
            account.awslambda.update_event_source_mapping(UUID=mapping, Enabled=enabled)
            return
        time.sleep(0.02)


def _left(account: Served) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = account.sqs.get_queue_attributes(QueueUrl=_url(account, "work"), AttributeNames=names)["Attributes"]
    return sum(map(int, found.values()))


def _seen(account: Served) -> dict[str, list[int]]:
    """The numbers of each group in the order in which they were processed."""
    pages = account.dynamodb.get_paginator("scan").paginate(TableName="seen")
    found = defaultdict(list)
    for _, group, number in sorted(item["id"]["S"].split() for page in pages for item in page["Items"]):
        found[group].append(int(number))
    return found


def _dead(account: Served) -> dict[str, set[int]]:
    """The numbers in the dead-letter queue, by group."""
    url, found = _url(account, "dead"), defaultdict(set)
    while received := account.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in received:
            group, number = message["Body"].split()
            found[group].add(int(number))
            account.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


if __name__ == "__main__":
    for kind in (False, True):
        served = serve_account()
        started = time.monotonic()
        try:
            times = deliver(served, 10_000, fifo=kind, groups=50)
            print(f"10,000 messages of a {'FIFO' if kind else 'standard'} queue: none lost, none out of order, though "
                  f"the poller stopped {times} times; in {time.monotonic() - started:.0f} s")  # fmt: skip
        finally:
            served.stop()
