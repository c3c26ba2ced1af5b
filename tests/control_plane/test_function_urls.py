"""Function URL configurations as boto3 sees them, and which function a host name leads to."""

from __future__ import annotations

import re

import pytest
from botocore.exceptions import ClientError

from labkit.clock import Clock
from labkit.control_plane.function_urls import FunctionUrls, url_at
from labkit.control_plane.request import Request
from labkit.control_plane.store import Alias, Change, FunctionVersion, Package, Store, StoredFunction

CODE = "def lambda_handler(event, context):\n    return 1\n"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
GONE_ARN = "arn:aws:lambda:us-east-1:123456789012:function:gone"
URL = re.compile(r"https://[a-z0-9]{32}\.lambda-url\.us-east-1\.on\.aws/")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")
MISSING, GONE = "Function does not exist", "The resource you requested does not exist."
FOUR = ("create", "get", "update", "delete")
CORS = {
    "AllowCredentials": True, "AllowHeaders": ["date", "x-own"], "AllowMethods": ["GET", "*"],
    "AllowOrigins": ["https://example.com"], "ExposeHeaders": ["date"], "MaxAge": 86400,
}  # fmt: skip


@pytest.fixture
def aliased(served):
    """The account with a function, its version 1 and the alias `live`."""
    served.function(CODE)
    served.awslambda.publish_version(FunctionName="f")
    served.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    return served


def call(account, verb, name="f", **more):
    auth = {"AuthType": "NONE"} if verb == "create" else {}
    return getattr(account.awslambda, f"{verb}_function_url_config")(FunctionName=name, **(auth | more))


def refused(account, verb, *name, **more):
    with pytest.raises(ClientError) as error:
        call(account, verb, *name, **more)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def without_metadata(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


@pytest.mark.parametrize("given", ["f", ARN, "123456789012:function:f"])
def test_what_the_four_answer(served, given):
    served.function(CODE)
    made = call(served, "create", given)
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert {*without_metadata(made)} == {"AuthType", "CreationTime", "FunctionArn", "FunctionUrl"}
    assert URL.fullmatch(made["FunctionUrl"]) and TIME.fullmatch(made["CreationTime"])
    assert (made["FunctionArn"], made["AuthType"]) == (ARN, "NONE")
    read = without_metadata(call(served, "get", given))
    same = without_metadata(made)
    assert read == same | {"InvokeMode": "BUFFERED", "LastModifiedTime": made["CreationTime"]}
    served.advance(60)
    changed = call(served, "update", given, AuthType="AWS_IAM")
    assert changed["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert changed["LastModifiedTime"] > made["CreationTime"]
    expected = same | {"AuthType": "AWS_IAM", "LastModifiedTime": changed["LastModifiedTime"]}
    assert without_metadata(changed) == expected
    assert served.awslambda.list_function_url_configs(FunctionName=given)["FunctionUrlConfigs"] == [
        expected | {"InvokeMode": "BUFFERED"}
    ]
    assert call(served, "delete", given)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(served, "get", given) == (404, "ResourceNotFoundException", GONE)
    assert call(served, "create", given)["FunctionUrl"] != made["FunctionUrl"]


def test_the_mode_is_told_once_it_was_given(served):
    served.function(CODE)
    assert call(served, "create", InvokeMode="BUFFERED")["InvokeMode"] == "BUFFERED"
    for _ in range(2):
        assert call(served, "update", InvokeMode="RESPONSE_STREAM")["InvokeMode"] == "RESPONSE_STREAM"
        assert call(served, "update")["InvokeMode"] == call(served, "get")["InvokeMode"] == "RESPONSE_STREAM"


def test_cors_comes_back_as_it_was_given(served):
    served.function(CODE)
    assert call(served, "create", Cors=CORS)["Cors"] == call(served, "get")["Cors"] == CORS
    assert call(served, "update", AuthType="AWS_IAM")["Cors"] == CORS
    assert call(served, "update", Cors={"AllowOrigins": ["*"]})["Cors"] == {"AllowOrigins": ["*"]}
    assert "Cors" not in call(served, "update", Cors={})
    assert "Cors" not in call(served, "get")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"Cors": {"AllowMethods": ["OPTIONS"]}},
            "Value '[OPTIONS]' at 'cors.allowMethods' failed to satisfy constraint: Member must satisfy constraint: "
            "[Member must have length less than or equal to 6, Member must have length greater than or equal to 0, "
            "Member must satisfy regular expression pattern: .*]",
        ),
        (
            {"Cors": {"MaxAge": 86401}},
            "Value '86401' at 'cors.maxAge' failed to satisfy constraint: "
            "Member must have value less than or equal to 86400",
        ),
        (
            {"InvokeMode": "UNKNOWN"},
            "Value 'UNKNOWN' at 'invokeMode' failed to satisfy constraint: "
            "Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]",
        ),
    ],
)
def test_what_is_out_of_form(served, given, message):
    for verb in ("create", "update"):
        told = refused(served, verb, **given)
        assert told == (400, "ValidationException", f"1 validation error detected: {message}")


