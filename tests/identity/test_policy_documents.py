"""A policy that IAM would not store gets an error that names the statement and the field."""

from __future__ import annotations

import json

import pytest

from labkit import facts
from labkit.identity import Policy, PolicyError

GOOD = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def with_statement(**changes):
    statement = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [GOOD, statement]}


BAD = [
    ("{", "P is not JSON"),
    ("[]", "P is []; a policy is a JSON object"),
    ({}, "P: Statement is missing"),
    ({"Statement": []}, "P: Statement is []"),
    ({"Statement": "Allow"}, "P: Statement is 'Allow'"),
    ({"Statement": ["Allow"]}, "P, statement 1 is 'Allow'"),
    ({"Version": "2012-10-18", "Statement": GOOD}, "P: Version is '2012-10-18'; it is one of 2008-10-17, 2012-10-17"),
    ({"version": "2012-10-17", "Statement": GOOD}, "no field 'version' here; did you mean Version?"),
    ({"Statements": GOOD}, "did you mean Statement?"),
    (with_statement(Effect=None), "P, statement 2: Effect is missing; it is Allow or Deny"),
    (with_statement(Effect="allow"), "P, statement 2: Effect is 'allow'"),
    (with_statement(Sid="Read", Effect="Permit"), "P, statement 2 (Read): Effect is 'Permit'"),
    (with_statement(Action=None), "P, statement 2: neither is given of Action and NotAction"),
    (with_statement(NotAction="s3:*"), "P, statement 2: both are given of Action and NotAction"),
    (with_statement(Resource=None), "P, statement 2: neither is given of Resource and NotResource"),
    (with_statement(NotResource="*"), "P, statement 2: both are given of Resource and NotResource"),
    (with_statement(Action="GetObject"), "P, statement 2: Action is 'GetObject'; an action is a service prefix"),
    (with_statement(Action=[]), "P, statement 2: Action is []"),
    (with_statement(Action=[1]), "P, statement 2: Action is [1]"),
    (with_statement(Resource="my-bucket"), "P, statement 2: Resource is 'my-bucket'; a resource is an ARN"),
    (with_statement(Resource="arn:aws:*:::b"), "the service in an ARN (here '*') takes no wildcard"),
    (with_statement(Actions="s3:*"), "a role's policy has no field 'Actions' here; did you mean Action?"),
    (with_statement(Principal="*"), "P, statement 2: a role's policy has no field 'Principal'"),
    (with_statement(Condition="x"), "P, statement 2: Condition is 'x'"),
    (with_statement(Condition={"Bool": "true"}), "P, statement 2: Condition Bool is 'true'"),
    (with_statement(Condition={"Bool": {"a:b": {}}}), "P, statement 2: Condition Bool a:b is {}"),
    ({"Statement": [GOOD | {"Sid": "A"}, GOOD | {"Sid": "A"}]}, "P: Sid 'A' names several statements"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "message"), BAD)
def test_an_ill_formed_policy_is_named(document, message):
    with pytest.raises(PolicyError) as error:
        Policy.parse(document, "P")
    assert message in str(error.value)


def test_a_policy_is_read_from_json_or_its_value():
    assert Policy.parse(json.dumps(with_statement())) == Policy.parse(with_statement())


def test_aws_managed_policies_are_well_formed():
    policies = [Policy.parse(policy.document, name) for name, policy in facts.MANAGED_POLICIES.items()]
    assert len(policies) > 10 and all(policy.statements for policy in policies)
