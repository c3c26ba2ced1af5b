"""Aliases: their shape, what they may lead to, and how weights split calls."""

from __future__ import annotations

import collections

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from served import zip_of

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
WRONG_REVISION = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve "
    "the latest Revision Id"
)


def returning(value):
    return zip_of(f"def lambda_handler(event, context):\n    return {value!r}\n")


@pytest.fixture
def lambda_(served):
    """A client for a function with versions 1 and 2."""
    served.function(returning("one"), Publish=True)
    served.advance(1)
    served.awslambda.update_function_code(FunctionName="f", ZipFile=returning("two"), Publish=True)
    served.advance(1)
    return served.awslambda


@pytest.fixture
def unchecked(served, lambda_):
    """The same client, which sends what boto3 would refuse."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    return boto3.client(
        "lambda", endpoint_url=served.endpoint, region_name="us-east-1", config=config, aws_access_key_id="AKIATESTER",
        aws_secret_access_key="invented",
    )  # fmt: skip


def without_metadata(found):
    return {name: value for name, value in found.items() if name != "ResponseMetadata"}


def error(action, **arguments):
    with pytest.raises(ClientError) as refused:
        action(**arguments)
    found = refused.value.response
    return found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Code"], found["Error"]["Message"]


def weighing(**weights):
    return {"RoutingConfig": {"AdditionalVersionWeights": {name.strip("_"): share for name, share in weights.items()}}}


def test_the_life_of_an_alias(lambda_):
    named = {"FunctionName": "f", "Name": "live"}
    created = lambda_.create_alias(**named, FunctionVersion="1", Description="d", **weighing(_2=0.2))
    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    shape = {
        "AliasArn": f"{ARN}:live", "Name": "live", "FunctionVersion": "1", "Description": "d",
        "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.2}},
    }  # fmt: skip
    assert without_metadata(created) == {**shape, "RevisionId": created["RevisionId"]}
    assert without_metadata(lambda_.get_alias(**named)) == without_metadata(created)
    updated = lambda_.update_alias(**named)
    assert updated["RevisionId"] != created["RevisionId"]
    assert without_metadata(updated) == {**shape, "RevisionId": updated["RevisionId"]}
    plain = without_metadata(lambda_.update_alias(**named, Description="", **weighing()))
    assert plain == {
        "AliasArn": f"{ARN}:live", "Name": "live", "FunctionVersion": "1", "Description": "",
        "RevisionId": plain["RevisionId"],
    }  # fmt: skip
    for _ in range(2):
        assert lambda_.delete_alias(**named)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert error(lambda_.get_alias, **named) == (
        404, "ResourceNotFoundException", f"Cannot find alias arn: {ARN}:live"
    )  # fmt: skip


def test_an_alias_has_an_empty_description_and_no_weights_unless_they_are_given(lambda_):
    for more in ({}, {"RoutingConfig": {"AdditionalVersionWeights": {}}}):
        alias = lambda_.create_alias(FunctionName="f", Name=f"n{len(more)}", FunctionVersion="$LATEST", **more)
        assert alias["Description"] == "" and "RoutingConfig" not in alias


def malformed(value, field, constraint):
    fault = f"Value '{value}' at '{field}' failed to satisfy constraint: {constraint}"
    return 400, "ValidationException", f"1 validation error detected: {fault}"


WEIGHTS = "routingConfig.additionalVersionWeights"
SHARE = (
    "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value "
    "greater than or equal to 0.0, Member must not be null]"
)
NUMBER = (
    "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length "
    "greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]"
)
INVALID, NOT_FOUND = "InvalidParameterValueException", "ResourceNotFoundException"
REFUSED = {
    "a name of digits": (
        {"Name": "2024"},
        malformed("2024", "name", r"Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"),
    ),
    "a share over 1": (weighing(_2=2), malformed("{2=2.0}", WEIGHTS, SHARE)),
    "a share under 0": (weighing(_2=-1), malformed("{2=-1.0}", WEIGHTS, SHARE)),
    "a share for $LATEST": (
        {"RoutingConfig": {"AdditionalVersionWeights": {"$LATEST": 0.5}}},
        malformed("{$LATEST=0.5}", WEIGHTS, NUMBER),
    ),
    "two shares": (
        weighing(_1=0.8, _2=0.2),
        (400, INVALID, "Number of items in AdditionalVersionWeights cannot be greater than 1"),
    ),
    "a share for its own version": (
        weighing(_1=0.5),
        (400, INVALID,
         "Invalid function version 1. Function version 1 is already included in routing configuration."),
    ),
    "a missing version": ({"FunctionVersion": "10"}, (404, NOT_FOUND, f"Function not found: {ARN}:10")),
    "a share for a missing version": (weighing(_10=0.5), (404, NOT_FOUND, f"Function not found: {ARN}:10")),
    "$LATEST with a share": (
        {"FunctionVersion": "$LATEST", **weighing(_2=0.5)},
        (400, INVALID, "$LATEST is not supported for an alias pointing to more than 1 version"),
    ),
    "a missing function": (
        {"FunctionName": "g"}, (404, NOT_FOUND, f"Function not found: {ARN[:-1]}g:1")
    ),
    "a name that is taken": (
        {"Name": "taken"}, (409, "ResourceConflictException", f"Alias already exists: {ARN}:taken")
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), REFUSED.values(), ids=REFUSED)
def test_an_alias_that_is_refused(lambda_, unchecked, given, expected):
    lambda_.create_alias(FunctionName="f", Name="taken", FunctionVersion="1")
    arguments = {"FunctionName": "f", "Name": "live", "FunctionVersion": "1", **given}
    assert error(unchecked.create_alias, **arguments) == expected
    assert [alias["Name"] for alias in lambda_.list_aliases(FunctionName="f")["Aliases"]] == ["taken"]


def test_the_type_of_refusals(lambda_):
    arguments = {"FunctionName": "f", "Name": "live"}
    with pytest.raises(ClientError) as refused:
        lambda_.create_alias(**arguments, FunctionVersion="$LATEST", **weighing(_2=0.5))
    assert "Type" not in refused.value.response
    with pytest.raises(ClientError) as refused:
        lambda_.create_alias(**arguments, FunctionVersion="1", **weighing(_1=0.5))
    assert refused.value.response["Type"] == "User"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"Name": "none"}, (404, NOT_FOUND, f"Alias not found: {ARN}:none")),
        ({"RevisionId": "other"}, (412, "PreconditionFailedException", WRONG_REVISION)),
        ({"FunctionVersion": "10"}, (404, NOT_FOUND, f"Function not found: {ARN}:10")),
        (weighing(_1=0.5), REFUSED["a share for its own version"][1]),
    ],
)
def test_an_update_that_is_refused(lambda_, given, expected):
    created = lambda_.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    assert error(lambda_.update_alias, **{"FunctionName": "f", "Name": "live", **given}) == expected
    assert lambda_.get_alias(FunctionName="f", Name="live")["RevisionId"] == created["RevisionId"]


def test_an_update_that_names_the_current_revision(lambda_):
    first = lambda_.create_alias(FunctionName="f", Name="live", FunctionVersion="1")["RevisionId"]
    answer = lambda_.update_alias(FunctionName="f", Name="live", FunctionVersion="2", RevisionId=first)
    assert answer["FunctionVersion"] == "2" and answer["RevisionId"] != first


@pytest.mark.parametrize("name", ["2024-01-02", "v1", "1a", "_", "-"])
def test_names_may_begin_with_digits(lambda_, name):
    assert lambda_.create_alias(FunctionName="f", Name=name, FunctionVersion="1")["Name"] == name


def test_aliases_are_listed_by_page_and_by_version(lambda_):
    for name, version in {"d": "1", "a": "2", "c": "$LATEST", "b": "1"}.items():
        lambda_.create_alias(FunctionName="f", Name=name, FunctionVersion=version)
    pages = lambda_.get_paginator("list_aliases").paginate(FunctionName="f", PaginationConfig={"PageSize": 1})
    assert [[alias["Name"] for alias in page["Aliases"]] for page in pages] == [["a"], ["b"], ["c"], ["d"]]
    ones = lambda_.list_aliases(FunctionName="f", FunctionVersion="1")["Aliases"]
    assert [alias["Name"] for alias in ones] == ["b", "d"]


def test_calls_are_split_by_weight_and_each_says_which_version_ran(served, lambda_):
    lambda_.create_alias(FunctionName="f", Name="live", FunctionVersion="1", **weighing(_2=0.5))
    seen = collections.Counter()
    for _ in range(40):
        done = served.invoke("f:live")
        seen[done.payload, done.raw["ExecutedVersion"]] += 1
    assert set(seen) == {("one", "1"), ("two", "2")}  # each misses once in 10**12 runs
    lambda_.update_alias(FunctionName="f", Name="live", **weighing(_2=1))
    assert {served.invoke("f:live").payload for _ in range(5)} == {"two"}
