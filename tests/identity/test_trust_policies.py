"""Who may assume a role, by its trust policy."""

from __future__ import annotations

import json

import pytest

from labkit.identity import trusts

ROLE = "arn:aws:iam::123456789012:role/r"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
LAMBDA = {"Service": "lambda.amazonaws.com"}


def statement(principal=LAMBDA, action="sts:AssumeRole", effect="Allow", **more):
    return {"Effect": effect, "Principal": principal, "Action": action, **more}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


CASES = {
    "Lambda": (document(statement()), True),
    "one statement, no list": (json.dumps({"Version": "2012-10-17", "Statement": statement()}), True),
    "several services": (document(statement({"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]})), True),
    "everyone": (document(statement("*")), True),
    "every action of STS": (document(statement(action="sts:*")), True),
    "another service": (document(statement({"Service": "ec2.amazonaws.com"})), False),
    "an account": (document(statement({"AWS": "arn:aws:iam::123456789012:root"})), False),
    "another action": (document(statement(action="sts:TagSession")), False),
    "a denial besides": (document(statement(), statement(effect="Deny")), False),
    "this function": (document(statement(Condition={"ArnEquals": {"aws:SourceArn": FUNCTION}})), True),
    "functions that begin so": (document(statement(Condition={"ArnLike": {"aws:SourceArn": f"{FUNCTION}*"}})), True),
    "another function": (document(statement(Condition={"ArnLike": {"aws:SourceArn": f"{FUNCTION}g"}})), False),
    "this account": (document(statement(Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}})), True),
    "another account": (document(statement(Condition={"StringEquals": {"aws:SourceAccount": "000000000000"}})), False),
    "an unknown field": (document(statement(Principals="*")), False),
    "no object": (document("Allow"), False),
    "no statement": ("{}", False),
    "no JSON": ("some policy", False),
    "a list": ("[]", False),
}


@pytest.mark.parametrize(("trust", "expected"), CASES.values(), ids=CASES)
def test_lambda_assumes_a_role_that_trusts_it(trust, expected):
    assert trusts(trust, ROLE, "lambda.amazonaws.com", FUNCTION) is expected