def test_a_function_has_one(served):
    served.function(CODE)
    call(served, "create")
    assert refused(served, "create") == (
        409, "ResourceConflictException",
        f"Failed to create function url config for [functionArn = {ARN}]. Error message:  FunctionUrlConfig exists "
        "for this Lambda function",
    )  # fmt: skip


@pytest.mark.parametrize(
    "qualified", [{"Qualifier": "live"}, {"name": "f:live"}, {"name": f"{ARN}:live", "Qualifier": "live"}]
)
def test_an_alias_has_its_own(aliased, qualified):
    own, made = call(aliased, "create"), call(aliased, "create", **qualified)
    assert made["FunctionArn"] == f"{ARN}:live" and made["FunctionUrl"] != own["FunctionUrl"]
    call(aliased, "delete")
    assert refused(aliased, "get") == (404, "ResourceNotFoundException", GONE)
    assert call(aliased, "get", **qualified)["FunctionUrl"] == made["FunctionUrl"]
    aliased.awslambda.delete_alias(FunctionName="f", Name="live")
    assert refused(aliased, "get", Qualifier="live") == (404, "ResourceNotFoundException", GONE)
    aliased.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    assert refused(aliased, "get", Qualifier="live") == (404, "ResourceNotFoundException", GONE)


def test_the_list_has_pages(aliased):
    client = aliased.awslambda
    assert client.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"] == []
    made = {call(aliased, "create")["FunctionUrl"], call(aliased, "create", Qualifier="live")["FunctionUrl"]}
    pages = client.get_paginator("list_function_url_configs").paginate(
        FunctionName="f", PaginationConfig={"PageSize": 1}
    )
    found = [page["FunctionUrlConfigs"] for page in pages]
    assert [len(page) for page in found] == [1, 1] and {page[0]["FunctionUrl"] for page in found} == made
    assert {each["FunctionArn"] for [each] in found} == {ARN, f"{ARN}:live"}
    with pytest.raises(ClientError, match=MISSING):
        client.list_function_url_configs(FunctionName="gone")


@pytest.mark.parametrize("verb", FOUR)
def test_what_does_not_exist(aliased, verb):
    words = MISSING if verb in ("create", "update") else GONE
    for name, qualifier in [("gone", {}), (GONE_ARN, {}), ("f", {"Qualifier": "v1"})]:
        assert refused(aliased, verb, name, **qualifier) == (404, "ResourceNotFoundException", words)
    if verb != "create":
        assert refused(aliased, verb) == (404, "ResourceNotFoundException", GONE)


@pytest.mark.parametrize("verb", FOUR)
def test_a_version_has_none(aliased, verb):
    for name in ("f", "gone"):
        for qualifier in ("1", "2", "$LATEST"):
            message = (
                f"1 validation error detected: Value '{qualifier}' at 'qualifier' failed to satisfy constraint: "
                r"Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)"
            )
            assert refused(aliased, verb, name, Qualifier=qualifier) == (400, "ValidationException", message)


@pytest.mark.parametrize("verb", FOUR)
def test_two_qualifiers_contradict(aliased, verb):
    message = "The derived qualifier from the function name does not match the specified qualifier."
    told = refused(aliased, verb, "f:live-doesnotmatch", Qualifier="live")
    assert told == (400, "InvalidParameterValueException", message)


def test_a_host_name_leads_to_its_function_or_alias():
    store = Store("123456789012")
    latest = FunctionVersion("$LATEST", Package("sha"), (), {}, 0.0, Change("create", 0.0))
    alias = Alias("live", "$LATEST", "", {}, "revision")
    arn = ARN.replace("us-east-1", "eu-west-1")
    store.region("eu-west-1").functions["f"] = StoredFunction("f", arn, latest, aliases={"live": alias})
    urls = FunctionUrls(store, Clock())
    for qualifier in (None, "live"):
        given = {"FunctionName": "f", "AuthType": "NONE", "Qualifier": qualifier}
        request = Request("CreateFunctionUrlConfig", given, "eu-west-1", "123456789012")
        host = urls.create(request)["FunctionUrl"].removeprefix("https://").removesuffix("/")
        for spelled in (host, host.upper(), f"{host}:443"):
            found = url_at(store, spelled)
            assert (found.function.name, found.qualifier, found.url.auth_type) == ("f", qualifier, "NONE")
            assert found.arn == (f"{arn}:live" if qualifier else arn)
        elsewhere = [host.replace("eu-west-1", "us-east-1"), f"x{host}", host.partition(".")[0], "127.0.0.1:4566", ""]
        assert [url_at(store, other) for other in elsewhere] == [None] * 5
