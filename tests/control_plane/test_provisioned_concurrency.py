"""Provisioned concurrency as boto3 sees it."""

from __future__ import annotations

import json
import re
from functools import partial

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

REPORT = """
import os, uuid
me = uuid.uuid4().hex
if os.environ.get("BROKEN"):
    raise ValueError("broken")
def lambda_handler(event, context):
    if event.get("exit"):
        os._exit(1)
    return [os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], me, context.function_version]
"""
INVALID, NOT_FOUND = (400, "InvalidParameterValueException"), (404, "ResourceNotFoundException")
UNPUBLISHED = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"


@pytest.fixture
def published(served):
    """The account with version 1 of a function and the alias `live` for it."""
    served.function(REPORT)
    served.awslambda.publish_version(FunctionName="f")
    served.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    return served


def put(account, requested, qualifier="1", name="f"):
    return account.awslambda.put_provisioned_concurrency_config(
        FunctionName=name, Qualifier=qualifier, ProvisionedConcurrentExecutions=requested
    )


def get(account, qualifier="1"):
    return account.awslambda.get_provisioned_concurrency_config(FunctionName="f", Qualifier=qualifier)


@pytest.fixture
def provision(published, eventually):
    def until_done(requested, qualifier="1"):
        put(published, requested, qualifier)
        return eventually(lambda: (found := get(published, qualifier))["Status"] != "IN_PROGRESS" and found)

    return until_done


def refused(call, status, code, message, FunctionName="f", **arguments):
    with pytest.raises(ClientError) as error:
        call(FunctionName=FunctionName, **arguments)
    answer = error.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert answer["Error"] == {"Code": code, "Message": message}
    return answer


def test_it_is_in_progress_first_and_then_ready(published, eventually):
    answer = put(published, 2)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    counts = [answer[f"{word}ProvisionedConcurrentExecutions"] for word in ("Requested", "Allocated", "Available")]
    assert (answer["Status"], counts) == ("IN_PROGRESS", [2, 0, 0])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000", answer["LastModified"])
    found = eventually(lambda: (now := get(published))["Status"] == "READY" and now)
    counts = [found[f"{word}ProvisionedConcurrentExecutions"] for word in ("Requested", "Allocated", "Available")]
    assert counts == [2, 2, 2] and found["LastModified"] == answer["LastModified"] and "StatusReason" not in found


@pytest.mark.parametrize("configured", ["1", "live"])
@pytest.mark.parametrize("called", ["1", "live"])
def test_invocations_find_an_environment_that_is_ready(published, provision, configured, called):
    assert provision(1, configured)["Status"] == "READY"
    done = [published.invoke(Qualifier=called, LogType="Tail") for _ in range(2)]
    assert [answer.payload[0] for answer in done] == ["provisioned-concurrency"] * 2
    assert len({answer.payload[1] for answer in done}) == 1
    assert not any("Init Duration" in answer.log for answer in done)
    assert len([line for line in published.messages() if line.startswith("INIT_START")]) == 1
    assert published.invoke().payload[0] == "on-demand"


def test_one_that_dies_is_replaced(published, provision, eventually):
    provision(1)
    before = published.invoke(Qualifier="1").payload[1]
    assert published.invoke(event={"exit": True}, Qualifier="1").error == "Unhandled"
    eventually(lambda: get(published)["AvailableProvisionedConcurrentExecutions"] == 1)
    kind, after, _ = published.invoke(Qualifier="1").payload
    assert kind == "provisioned-concurrency" and after != before


def test_an_init_that_fails_ends_in_failed(served, eventually):
    served.function(REPORT, Environment={"Variables": {"BROKEN": "1"}})
    served.awslambda.publish_version(FunctionName="f")
    put(served, 1)
    found = eventually(lambda: (now := get(served))["Status"] != "IN_PROGRESS" and now)
    assert (found["Status"], found["StatusReason"]) == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE")
    assert found["AllocatedProvisionedConcurrentExecutions"] == 0
    assert any("broken" in line for line in served.messages())


def test_more_than_the_machine_carries_is_not_pretended(published, provision):
    found = provision(200)
    assert found["Status"] == "FAILED" and "this machine carries" in found["StatusReason"]
    assert 0 < found["AllocatedProvisionedConcurrentExecutions"] < 200
    assert published.invoke(Qualifier="1").payload[0] == "provisioned-concurrency"


