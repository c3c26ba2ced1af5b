"""Lab: a function that reads a queue reports what it cannot read, so that this alone ends in the dead-letter queue."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager

import boto3

import labkit
from labkit.account import messages
from labkit.labs.deployed import when_deployed
from labkit.labs.functions import logged
from labkit.labs.report import Criterion

NAME = "pack"
QUEUE = "parcels"
ARN = f"arn:aws:sqs:us-east-1:123456789012:{QUEUE}"
RECEIVES = 3  # of a message, before it goes to the dead-letter queue
PARCELS = 4
PATIENCE = 5  # minutes, in which a message is received as often as the queue allows

PACKED = "Each parcel that can be read is packed once."
DEAD = "What can't be read ends in the dead-letter queue."
SPARED = "No other parcel ends there."


@when_deployed(NAME, PACKED, DEAD, SPARED)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether readable parcels are packed just once, and unreadable ones alone end in the dead-letter queue."""
    numbers = draw.sample(range(10_000, 100_000), PARCELS + 2)
    readable = [json.dumps({"number": number, "grams": draw.randrange(100, 9000)}) for number in numbers[:PARCELS]]
    unreadable = [f"parcel {numbers[-2]}", json.dumps({"number": numbers[-1]})]
    since = int(1000 * labkit.clock.time())
    with _queue(), _mapping():
        sent = _send(draw.sample(readable + unreadable, len(numbers)))
        labkit.clock.advance(minutes=PATIENCE)
        labkit.settle()
    buried = {step.message for step in messages() if step.step == "dead-lettered"}
    return (
        _packed(numbers[:PARCELS], since),
        _dead([body for body in unreadable if sent[body] not in buried]),
        _spared([body for body in readable if sent[body] in buried]),
    )


@contextmanager
def _queue() -> Iterator[None]:
    """There is the queue with its dead-letter queue meanwhile."""
    sqs = boto3.client("sqs")
    if any(url.endswith(f"/{QUEUE}") for url in sqs.list_queues(QueueNamePrefix=QUEUE).get("QueueUrls", ())):
        yield
        return
    redrive = json.dumps({"deadLetterTargetArn": f"{ARN}-dead", "maxReceiveCount": RECEIVES})
    dead = sqs.create_queue(QueueName=f"{QUEUE}-dead")["QueueUrl"]
    queue = sqs.create_queue(QueueName=QUEUE, Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    try:
        yield
    finally:
        for url in (queue, dead):
            sqs.delete_queue(QueueUrl=url)


@contextmanager
def _mapping() -> Iterator[None]:
    """Lambda polls the queue for the function meanwhile, and asks which messages failed."""
    client = boto3.client("lambda")
    polled = {"FunctionName": NAME, "EventSourceArn": ARN}
    if client.list_event_source_mappings(**polled)["EventSourceMappings"]:
        yield
        return
    client.get_waiter("function_active_v2").wait(FunctionName=NAME)
    made = client.create_event_source_mapping(**polled, FunctionResponseTypes=["ReportBatchItemFailures"])
    try:
        yield
    finally:
        client.delete_event_source_mapping(UUID=made["UUID"])
        labkit.clock.advance(minutes=1)  # in which it is deleted


def _send(bodies: list[str]) -> dict[str, str]:
    """Send these messages, as one batch; the id of each body."""
    sqs = boto3.client("sqs")
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sent = sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]
    return {bodies[int(each["Id"])]: each["MessageId"] for each in sent}


def _packed(numbers: list[int], since: int) -> Criterion:
    words = [line.split() for line in logged(NAME, since, "PACKED")]
    for number in numbers:
        times = sum(str(number) in line for line in words)
        if times != 1:
            never = (
                f"Is its line printed before another message of the batch fails? {NAME} prints PACKED and the number."
            )
            advice = "It came again, because its batch failed." if times else never
            return Criterion(PACKED, False, f"The log says {times} times that {number} was packed. {advice}")
    return Criterion(PACKED, True, f"The log names {', '.join(map(str, numbers))}, each once.")


def _dead(lost: list[str]) -> Criterion:
    if lost:
        advice = "Return its messageId as an itemIdentifier in batchItemFailures."
        return Criterion(DEAD, False, f"The message {lost[0]!r} is not there. {advice}")
    return Criterion(DEAD, True, "Both messages that can't be read are there.")


def _spared(buried: list[str]) -> Criterion:
    if buried:
        advice = "Catch the error of each message in the loop, so that one does not fail the whole batch."
        return Criterion(SPARED, False, f"The message {buried[0]} is there. {advice}")
    return Criterion(SPARED, True, f"None of the {PARCELS} others is there.")
