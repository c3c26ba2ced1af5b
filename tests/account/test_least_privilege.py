"""What a function needs, from its real calls."""

from __future__ import annotations

import json

import boto3
import pytest
from served import RUNTIME, TRUST, zip_of

import labkit
from labkit.mistake import BadValue

CODE = """
import boto3
def lambda_handler(event, context):
    table = boto3.resource("dynamodb").Table("Orders")
    table.put_item(Item={"id": "1"})
    return table.get_item(Key={"id": "1"})["Item"]["id"]
"""
WIDE = {"Effect": "Allow", "Action": ["dynamodb:*", "s3:GetObject", "logs:*"], "Resource": "*"}


@pytest.fixture
def account():
    running = labkit.start()
    yield running
    running.stop()


def make_function(statement):
    iam = boto3.client("iam")
    role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    give(statement)
    boto3.client("dynamodb").create_table(
        TableName="Orders", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    boto3.client("lambda").create_function(
        FunctionName="orders", Role=role, Runtime=RUNTIME, Handler="lambda_function.lambda_handler", Timeout=20,
        Code={"ZipFile": zip_of(CODE)},
    )  # fmt: skip


def give(*statements):
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    boto3.client("iam").put_role_policy(RoleName="worker", PolicyName="own", PolicyDocument=document)


def invoke():
    return json.load(boto3.client("lambda").invoke(FunctionName="orders")["Payload"])


def test_the_proposal_is_enough_and_no_more_than_enough(account):
    make_function(WIDE)
    assert invoke() == "1"
    labkit.settle()
    found = labkit.least_privilege("orders")
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/Orders"
    group = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/orders:*"
    assert {(action, *each["Resource"]) for each in found.policy["Statement"] for action in each["Action"]} == {
        ("dynamodb:GetItem", table), ("dynamodb:PutItem", table),
        ("logs:CreateLogGroup", group), ("logs:CreateLogStream", group), ("logs:PutLogEvents", group),
    }  # fmt: skip
    (broad,) = found.excess
    assert broad.statement == "role_worker_own, statement 1" and broad.unused == ("s3:GetObject",)
    assert dict(broad.wide)["dynamodb:*"] == ("dynamodb:GetItem", "dynamodb:PutItem")
    give(*found.policy["Statement"])
    assert invoke() == "1"
    labkit.settle()
    after = labkit.least_privilege("orders")
    assert (after.policy, after.excess, after.refused) == (found.policy, (), ())
    give(found.policy["Statement"][1])
    assert invoke()["errorType"] == "ClientError"
    assert [need.action for need in labkit.least_privilege("orders").refused] == ["dynamodb:PutItem"]
    account.reset()
    with pytest.raises(BadValue, match="'orders' is no function in this account"):
        labkit.least_privilege("orders")


def test_a_name_that_is_nearly_right_is_suggested(account):
    make_function(WIDE)
    with pytest.raises(BadValue, match="'order' is no function in this account; did you mean orders"):
        labkit.least_privilege("order")
    assert labkit.least_privilege("orders").policy["Statement"] == []
