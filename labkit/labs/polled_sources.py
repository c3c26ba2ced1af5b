"""Lab: a function that reads a queue reports what it cannot read, so that this alone ends in the dead-letter queue."""

from __future__ import annotations

import json
import random

import boto3

import labkit
from labkit.account import messages
from labkit.labs.functions import exists
from labkit.labs.report import Criterion

NAME = "pack"
QUEUE = "parcels"
PARCELS = 4
PATIENCE = 5  # minutes, in which a message is received as often as the queue allows

DEPLOYED = f"A function {NAME} is deployed."
PACKED = "Each parcel that can be read is packed once."
DEAD = "What can't be read ends in the dead-letter queue."
SPARED = "No other parcel ends there."


def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether readable parcels are packed just once, and unreadable ones alone end in the dead-letter queue."""
    if missing := _missing():
        return tuple(Criterion(asked, False, missing) for asked in (DEPLOYED, PACKED, DEAD, SPARED))
    numbers = draw.sample(range(10_000, 100_000), PARCELS + 2)
    readable = [json.dumps({"number": number, "grams": draw.randrange(100, 9000)}) for number in numbers[:PARCELS]]
    unreadable = [f"parcel {numbers[-2]}", json.dumps({"number": numbers[-1]})]
    since = int(1000 * labkit.clock.time())
    sent = _send(draw.sample(readable + unreadable, len(numbers)))
    labkit.clock.advance(minutes=PATIENCE)
    labkit.settle()
    buried = {step.message for step in messages() if step.step == "dead-lettered"}
    return (
        Criterion(DEPLOYED, True, f"{NAME} is in your account."),
        _packed(numbers[:PARCELS], since),
        _dead([body for body in unreadable if sent[body] not in buried]),
        _spared([body for body in readable if sent[body] in buried]),
    )


def _missing() -> str:
    """What has to be run before anything can be checked; empty when all is there."""
    if not exists(NAME):
        return f"There is no function {NAME} yet. Its cell begins with %%function {NAME}; run it."
    mappings = boto3.client("lambda").list_event_source_mappings(FunctionName=NAME)["EventSourceMappings"]
    if not any(mapping["EventSourceArn"].endswith(f":{QUEUE}") for mapping in mappings):
        return (
            f"No mapping leads from the queue {QUEUE} to {NAME} yet. Run the cells below the function, which make it."
        )
    return ""


def _send(bodies: list[str]) -> dict[str, str]:
    """Send these messages, as one batch; the id of each body."""
    sqs = boto3.client("sqs")
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sent = sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]
    return {bodies[int(each["Id"])]: each["MessageId"] for each in sent}


def _packed(numbers: list[int], since: int) -> Criterion:
    logs = boto3.client("logs")
    found = logs.filter_log_events(logGroupName=f"/aws/lambda/{NAME}", startTime=since, filterPattern="PACKED")
    words = [event["message"].split() for event in found["events"]]
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