def test_an_alias_takes_its_configuration_along(published, provision):
    provision(1, "live")
    published.awslambda.delete_alias(FunctionName="f", Name="live")
    listed = published.awslambda.list_provisioned_concurrency_configs(FunctionName="f")
    assert listed["ProvisionedConcurrencyConfigs"] == []
    call = published.awslambda.get_provisioned_concurrency_config
    refused(call, *NOT_FOUND, f"Cannot find alias arn: {ARN}:live", Qualifier="live")
    assert published.invoke(Qualifier="1").payload[0] == "on-demand"


@pytest.mark.parametrize("end", ["configuration", "version", "function"])
def test_the_environments_go_with(published, provision, end):
    provision(1, "1")
    client = published.awslambda
    if end == "configuration":
        client.delete_provisioned_concurrency_config(FunctionName="f", Qualifier="1")
        assert published.invoke(Qualifier="1").payload[0] == "on-demand"
        client.delete_provisioned_concurrency_config(FunctionName="f", Qualifier="1")
    elif end == "version":
        client.delete_alias(FunctionName="f", Name="live")
        client.delete_function(FunctionName="f", Qualifier="1")
        assert client.list_provisioned_concurrency_configs(FunctionName="f")["ProvisionedConcurrencyConfigs"] == []
    else:
        client.delete_function(FunctionName="f")
        published.function(REPORT)
        client.publish_version(FunctionName="f")
    if end != "version":
        message = "No Provisioned Concurrency Config found for this function"
        refused(
            client.get_provisioned_concurrency_config, 404, "ProvisionedConcurrencyConfigNotFoundException", message,
            Qualifier="1",
        )  # fmt: skip
        assert published.invoke(Qualifier="1").payload[0] == "on-demand"


def test_it_moves_with_the_alias(published, provision, eventually):
    provision(1, "live")
    published.awslambda.update_function_configuration(FunctionName="f", MemorySize=512)
    published.awslambda.publish_version(FunctionName="f")
    published.awslambda.update_alias(FunctionName="f", Name="live", FunctionVersion="2")
    eventually(lambda: get(published, "live")["Status"] == "READY")
    kind, _, version = published.invoke(Qualifier="live").payload
    assert (kind, version) == ("provisioned-concurrency", "2")
    assert published.invoke(Qualifier="1").payload[0] == "on-demand"


def test_the_list_names_each_and_has_pages(published, provision):
    published.awslambda.update_function_configuration(FunctionName="f", MemorySize=512)
    published.awslambda.publish_version(FunctionName="f")
    for qualifier in ("2", "live"):
        provision(1, qualifier)
    found = published.awslambda.list_provisioned_concurrency_configs(FunctionName="f")["ProvisionedConcurrencyConfigs"]
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    assert [(each["FunctionArn"], each["Status"]) for each in found] == [
        (f"{arn}:2", "READY"),
        (f"{arn}:live", "READY"),
    ]
    pages = published.awslambda.get_paginator("list_provisioned_concurrency_configs")
    paged = pages.paginate(FunctionName="f", PaginationConfig={"PageSize": 1})
    assert [len(page["ProvisionedConcurrencyConfigs"]) for page in paged] == [1, 1]


def test_latest_is_throttled_where_the_reservation_is_all_provisioned(published, provision):
    published.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    provision(1)
    with pytest.raises(ClientError, match="Rate Exceeded") as error:
        published.invoke()
    assert error.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert published.invoke(Qualifier="1").payload[0] == "provisioned-concurrency"


def calls(account):
    """Put, Get and Delete, each for a function and qualifier."""
    client = account.awslambda
    return [
        partial(client.put_provisioned_concurrency_config, ProvisionedConcurrentExecutions=1),
        client.get_provisioned_concurrency_config,
        client.delete_provisioned_concurrency_config,
    ]


@pytest.mark.parametrize("name", ["f", "gone"])
@pytest.mark.parametrize(
    ("qualifier", "words"), [("7", "Function not found: "), ("nowhere", "Cannot find alias arn: ")]
)
def test_what_does_not_exist(published, name, qualifier, words):
    message = f"{words}{ARN.removesuffix('f')}{name}:{qualifier}"
    for call in calls(published):
        answer = refused(call, *NOT_FOUND, message, FunctionName=name, Qualifier=qualifier)
        assert answer["Type"] == "User" and answer["Message"] == message


def test_latest_has_none(published):
    published.awslambda.create_alias(FunctionName="f", Name="latest", FunctionVersion="$LATEST")
    put_one, *others = calls(published)
    for qualifier in ("$LATEST", "latest"):
        refused(put_one, *INVALID, UNPUBLISHED, Qualifier=qualifier)
    for call in others:
        message = "The function resource provided must be an alias or a published version."
        refused(call, *INVALID, message, Qualifier="$LATEST")


