"""The ledger lab: what is booked twice, not found by its name, or lost behind a broken line is told."""

from __future__ import annotations

import json

import boto3
import pytest

from labkit.labs import file_pipeline
from labkit.labs.file_pipeline import BUCKET, NAME, TABLE
from labkit.labs.surroundings import keys_in

GOOD = """
from urllib.parse import unquote_plus

import boto3

s3, table = boto3.client("s3"), boto3.resource("dynamodb").Table("bookings")


def lambda_handler(event, context):
    record = event["Records"][0]["s3"]
    key = unquote_plus(record["object"]["key"])
    body = s3.get_object(Bucket="ledger", Key=key)["Body"].read().decode()
    for line in body.splitlines():
        try:
            booking, cents = line.split(",")
            table.put_item(Item={"id": booking, "cents": int(cents)})
        except ValueError:
            print("SKIPPED", line)
"""
ADDS = """table.update_item(
                Key={"id": booking}, UpdateExpression="ADD cents :c", ExpressionAttributeValues={":c": int(cents)})"""
EXISTS, BOOKED, ONCE, NAMES, PAST = range(5)


def unmet(draw):
    return [i for i, criterion in enumerate(file_pipeline.criteria(draw)) if not criterion.met]


def allow(*actions):
    what = {"Action": list(actions), "Resource": ["arn:aws:s3:::ledger/*", "arn:aws:dynamodb:*:*:table/bookings"]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **what}]})
    boto3.client("iam").put_role_policy(RoleName=f"{NAME}-role", PolicyName="work", PolicyDocument=document)


def test_nothing_is_there_at_first(account, draw):
    assert unmet(draw) == [EXISTS, BOOKED, ONCE, NAMES, PAST]


@pytest.mark.parametrize(
    ("changed", "into", "expected"),
    [
        ("s3, table", "s3, table", []),
        ('table.put_item(Item={"id": booking, "cents": int(cents)})', ADDS, [ONCE]),
        ('unquote_plus(record["object"]["key"])', 'record["object"]["key"]', [NAMES]),
        ("except ValueError:\n            print", "except KeyError:\n            print", [PAST]),
        ("int(cents)", "cents", [BOOKED, ONCE, NAMES, PAST]),
    ],
    ids=["right", "adds", "does not decode", "fails at a broken line", "text for numbers"],
)
def test_each_way_is_judged(deploy, draw, changed, into, expected):
    assert changed in GOOD
    deploy(f"{NAME} --memory 1024 --timeout 20", GOOD.replace(changed, into))
    allow("s3:GetObject", "dynamodb:PutItem", "dynamodb:UpdateItem")
    assert unmet(draw) == expected


def test_without_its_permissions_nothing_is_booked(deploy, draw):
    deploy(f"{NAME} --memory 1024 --timeout 20", GOOD)
    assert unmet(draw) == [BOOKED, ONCE, NAMES, PAST]


def test_what_was_there_stays_as_it_was(deploy, draw):
    s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="mine.csv", Body=b"a,1")
    deploy(f"{NAME} --memory 1024 --timeout 20", GOOD)
    allow("s3:GetObject", "dynamodb:PutItem")
    assert unmet(draw) == []
    assert keys_in(BUCKET) == ["mine.csv"] and TABLE not in dynamodb.list_tables()["TableNames"]
    assert not s3.get_bucket_notification_configuration(Bucket=BUCKET).get("LambdaFunctionConfigurations")
