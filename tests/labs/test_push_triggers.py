"""The labels lab: keys that are not decoded, the wrong bucket and the wrong text are each found."""

from __future__ import annotations

import json

import boto3
import pytest

import labkit
from labkit.labs import push_triggers
from labkit.labs.push_triggers import BUCKET, LABELS, NAME

GOOD = """
from urllib.parse import unquote_plus
import boto3
s3 = boto3.client("s3")
def lambda_handler(event, context):
    record = event["Records"][0]["s3"]
    bucket, key = record["bucket"]["name"], unquote_plus(record["object"]["key"])
    size = s3.head_object(Bucket=bucket, Key=key)["ContentLength"]
    s3.put_object(Bucket=f"{bucket}-labels", Key=f"{key}.txt", Body=f"{size} bytes".encode())
"""
EXISTS, PLAIN, ALL, ONCE = range(4)


@pytest.fixture
def connected(deploy):
    """Deploys a cell as the function, and lets the album's bucket call it as the lesson does."""

    def connect(cell):
        deploy(f"{NAME} --memory 1769 --timeout 10", cell)
        client, s3 = boto3.client("lambda"), boto3.client("s3")
        for name in (BUCKET, LABELS):
            s3.create_bucket(Bucket=name)
        let_use_objects()
        client.add_permission(
            FunctionName=NAME, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
            SourceArn=f"arn:aws:s3:::{BUCKET}",
        )  # fmt: skip
        arn = client.get_function_configuration(FunctionName=NAME)["FunctionArn"]
        told = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
        s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=told)

    return connect


def let_use_objects():
    objects = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [objects]})
    boto3.client("iam").put_role_policy(RoleName=f"{NAME}-role", PolicyName="objects", PolicyDocument=document)


def unmet(draw):
    return [i for i, criterion in enumerate(push_triggers.criteria(draw)) if not criterion.met]


def test_labels_for_all_names_pass(connected, draw):
    connected(GOOD)
    assert unmet(draw) == []
    assert unmet(draw) == [], "a second check uploads files of its own"


@pytest.mark.parametrize(
    "cell, expected",
    [
        (GOOD.replace('unquote_plus(record["object"]["key"])', 'record["object"]["key"]'), [ALL]),
        (GOOD.replace("unquote_plus", "unquote"), [ALL]),
        (GOOD.replace('f"{bucket}-labels"', "bucket"), [PLAIN, ALL, ONCE]),
        (GOOD.replace("{size} bytes", "6 bytes"), [PLAIN, ALL]),
        (GOOD.replace("    s3.put", "    s3.put_object(Bucket=bucket, Key='last', Body=b'')\n    s3.put"), [ONCE]),
        ("def lambda_handler(event, context):\n    return {}\n", [PLAIN, ALL]),
    ],
    ids=["not decoded", "plus left in", "the same bucket", "one size by heart", "writes to both", "does nothing"],
)
def test_each_fault_is_found(connected, draw, cell, expected):
    connected(cell)
    assert unmet(draw) == expected


def test_an_earlier_event_that_is_tried_again_does_not_count(connected, deploy, draw, monkeypatch):
    connected("def lambda_handler(event, context):\n    raise OSError\n")
    assert unmet(draw) == [PLAIN, ALL]
    deploy(f"{NAME} --memory 1769 --timeout 10", GOOD)
    settle = labkit.settle
    monkeypatch.setattr(labkit, "settle", lambda: (labkit.clock.advance(minutes=4), settle()))
    tried = len(labkit.invocations())
    assert unmet(draw) == []
    assert len(labkit.invocations()) > tried + len(push_triggers.PLAIN + push_triggers.SIGNS), (
        "some were tried again meanwhile"
    )


def test_without_the_function_nothing_is_met_and_the_way_is_told(account, draw):
    criteria = push_triggers.criteria(draw)
    assert not any(criterion.met for criterion in criteria)
    assert f"%%function {NAME}" in criteria[EXISTS].seen


def test_what_is_missing_around_it_is_made_and_gone_again(deploy, draw):
    deploy(f"{NAME} --memory 1769 --timeout 10", GOOD)
    let_use_objects()
    assert all(criterion.met for criterion in push_triggers.criteria(draw))
    assert not boto3.client("s3").list_buckets()["Buckets"]
