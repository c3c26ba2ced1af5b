"""Who else may use a layer version, as AWS was recorded to add, tell and remove it."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from served import zip_of

LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:tools"
VERSION = {"LayerName": "tools", "VersionNumber": 1}
NO_POLICY = "No policy is associated with the given resource."
WRONG_REVISION = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the "
    "latest Revision Id"
)


@pytest.fixture
def layer(served):
    served.awslambda.publish_layer_version(LayerName="tools", Content={"ZipFile": zip_of("x = 1")})
    return served.awslambda


def add(client, sid="s1", **more):
    given = {"StatementId": sid, "Action": "lambda:GetLayerVersion", "Principal": "*", **VERSION}
    return client.add_layer_version_permission(**given | more)


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    found = error.value.response
    return found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Code"], found["Error"]["Message"]


def test_a_policy_grows_and_shrinks_with_a_revision_for_each_change(layer):
    first = add(layer)
    assert first["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert first["Statement"] == (
        '{"Sid":"s1","Effect":"Allow","Principal":"*","Action":"lambda:GetLayerVersion",'
        f'"Resource":"{LAYER}:1"}}'
    )  # fmt: skip
    found = layer.get_layer_version_policy(**VERSION)
    assert found["Policy"] == f'{{"Version":"2012-10-17","Id":"default","Statement":[{first["Statement"]}]}}'
    assert found["RevisionId"] == first["RevisionId"]
    second = add(layer, "s2", RevisionId=first["RevisionId"])
    removed = layer.remove_layer_version_permission(StatementId="s2", RevisionId=second["RevisionId"], **VERSION)
    assert removed["ResponseMetadata"]["HTTPStatusCode"] == 204
    left = layer.get_layer_version_policy(**VERSION)
    assert left["Policy"] == found["Policy"]
    assert len({first["RevisionId"], second["RevisionId"], left["RevisionId"]}) == 3


def test_an_organization_is_a_condition(layer):
    statement = json.loads(add(layer, OrganizationId="o-1234567890")["Statement"])
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}


def test_what_aws_refuses_is_refused_in_its_words(layer):
    get, remove = layer.get_layer_version_policy, layer.remove_layer_version_permission
    assert refused(get, **VERSION) == (404, "ResourceNotFoundException", NO_POLICY)
    assert refused(remove, StatementId="s1", **VERSION) == (404, "ResourceNotFoundException", NO_POLICY)
    assert refused(add, client=layer, RevisionId="wrong") == (412, "PreconditionFailedException", WRONG_REVISION)
    add(layer)
    assert refused(add, client=layer) == (
        409, "ResourceConflictException",
        "The statement id (s1) provided already exists. Please provide a new statement id, or remove the existing "
        "statement.",
    )  # fmt: skip
    assert refused(add, client=layer, sid="s2", Action="*") == (
        400, "ValidationException",
        "1 validation error detected: Value '*' at 'action' failed to satisfy constraint: Member must satisfy regular "
        "expression pattern: lambda:GetLayerVersion",
    )  # fmt: skip
    assert refused(add, client=layer, sid="s2", RevisionId="wrong")[2] == WRONG_REVISION
    assert refused(remove, StatementId="s1", RevisionId="wrong", **VERSION)[2] == WRONG_REVISION
    assert refused(remove, StatementId="doesnotexist", **VERSION) == (
        404, "ResourceNotFoundException", "Statement doesnotexist is not found in resource policy.",
    )  # fmt: skip


@pytest.mark.parametrize("version", [{"LayerName": "none", "VersionNumber": 1}, {**VERSION, "VersionNumber": 2}])
def test_a_version_must_exist(layer, version):
    arn = f"{LAYER[:-5]}{version['LayerName']}:{version['VersionNumber']}"
    answer = (404, "ResourceNotFoundException", f"Layer version {arn} does not exist.")
    assert refused(add, client=layer, **version) == answer
    assert refused(layer.get_layer_version_policy, **version) == answer
    assert refused(layer.remove_layer_version_permission, StatementId="s1", **version) == answer


def test_a_policy_goes_with_its_version(layer):
    add(layer)
    layer.delete_layer_version(**VERSION)
    layer.publish_layer_version(LayerName="tools", Content={"ZipFile": zip_of("x = 1")})
    assert refused(layer.get_layer_version_policy, LayerName="tools", VersionNumber=2)[2] == NO_POLICY
