"""The clerk lab: too little, too much, and logs that were taken away are each found."""

from __future__ import annotations

import json

import boto3
import pytest

from labkit.labs import execution_roles
from labkit.labs.execution_roles import BUCKET, NAME, ORDERS, TABLE

CODE = """
import boto3


def lambda_handler(event, context):
    body = boto3.client("s3").get_object(Bucket="labkit-inbox", Key=event["key"])["Body"].read().decode()
    boto3.client("dynamodb").put_item(TableName="orders", Item={"id": {"S": event["key"]}, "text": {"S": body}})
"""
EXISTS, WORKS, LEAST, LOGS = range(4)
READ = ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*")
WRITE = ("dynamodb:PutItem", ORDERS)


def unmet(draw):
    return [i for i, criterion in enumerate(execution_roles.criteria(draw)) if not criterion.met]


@pytest.fixture
def clerk(deploy):
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    key = {"AttributeName": "id", "KeyType": "HASH"}
    names = [{"AttributeName": "id", "AttributeType": "S"}]
    table = {"TableName": TABLE, "KeySchema": [key], "AttributeDefinitions": names}
    boto3.client("dynamodb").create_table(**table, BillingMode="PAY_PER_REQUEST")
    deploy(f"{NAME} --memory 512 --timeout 20", CODE)


def allow(*pairs):
    statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in pairs]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    boto3.client("iam").put_role_policy(RoleName=f"{NAME}-role", PolicyName="needs", PolicyDocument=document)


def test_without_the_function_nothing_is_met(account, draw):
    assert unmet(draw) == [EXISTS, WORKS, LEAST, LOGS]


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        ([READ, WRITE], []),
        ([READ], [WORKS, LEAST]),
        ([("s3:*", "*"), WRITE], [LEAST]),
        ([READ, ("dynamodb:*", ORDERS)], [LEAST]),
        ([READ, ("dynamodb:PutItem", "*")], [LEAST]),
    ],
    ids=["exactly", "only the bucket", "all of S3", "all of the table", "every table"],
)
def test_each_policy_is_judged(clerk, draw, allowed, expected):
    allow(*allowed)
    assert unmet(draw) == expected


def test_logs_that_were_taken_away_are_missed(clerk, draw):
    allow(READ, WRITE)
    policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    boto3.client("iam").detach_role_policy(RoleName=f"{NAME}-role", PolicyArn=policy)
    assert unmet(draw) == [LOGS]
