"""IAM's policy simulator through boto3, for policies given and for those that a role or a user holds."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

GET, PUT = "s3:GetObject", "s3:PutObject"
PHOTO, OTHER = "arn:aws:s3:::photos/a.jpg", "arn:aws:s3:::other/a.jpg"


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=2)


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*"):
    return allow(action, resource) | {"Effect": "Deny"}


def verdicts(answer):
    return [
        (found["EvalActionName"], found["EvalResourceName"], found["EvalDecision"])
        for found in answer["EvaluationResults"]
    ]


def custom(served, *policies, **more):
    return served.iam.simulate_custom_policy(PolicyInputList=list(policies), **more)


def test_every_action_is_decided_for_every_resource(served):
    photos = policy(allow("s3:*", "arn:aws:s3:::photos/*"), deny("s3:Delete*"))
    actions = [GET, "s3:DeleteObject"]
    assert verdicts(custom(served, photos, ActionNames=actions, ResourceArns=[PHOTO, OTHER])) == [
        (GET, PHOTO, "allowed"),
        (GET, OTHER, "implicitDeny"),
        ("s3:DeleteObject", PHOTO, "explicitDeny"),
        ("s3:DeleteObject", OTHER, "explicitDeny"),
    ]
    assert verdicts(custom(served, photos, ActionNames=[GET])) == [(GET, "*", "implicitDeny")]


def test_the_statements_that_decided_are_named_with_their_place(served):
    text = policy(deny("s3:Delete*"), allow("s3:*"))
    first, second = custom(served, policy(allow("sqs:*")), text, ActionNames=[GET, "s3:DeleteObject"])[
        "EvaluationResults"
    ]
    lines = text.splitlines()

    def place(found):
        (matched,) = found["MatchedStatements"]
        assert (matched["SourcePolicyId"], matched["SourcePolicyType"]) == ("PolicyInputList.2", "IAM Policy")
        start, end = matched["StartPosition"], matched["EndPosition"]
        assert lines[start["Line"] - 1][start["Column"] - 1] == "{"
        assert lines[end["Line"] - 1][: end["Column"] - 1].endswith("}")
        return "\n".join(lines[start["Line"] - 1 : end["Line"]])

    assert '"s3:*"' in place(first) and '"s3:Delete*"' in place(second)


def test_condition_keys_are_those_given_and_missing_ones_are_named(served):
    here = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}, "Bool": {"aws:SecureTransport": "true"}}
    conditional = policy(allow(GET, "arn:aws:s3:::${aws:username}/*", Condition=here))
    asked = {"ActionNames": [GET], "ResourceArns": ["arn:aws:s3:::ann/k"]}
    (without,) = custom(served, conditional, **asked)["EvaluationResults"]
    assert without["EvalDecision"] == "implicitDeny"
    missing = {"aws:RequestedRegion", "aws:SecureTransport", "aws:username"}
    assert set(without["MissingContextValues"]) == missing
    assert set(without["ResourceSpecificResults"][0]["MissingContextValues"]) == missing
    values = {"aws:RequestedRegion": "us-east-1", "aws:SecureTransport": "true", "AWS:UserName": "ann"}
    entries = [
        {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
        for key, value in values.items()
    ]
    (given,) = custom(served, conditional, ContextEntries=entries, **asked)["EvaluationResults"]
    assert (given["EvalDecision"], given["MissingContextValues"]) == ("allowed", [])


def test_a_boundary_limits_and_says_so(served):
    boundary = [policy(allow(GET))]
    results = custom(
        served, policy(allow("s3:*")), PermissionsBoundaryPolicyInputList=boundary, ActionNames=[GET, PUT]
    )["EvaluationResults"]
    within = [found["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"] for found in results]
    assert ([found["EvalDecision"] for found in results], within) == (["allowed", "implicitDeny"], [True, False])


def test_a_resource_s_policy_is_taken_with_a_caller(served):
    caller = "arn:aws:iam::123456789012:user/ann"
    of_bucket = json.dumps({"Statement": allow(GET, PHOTO) | {"Principal": {"AWS": caller}}, "Version": "2012-10-17"})
    asked = {"ActionNames": [GET], "ResourceArns": [PHOTO], "ResourcePolicy": of_bucket}
    (found,) = custom(served, policy(allow("sqs:*")), CallerArn=caller, **asked)["EvaluationResults"]
    assert (found["EvalDecision"], found["MatchedStatements"][0]["SourcePolicyId"]) == ("allowed", "ResourcePolicy")
    with pytest.raises(ClientError, match="CallerArn must be specified"):
        custom(served, policy(allow("sqs:*")), **asked)


def test_results_come_in_pages(served):
    actions = [f"s3:Get{number}" for number in range(7)]
    pages = served.iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[policy(allow("s3:*"))], ActionNames=actions, PaginationConfig={"PageSize": 3}
    )
    listed = [verdicts(page) for page in pages]
    assert [len(page) for page in listed] == [3, 3, 1]
    assert [action for page in listed for action, *_ in page] == actions


def test_a_role_is_judged_by_what_it_holds(served):
    role = served.role("AmazonS3ReadOnlyAccess", name="reader", allow=[{"Action": PUT, "Resource": PHOTO}])

    def of_role(*actions, **more):
        return served.iam.simulate_principal_policy(
            PolicySourceArn=role, ActionNames=actions, ResourceArns=[PHOTO], **more
        )["EvaluationResults"]

    found = of_role(GET, PUT, "sqs:SendMessage")
    assert [each["EvalDecision"] for each in found] == ["allowed", "allowed", "implicitDeny"]
    sources = [[matched["SourcePolicyId"] for matched in each["MatchedStatements"]] for each in found]
    assert sources == [["AmazonS3ReadOnlyAccess"], ["role_reader_inline"], []]
    assert of_role("sqs:SendMessage", PolicyInputList=[policy(allow("sqs:*"))])[0]["EvalDecision"] == "allowed"
    limit = served.iam.create_policy(PolicyName="limit", PolicyDocument=policy(allow(GET)))["Policy"]["Arn"]
    served.iam.put_role_permissions_boundary(RoleName="reader", PermissionsBoundary=limit)
    assert [each["EvalDecision"] for each in of_role(GET, PUT)] == ["allowed", "implicitDeny"]
    wider = [policy(allow("*"))]
    assert of_role(PUT, PermissionsBoundaryPolicyInputList=wider)[0]["EvalDecision"] == "allowed"


def test_a_user_is_judged_with_its_groups(served):
    user = served.iam.create_user(UserName="ann")["User"]["Arn"]
    served.iam.create_group(GroupName="team")
    served.iam.add_user_to_group(UserName="ann", GroupName="team")
    served.iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=policy(allow(GET)))
    served.iam.put_group_policy(GroupName="team", PolicyName="shared", PolicyDocument=policy(allow(PUT)))
    found = served.iam.simulate_principal_policy(PolicySourceArn=user, ActionNames=[GET, PUT])["EvaluationResults"]
    sources = [each["MatchedStatements"][0]["SourcePolicyId"] for each in found]
    assert sources == ["user_ann_own", "group_team_shared"]


WRONG = [
    ({"PolicyInputList": ["{"]}, "InvalidInput", "PolicyInputList.1 is not JSON"),
    ({"PolicyInputList": [policy({"Effect": "Allow"})]}, "InvalidInput", "PolicyInputList.1, statement 1: neither"),
    ({"ActionNames": ["GetObject"]}, "InvalidInput", "Invalid action name GetObject"),
    ({"ActionNames": ["s3:Get*"]}, "InvalidInput", "Invalid action name s3:Get*"),
    ({"Marker": "there"}, "InvalidInput", "Invalid Marker"),
    ({"PolicySourceArn": "arn:aws:iam::123456789012:role/none"}, "NoSuchEntity", "The role with name none cannot be"),
]


@pytest.mark.parametrize(("changes", "code", "message"), WRONG)
def test_what_cannot_be_simulated_is_told(served, changes, code, message):
    asked = {"PolicyInputList": [policy(allow(GET))], "ActionNames": [GET]} | changes
    of = "principal" if "PolicySourceArn" in changes else "custom"
    with pytest.raises(ClientError) as refused:
        getattr(served.iam, f"simulate_{of}_policy")(**asked)
    assert refused.value.response["Error"]["Code"] == code and message in str(refused.value)


def test_a_role_s_session_needs_permission_to_simulate(served):
    code = "import boto3\ndef lambda_handler(event, context):\n    return boto3.client('iam').simulate_custom_policy("
    served.function(code + "PolicyInputList=event, ActionNames=['s3:GetObject'])['EvaluationResults']")
    assert "iam:SimulateCustomPolicy" in served.invoke(event=[policy(allow(GET))]).payload["errorMessage"]