def test_a_version_without_any(published):
    message = "No Provisioned Concurrency Config found for this function"
    code = "ProvisionedConcurrencyConfigNotFoundException"
    answer = refused(published.awslambda.get_provisioned_concurrency_config, 404, code, message, Qualifier="1")
    assert (answer["Type"], answer["message"]) == ("User", message)
    deleted = published.awslambda.delete_provisioned_concurrency_config(FunctionName="f", Qualifier="1")
    assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_the_list_of_a_function_that_is_gone(published):
    call = published.awslambda.list_provisioned_concurrency_configs
    refused(call, *NOT_FOUND, f"Function not found: {ARN.removesuffix('f')}gone", FunctionName="gone")


@pytest.mark.parametrize(
    ("requested", "words"),
    [
        (1001, "is greater than account's unreserved concurrency [1000]."),
        (1000, "decreases account's UnreservedConcurrentExecution below its minimum value of [100]."),
        (901, "decreases account's UnreservedConcurrentExecution below its minimum value of [100]."),
    ],
)
def test_what_exceeds_the_account_is_refused_without_a_type(published, requested, words):
    call = partial(published.awslambda.put_provisioned_concurrency_config, ProvisionedConcurrentExecutions=requested)
    answer = refused(call, *INVALID, f"Specified ConcurrentExecutions for function {words}", Qualifier="1")
    assert "Type" not in answer


def test_none_is_no_number_of_environments(served):
    client = boto3.client(
        "lambda", endpoint_url=served.endpoint, config=Config(parameter_validation=False), region_name="us-east-1",
        aws_access_key_id="AKIATESTER", aws_secret_access_key="invented",
    )  # fmt: skip
    message = (
        "1 validation error detected: Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1"
    )
    call = partial(client.put_provisioned_concurrency_config, ProvisionedConcurrentExecutions=0)
    refused(call, 400, "ValidationException", message, Qualifier="1")


def test_an_alias_with_weights_has_none(published):
    published.awslambda.update_function_configuration(FunctionName="f", MemorySize=512)
    published.awslambda.publish_version(FunctionName="f")
    routing = {"AdditionalVersionWeights": {"2": 0.5}}
    published.awslambda.update_alias(FunctionName="f", Name="live", RoutingConfig=routing)
    message = "Alias with weights can not be used with Provisioned Concurrency"
    refused(calls(published)[0], *INVALID, message, Qualifier="live")


def test_the_arithmetic_with_reservations(published, provision):
    client = published.awslambda
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=2)
    message = (
        "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
    )
    call = client.put_provisioned_concurrency_config
    answer = refused(call, *INVALID, message, Qualifier="1", ProvisionedConcurrentExecutions=3)
    assert answer["Type"] == "User"
    provision(2)
    message = " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2]."
    answer = refused(client.put_function_concurrency, *INVALID, message, ReservedConcurrentExecutions=1)
    assert "Type" not in answer
    client.delete_function_concurrency(FunctionName="f")
    published.function(REPORT, "g")
    message = (
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
        "its minimum value of [100]."
    )
    with pytest.raises(ClientError) as error:
        client.put_function_concurrency(FunctionName="g", ReservedConcurrentExecutions=899)
    assert error.value.response["Error"]["Message"] == message
    client.put_function_concurrency(FunctionName="g", ReservedConcurrentExecutions=898)


def test_a_version_and_its_alias_do_not_both_have_it(published, provision):
    provision(1, "1")
    message = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
    call, conflict = published.awslambda.put_provisioned_concurrency_config, (409, "ResourceConflictException")
    refused(call, *conflict, message, Qualifier="live", ProvisionedConcurrentExecutions=1)
    published.awslambda.delete_provisioned_concurrency_config(FunctionName="f", Qualifier="1")
    provision(1, "live")
    message = "Version is pointed by a Provisioned Concurrency alias"
    refused(call, *conflict, message, Qualifier="1", ProvisionedConcurrentExecutions=1)


def test_not_with_snapstart(served):
    served.function(REPORT, Runtime="python3.13", SnapStart={"ApplyOn": "PublishedVersions"})
    served.awslambda.publish_version(FunctionName="f")
    with pytest.raises(ClientError, match="not supported for function versions with SnapStart"):
        put(served, 1)


def test_a_reset_forgets_it(published, provision):
    provision(1)
    assert published.post("/moto-api/reset")[0] == 200
    published.function(REPORT)
    published.awslambda.publish_version(FunctionName="f")
    assert json.loads(published.invoke(Qualifier="1").body)[0] == "on-demand"
    assert (
        published.awslambda.list_provisioned_concurrency_configs(FunctionName="f")["ProvisionedConcurrencyConfigs"]
        == []
    )
