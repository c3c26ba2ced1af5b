"""The parcels lab: failing the whole batch, swallowing the error and reporting everything are each found."""

from __future__ import annotations

import json

import boto3
import pytest

from labkit.labs import polled_sources
from labkit.labs.polled_sources import NAME, QUEUE

GOOD = """
import json
def lambda_handler(event, context):
    failed = []
    for record in event["Records"]:
        try:
            parcel = json.loads(record["body"])
            print("PACKED", parcel["number"], parcel["grams"] / 1000, "kg")
        except (ValueError, KeyError, TypeError):
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
"""
GIVEN = """
import json
def lambda_handler(event, context):
    for record in event["Records"]:
        parcel = json.loads(record["body"])
        print("PACKED", parcel["number"], parcel["grams"] / 1000, "kg")
"""
EVERYTHING = GOOD.replace(
    "        try:", "        failed.append({'itemIdentifier': record['messageId']})\n        try:"
)
MANAGED = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"
EXISTS, PACKED, DEAD, SPARED = range(4)


@pytest.fixture
def connected(deploy):
    """Deploys a cell as the function, and connects it with the queue as the lesson does."""

    def connect(cell):
        deploy(f"{NAME} --timeout 5", cell)
        client, sqs = boto3.client("lambda"), boto3.client("sqs")
        arn = f"arn:aws:sqs:us-east-1:123456789012:{QUEUE}"
        sqs.create_queue(QueueName=f"{QUEUE}-dead")
        redrive = json.dumps({"deadLetterTargetArn": f"{arn}-dead", "maxReceiveCount": 3})
        sqs.create_queue(QueueName=QUEUE, Attributes={"RedrivePolicy": redrive})
        boto3.client("iam").attach_role_policy(RoleName=f"{NAME}-role", PolicyArn=MANAGED)
        client.get_waiter("function_active_v2").wait(FunctionName=NAME)
        client.create_event_source_mapping(
            FunctionName=NAME, EventSourceArn=arn, FunctionResponseTypes=["ReportBatchItemFailures"]
        )

    return connect


def unmet(draw):
    return [i for i, criterion in enumerate(polled_sources.criteria(draw)) if not criterion.met]


def test_reporting_what_failed_passes(connected, draw):
    connected(GOOD)
    assert unmet(draw) == []
    assert unmet(draw) == [], "a second check sends messages of its own"


@pytest.mark.parametrize(
    "cell, expected",
    [
        (GIVEN, [PACKED, SPARED]),
        (GOOD.replace('return {"batchItemFailures": failed}', "return {}"), [DEAD]),
        (GOOD.replace("(ValueError, KeyError, TypeError)", "ValueError"), [PACKED, SPARED]),
        (GOOD.replace('            print("PACKED"', '            print("FOUND"'), [PACKED]),
        (EVERYTHING, [PACKED, SPARED]),
        ("def lambda_handler(event, context):\n    return {}\n", [PACKED, DEAD]),
    ],
    ids=["as given", "swallows the error", "misses one kind", "does not pack", "reports everything", "does nothing"],
)
def test_each_fault_is_found(connected, draw, cell, expected):
    connected(cell)
    assert unmet(draw) == expected


def test_a_repaired_function_is_judged_by_new_messages(connected, deploy, draw):
    connected(GIVEN)
    assert unmet(draw) == [PACKED, SPARED]
    deploy(f"{NAME} --timeout 5", GOOD)
    assert unmet(draw) == []


def test_without_the_function_nothing_is_met_and_the_way_is_told(account, draw):
    criteria = polled_sources.criteria(draw)
    assert not any(criterion.met for criterion in criteria)
    assert f"%%function {NAME}" in criteria[EXISTS].seen


def test_what_is_missing_around_it_is_made_and_gone_again(deploy, draw):
    deploy(NAME, GOOD)
    boto3.client("iam").attach_role_policy(RoleName=f"{NAME}-role", PolicyArn=MANAGED)
    assert all(criterion.met for criterion in polled_sources.criteria(draw))
    assert not boto3.client("sqs").list_queues().get("QueueUrls")
    assert not boto3.client("lambda").list_event_source_mappings(FunctionName=NAME)["EventSourceMappings"]


def test_what_the_role_may_not_do_is_told(deploy, draw):
    deploy(NAME, GOOD)
    exists, *others = polled_sources.criteria(draw)
    assert exists.met and not any(criterion.met for criterion in others)
    assert "ReceiveMessage" in others[0].seen
