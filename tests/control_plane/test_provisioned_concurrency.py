"""Provisioned concurrency as boto3 sees it."""

from __future__ import annotations

import json
import re

import pytest
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
PUT, GET = "put_provisioned_concurrency_config", "get_provisioned_concurrency_config"


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


def refused(call, status, code, message, **arguments):
    with pytest.raises(ClientError) as error:
        call(FunctionName="f", **arguments)
    answer = error.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert answer["Error"] == {"Code": code, "Message": message}


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


INVALID, NOT_FOUND = (400, "InvalidParameterValueException"), (404, "ResourceNotFoundException")
UNPUBLISHED = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"


@pytest.mark.parametrize(
    ("qualifier", "requested", "answer", "message"),
    [
        ("$LATEST", 1, INVALID, UNPUBLISHED),
        ("latest", 1, INVALID, UNPUBLISHED),
        ("7", 1, NOT_FOUND, f"Function not found: {ARN}:7"),
        ("gone", 1, NOT_FOUND, f"Cannot find alias arn: {ARN}:gone"),
        (
            "1", 1001, INVALID,
            "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [1000].",
        ),
    ],
)  # fmt: skip
def test_what_aws_refuses(published, qualifier, requested, answer, message):
    published.awslambda.create_alias(FunctionName="f", Name="latest", FunctionVersion="$LATEST")
    call = published.awslambda.put_provisioned_concurrency_config
    refused(call, *answer, message, Qualifier=qualifier, ProvisionedConcurrentExecutions=requested)


def test_the_arithmetic_with_reservations(published, provision):
    client = published.awslambda
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=2)
    message = (
        "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
    )
    call = client.put_provisioned_concurrency_config
    refused(call, *INVALID, message, Qualifier="1", ProvisionedConcurrentExecutions=3)
    provision(2)
    message = " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2]."
    refused(client.put_function_concurrency, *INVALID, message, ReservedConcurrentExecutions=1)
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
