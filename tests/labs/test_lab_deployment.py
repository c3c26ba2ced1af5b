"""The release lab: a share that stays, a version that is not taken back and one that is given all at once are found."""

from __future__ import annotations

import json

import boto3
import pytest

from labkit.labs import deployment
from labkit.labs.deployment import NAME, RELEASED
from labkit.labs.functions import exists

GOOD = """
import boto3

client = boto3.client("lambda")
LIVE = {"FunctionName": "storefront", "Name": "live"}


def lambda_handler(event, context):
    shares = {event["version"]: event["share"]} if event["do"] == "try" else {}
    new = {"FunctionVersion": event["version"]} if event["do"] == "keep" else {}
    client.update_alias(**LIVE, **new, RoutingConfig={"AdditionalVersionWeights": shares})
"""
EXISTS, TRY, KEEP, BACK = range(4)


def unmet(draw):
    return [i for i, criterion in enumerate(deployment.criteria(draw)) if not criterion.met]


def allow():
    what = {"Action": "lambda:UpdateAlias", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:storefront*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **what}]})
    boto3.client("iam").put_role_policy(RoleName=f"{NAME}-role", PolicyName="release", PolicyDocument=document)


def test_nothing_is_there_at_first(account, draw):
    assert unmet(draw) == [EXISTS, TRY, KEEP, BACK]


@pytest.mark.parametrize(
    ("changed", "into", "expected"),
    [
        ("shares = ", "shares = ", []),
        ('["share"]} if event["do"] == "try" else {}', '["share"]}', [KEEP, BACK]),
        ('if event["do"] == "keep" else {}', "", [TRY, BACK]),
        ('if event["do"] == "keep" else {}', 'if event["do"] == "never" else {}', [KEEP]),
        ('event["share"]}', "0.1}", [TRY]),
    ],
    ids=["right", "the share stays", "all at once", "never kept", "a share of its own"],
)
def test_each_way_is_judged(deploy, draw, changed, into, expected):
    assert changed in GOOD
    deploy(f"{NAME} --memory 1024 --timeout 20", GOOD.replace(changed, into))
    allow()
    assert unmet(draw) == expected
    assert not exists(RELEASED)


def test_what_its_role_may_not_do_is_told(deploy, draw):
    deploy(f"{NAME} --memory 1024 --timeout 20", GOOD)
    assert unmet(draw) == [TRY, KEEP, BACK]
    assert "lambda:UpdateAlias" in deployment.criteria(draw)[TRY].seen
