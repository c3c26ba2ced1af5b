"""The till lab: who waits for the wrong function, or does not look whether a call failed, is told so."""

from __future__ import annotations

import json

import boto3
import pytest

from labkit.labs import invocation_types
from labkit.labs.functions import exists
from labkit.labs.invocation_types import ASKED, GIVEN, NAME, TOLD

GOOD = """
import json

import boto3

client = boto3.client("lambda")


def lambda_handler(event, context):
    item = json.dumps(event)
    answer = client.invoke(FunctionName="warehouse", Payload=item)
    if "FunctionError" in answer:
        return {"left": None}
    client.invoke(FunctionName="mailer", InvocationType="Event", Payload=item)
    return json.load(answer["Payload"])
"""
EXISTS, ANSWERS, TELLS, FAST, FAILS = range(5)


def unmet(draw):
    return [i for i, criterion in enumerate(invocation_types.criteria(draw)) if not criterion.met]


def allow(*names):
    arns = [f"arn:aws:lambda:us-east-1:123456789012:function:{name}" for name in names]
    statement = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": arns}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    boto3.client("iam").put_role_policy(RoleName=f"{NAME}-role", PolicyName="calls", PolicyDocument=document)


def test_nothing_is_there_at_first(account, draw):
    assert unmet(draw) == [EXISTS, ANSWERS, TELLS, FAST, FAILS]


@pytest.mark.parametrize(
    ("changed", "into", "expected"),
    [
        ("item = ", "item = ", []),
        ('InvocationType="Event", ', "", [FAST]),
        ('FunctionName="warehouse"', 'FunctionName="warehouse", InvocationType="Event"', [ANSWERS, FAILS]),
        ('"FunctionError" in answer', "False", [FAILS]),
        ('    client.invoke(FunctionName="mailer", InvocationType="Event", Payload=item)\n', "", [TELLS, FAST]),
    ],
    ids=["right", "waits for both", "waits for none", "overlooks the error", "mails nothing"],
)
def test_each_way_is_judged(deploy, draw, changed, into, expected):
    assert changed in GOOD
    deploy(f"{NAME} --memory 512 --timeout 20", GOOD.replace(changed, into))
    allow(ASKED, TOLD)
    assert unmet(draw) == expected


def test_without_the_right_to_call_it_fails(deploy, draw):
    deploy(f"{NAME} --memory 512 --timeout 20", GOOD)
    allow(ASKED)
    assert unmet(draw) == [ANSWERS, TELLS, FAST]


def test_what_the_learner_has_stays_and_what_was_missing_is_gone_again(deploy, draw):
    deploy(f"{NAME} --memory 512 --timeout 20", GOOD)
    deploy(ASKED, GIVEN[ASKED])
    allow(ASKED, TOLD)
    assert not unmet(draw)
    assert exists(ASKED) and not exists(TOLD)
