"""Policies with mistakes: IAM's refusal says where, and what is likely to be misspelt is told."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from served import TRUST

from labkit.account.known_actions import known_actions
from labkit.identity import Policy

GOOD = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
LAMBDA = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
HERE = "PolicyDocument, statement 2"


def document(*statements, **more):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


def with_second(**changes):
    return document(GOOD, {name: value for name, value in (GOOD | changes).items() if value is not None})


WRONG = [
    ('{"Version": "2012-10-17",}', "PolicyDocument is not JSON"),
    (document(GOOD, version="x"), "no field 'version' here; did you mean Version?"),
    (with_second(Actions="s3:*"), f"{HERE}: a role's policy has no field 'Actions' here; did you mean Action?"),
    (with_second(Effect="allow"), f"{HERE}: Effect is 'allow'"),
    (with_second(Action="GetObject"), f"{HERE}: Action is 'GetObject'"),
    (with_second(Resource="photos"), f"{HERE}: Resource is 'photos'; a resource is an ARN"),
    (with_second(Resource=None), f"{HERE}: neither is given of Resource and NotResource"),
    (with_second(Condition={"StringEqual": {"aws:username": "x"}}),
     f"{HERE}: there is no condition operator StringEqual; did you mean StringEquals?"),
    (with_second(Condition={"DateLessThan": {"aws:CurrentTime": "soon"}}),
     f"{HERE}: DateLessThan compares with a date such as 2026-11-26T00:00:00Z, not 'soon'"),
    (with_second(Sid="my sid"), f"{HERE} (my sid): Statement IDs (SID) must be alpha-numeric"),
]  # fmt: skip


@pytest.fixture
def account(served):
    served.role(name="worker")
    return served


@pytest.mark.parametrize(("wrong", "message"), WRONG)
def test_a_malformed_policy_is_refused_with_the_place(account, wrong, message):
    iam = account.iam
    good = iam.create_policy(PolicyName="good", PolicyDocument=document(GOOD))["Policy"]["Arn"]
    calls = [
        lambda: iam.put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=wrong),
        lambda: iam.create_policy(PolicyName="p", PolicyDocument=wrong),
        lambda: iam.create_policy_version(PolicyArn=good, PolicyDocument=wrong),
    ]
    for call in calls:
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == "MalformedPolicyDocument"
        assert message in refused.value.response["Error"]["Message"]
    assert iam.list_role_policies(RoleName="worker")["PolicyNames"] == []
    assert len(iam.list_policy_versions(PolicyArn=good)["Versions"]) == 1


WRONG_TRUST = [
    ("{", "is not JSON"),
    (document(LAMBDA | {"Resource": "*"}), "statement 1: a trust policy has no Resource"),
    (document(LAMBDA | {"Principle": "*"}), "no field 'Principle' here; did you mean Principal?"),
    (document(GOOD | {"Resource": None}), "statement 1: a trust policy has no Resource"),
    ("{}", "Statement is missing"),
    (document(LAMBDA | {"Principal": {"Service": "lamda.amazonaws.com"}}), "did you mean lambda.amazonaws.com?"),
    (document(LAMBDA | {"Principal": {"Service": "lambda"}}), 'Invalid principal in policy: "SERVICE":"lambda"'),
    (
        document(LAMBDA | {"Principal": {"AWS": "arn:aws:iam::123456789012:role/nobody"}}),
        'Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/nobody"',
    ),
    (document(LAMBDA | {"Action": "sts:AsumeRole"}), "not sts:AsumeRole; did you mean sts:AssumeRole?"),
    (document(LAMBDA | {"Action": "s3:GetObject"}), "AssumeRole policy may only specify STS AssumeRole actions"),
    (document(LAMBDA | {"Principal": "lambda.amazonaws.com"}), "Principal is 'lambda.amazonaws.com'"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG_TRUST)
def test_a_malformed_trust_policy_is_refused_and_the_old_one_stays(account, wrong, message):
    for call in (
        lambda: account.iam.create_role(RoleName="new", AssumeRolePolicyDocument=wrong),
        lambda: account.iam.update_assume_role_policy(RoleName="worker", PolicyDocument=wrong),
    ):
        with pytest.raises(account.iam.exceptions.MalformedPolicyDocumentException) as refused:
            call()
        assert message in str(refused.value)
    roles = account.iam.list_roles()["Roles"]
    assert [(role["RoleName"], role["AssumeRolePolicyDocument"]) for role in roles] == [("worker", json.loads(TRUST))]


def role_with(trust, *policies):
    own = [{"PolicyName": "p", "PolicyDocument": each} for each in policies]
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, "Policies": own}}


def policy_of_worker(wrong, **named):
    return {
        "Type": "AWS::IAM::Policy" if named else "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": wrong, "Roles": ["worker"], **named},
    }


BAD = json.loads(with_second(Action="GetObject"))
IN_TEMPLATES = {
    "a role's own": (role_with(json.loads(TRUST), BAD), "statement 2: Action is 'GetObject'"),
    "a trust policy": (role_with({"Version": "2012-10-17", "Statement": [LAMBDA | {"Efect": 1}]}), "no field 'Efect'"),
    "an inline policy": (policy_of_worker(BAD, PolicyName="p"), "statement 2: Action is 'GetObject'"),
    "a managed policy": (policy_of_worker(BAD), "statement 2: Action is 'GetObject'"),
}


@pytest.mark.parametrize(("resource", "message"), IN_TEMPLATES.values(), ids=IN_TEMPLATES)
def test_a_template_s_policies_meet_the_same_checks(account, resource, message):
    template = json.dumps({"Resources": {"Wrong": resource}})
    account.cloudformation.create_stack(StackName="s", TemplateBody=template, Capabilities=["CAPABILITY_IAM"])
    events = account.cloudformation.describe_stack_events(StackName="s")["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events if event["LogicalResourceId"] == "Wrong"]
    assert any(message in reason for reason in reasons), events
    assert [role["RoleName"] for role in account.iam.list_roles()["Roles"]] == ["worker"]
    assert account.iam.list_role_policies(RoleName="worker")["PolicyNames"] == []


def test_a_misspelt_action_is_stored_with_a_warning(account):
    given = document(GOOD | {"Action": ["s3:GetObjct", "dynamdb:PutItem", "s3:PutObject", "s3:Get*", "newservice:Do"]})
    before = len(account.complaints())
    account.iam.put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=given)
    assert account.iam.list_role_policies(RoleName="worker")["PolicyNames"] == ["p"]
    said = account.complaints()[before:]
    assert (
        "statement 1: s3:GetObjct is no action that the kit knows, and allows nothing; did you mean s3:GetObject?"
        in said
    )
    assert (
        "dynamdb:PutItem is no action that the kit knows, and allows nothing; did you mean dynamodb:PutItem?" in said
        and said.count("did you mean") == 2
    )


def test_a_doubtful_condition_is_stored_with_a_warning(account):
    condition = {
        "IpAddress": {"aws:SourceIpp": "192.0.2.0/24"}, "NumericLessThan": {"s3:max-keys": "ten"},
        "Bool": {"aws:SecureTransport": "yes", "aws:PrincipalTag/team": "true"},
        "StringLike": {"aws:PrincipalArn": "${aws:username}", "s3:prefix": ["*"]},
    }  # fmt: skip
    before = len(account.complaints())
    account.iam.put_role_policy(
        RoleName="worker", PolicyName="p", PolicyDocument=document(GOOD | {"Condition": condition})
    )
    said = account.complaints()[before:].splitlines()
    assert [line.partition("statement 1: ")[2] for line in said] == [
        "no request has aws:SourceIpp; did you mean aws:SourceIp? AWS stores the policy all the same.",
        "NumericLessThan compares with a number, not 'ten'. AWS stores the policy all the same.",
        "Bool compares with true or false, not 'yes'. AWS stores the policy all the same.",
    ]


def test_a_condition_that_the_kit_cannot_judge_denies_and_names_itself(account):
    unknown = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
    account.iam.put_role_policy(
        RoleName="worker", PolicyName="p", PolicyDocument=document(GOOD | {"Action": "sqs:*", "Condition": unknown})
    )
    code = "import boto3\ndef lambda_handler(event, context):\n    return boto3.client('sqs').list_queues()\n"
    account.function(code, Role="arn:aws:iam::123456789012:role/worker")
    message = account.invoke().payload["errorMessage"]
    assert "AccessDenied" in message
    assert (
        "labkit cannot judge role_worker_p, statement 1: the kit does not know condition key aws:PrincipalTag/team"
        in (message)
    )


def test_only_the_services_of_actions_in_full_are_read():
    wide = Policy.parse(document(GOOD | {"Action": ["ec2:*", "s3:Get*", "*"]}))
    assert known_actions(wide) == set()
    found = known_actions(Policy.parse(document(GOOD | {"Action": ["sqs:*", "s3:GetObject", "s3:PutObject"]})))
    assert {action.partition(":")[0] for action in found} == {"s3"}
