"""Layers: published in versions, read, listed, deleted, and attached to functions, as AWS was recorded to do it."""

from __future__ import annotations

import io
import re
import urllib.request

import boto3
import pytest
from botocore.exceptions import ClientError
from served import ONCE, RUNTIME, zip_of

from labkit import facts

LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:tools"
CONTENT = zip_of({"python/tools.py": "NAME = 'tools'\n"})
CODE = "import tools\ndef lambda_handler(event, context):\n    return tools.NAME\n"
GONE = "The resource you requested does not exist."


def publish(account, name="tools", content=CONTENT, **more):
    client = account.awslambda if hasattr(account, "awslambda") else account
    return client.publish_layer_version(LayerName=name, Content={"ZipFile": content}, **more)


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    found = error.value.response
    return found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Code"], found["Error"]["Message"]


def downloaded(version):
    with urllib.request.urlopen(version["Content"]["Location"]) as answer:
        return answer.read()


def test_a_version_is_answered_whole(served):
    suits = {"CompatibleRuntimes": [RUNTIME], "CompatibleArchitectures": ["arm64", "x86_64"]}
    found = publish(served, LicenseInfo="MIT", **suits)
    metadata = found.pop("ResponseMetadata")
    assert metadata["HTTPStatusCode"] == 201
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", found["CreatedDate"])
    content = found["Content"]
    assert downloaded(found) == CONTENT and set(content) == {"CodeSha256", "CodeSize", "Location"}
    assert content["CodeSize"] == len(CONTENT)
    assert {name: value for name, value in found.items() if name not in ("Content", "CreatedDate")} == {
        "LayerArn": LAYER,
        "LayerVersionArn": f"{LAYER}:1",
        "Version": 1,
        "Description": "",
        "LicenseInfo": "MIT",
        **suits,
    }
    for again in (
        served.awslambda.get_layer_version(LayerName="tools", VersionNumber=1),
        served.awslambda.get_layer_version(LayerName=LAYER, VersionNumber=1),
        served.awslambda.get_layer_version_by_arn(Arn=f"{LAYER}:1"),
    ):
        assert again.pop("ResponseMetadata")["HTTPStatusCode"] == 200 and again == found


def test_what_a_layer_suits_is_answered_as_it_was_given_or_not_at_all(served):
    assert not {"CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"} & set(publish(served))
    empty = publish(served, CompatibleRuntimes=[], CompatibleArchitectures=[])
    assert (empty["CompatibleRuntimes"], empty["CompatibleArchitectures"]) == ([], [])
    old = ["nodejs12.x", "nodejs14.x", "python3.7", "java8", "dotnetcore3.1", "go1.x", "ruby2.7", "provided"]
    assert publish(served, CompatibleRuntimes=old)["CompatibleRuntimes"] == old


def test_a_layer_comes_from_s3_too(served):
    served.s3.create_bucket(Bucket="packages")
    served.s3.upload_fileobj(io.BytesIO(CONTENT), "packages", "/layer.zip")
    found = served.awslambda.publish_layer_version(
        LayerName="tools", Content={"S3Bucket": "packages", "S3Key": "/layer.zip"}
    )
    assert downloaded(found) == CONTENT


def test_versions_are_listed_newest_first_and_no_number_comes_twice(served):
    publish(served, Description="first"), publish(served)
    listed = served.awslambda.list_layer_versions(LayerName="tools")["LayerVersions"]
    assert [version["Version"] for version in listed] == [2, 1]
    assert set(listed[1]) == {"LayerVersionArn", "Version", "Description", "CreatedDate"}
    assert set(listed[0]) == {"LayerVersionArn", "Version", "CreatedDate"}
    first = served.awslambda.list_layer_versions(LayerName="tools", MaxItems=1)
    rest = served.awslambda.list_layer_versions(LayerName="tools", Marker=first["NextMarker"])
    assert [each["Version"] for each in (*first["LayerVersions"], *rest["LayerVersions"])] == [2, 1]
    for number in (1, 2):
        served.awslambda.delete_layer_version(LayerName="tools", VersionNumber=number)
    assert served.awslambda.list_layer_versions(LayerName="tools")["LayerVersions"] == []
    assert served.awslambda.list_layers()["Layers"] == []
    assert publish(served)["Version"] == 3


def test_layers_are_listed_with_the_newest_version_that_suits(served):
    publish(served, "numbers", CompatibleRuntimes=["python3.13"], CompatibleArchitectures=["arm64"])
    publish(served, CompatibleRuntimes=["python3.13", "python3.14"]), publish(served, CompatibleRuntimes=["python3.14"])

    def listed(**filters):
        found = served.awslambda.list_layers(**filters)["Layers"]
        return {layer["LayerName"]: layer["LatestMatchingVersion"]["Version"] for layer in found}

    assert listed() == {"numbers": 1, "tools": 2}
    assert listed(CompatibleRuntime="python3.13") == {"numbers": 1, "tools": 1}
    assert listed(CompatibleRuntime="python3.14") == {"tools": 2}
    assert listed(CompatibleArchitecture="arm64") == {"numbers": 1}
    (found,) = served.awslambda.list_layers(CompatibleRuntime="python3.14")["Layers"]
    assert found["LayerArn"] == LAYER and found["LatestMatchingVersion"]["LayerVersionArn"] == f"{LAYER}:2"


LOOKED_UP = [
    ("get_layer_version", {"LayerName": "none", "VersionNumber": 1}, 404, "ResourceNotFoundException", GONE),
    ("get_layer_version", {"LayerName": "tools", "VersionNumber": 2}, 404, "ResourceNotFoundException", GONE),
    ("get_layer_version_by_arn", {"Arn": f"{LAYER}:2"}, 404, "ResourceNotFoundException", GONE),
    ("get_layer_version_by_arn", {"Arn": "arn:aws:lambda:::awslayer:AmazonLinux1703"}, 404,
     "ResourceNotFoundException", GONE),
    *(
        (call, {"LayerName": "tools", "VersionNumber": number}, 400, "InvalidParameterValueException",
         "Layer Version Cannot be less than 1")
        for call in ("get_layer_version", "delete_layer_version") for number in (0, -1)
    ),
]  # fmt: skip


RUNTIMES = (
    "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, "
    "python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, "
    "java11, dotnet6, nodejs18.x, provided.al2, java8.al2"
)
ARN = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:"
    r"[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)"
)


def unsuitable(runtimes, architectures):
    return (
        f"2 validation errors detected: Value '[{runtimes}]' at 'compatibleRuntimes' failed to satisfy constraint: "
        f"Member must satisfy enum value set: [{RUNTIMES}]; Value '[{architectures}]' at 'compatibleArchitectures' "
        "failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, "
        "arm64], Member must not be null]"
    )


def wrong(value, field, constraint):
    return f"1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: {constraint}"


def malformed_layers(arn):
    return wrong(
        f"[{arn}]", "layers",
        "Member must satisfy constraint: [Member must have length less than or equal to 2048, Member must have length "
        f"greater than or equal to 1, Member must satisfy regular expression pattern: {ARN}, Member must not be null]",
    )  # fmt: skip


PUBLISHED = {"LayerName": "other", "Content": {"ZipFile": CONTENT}}
MALFORMED = [
    ("publish_layer_version",
     {**PUBLISHED, "CompatibleRuntimes": ["invalidruntime"], "CompatibleArchitectures": ["invalidarch"]},
     unsuitable("invalidruntime", "invalidarch")),
    ("publish_layer_version",
     {**PUBLISHED, "CompatibleRuntimes": ["invalidruntime", "invalidruntime2", "nodejs20.x"],
      "CompatibleArchitectures": ["invalidarch", "x86_64"]},
     unsuitable("invalidruntime, invalidruntime2, nodejs20.x", "invalidarch, x86_64")),
    ("get_layer_version_by_arn", {"Arn": LAYER},
     wrong(LAYER, "arn", f"Member must satisfy regular expression pattern: {ARN}")),
    ("list_layers", {"CompatibleArchitecture": "archdoesnotexist"},
     wrong("archdoesnotexist", "compatibleArchitecture", "Member must satisfy enum value set: [x86_64, arm64]")),
    ("update_function_configuration", {"FunctionName": "f", "Layers": [LAYER]}, malformed_layers(LAYER)),
    ("create_function", {"FunctionName": "f", "Role": "arn:aws:iam::123456789012:role/r", "Handler": "f.g",
     "Runtime": RUNTIME, "Code": {"ZipFile": CONTENT}, "Layers": [LAYER]}, malformed_layers(LAYER)),
]  # fmt: skip


@pytest.mark.parametrize(("call", "arguments", "message"), MALFORMED)
def test_what_is_out_of_form_is_refused_in_aws_words(served, call, arguments, message):
    assert refused(getattr(served.awslambda, call), **arguments) == (400, "ValidationException", message)


def test_the_runtimes_that_a_layer_may_be_asked_for_are_listed_as_aws_lists_them(served):
    status, code, message = refused(served.awslambda.list_layers, CompatibleRuntime="runtimedoesnotexist")
    assert (status, code) == (400, "ValidationException")
    assert message.startswith(
        wrong("runtimedoesnotexist", "compatibleRuntime", "Member must satisfy enum value set: [ruby3.5, ruby2.6, ")
    )
    assert message.endswith("ruby3.4, ruby2.5, python3.6, python2.7]")
    assert served.awslambda.list_layers(CompatibleRuntime="ruby4.0")["Layers"] == []


def test_what_is_not_there_is_refused_in_aws_words(served):
    publish(served)
    for call, arguments, *answer in LOOKED_UP:
        assert list(refused(getattr(served.awslambda, call), **arguments)) == answer, (call, arguments)


def test_deleting_what_is_not_there_is_no_error(served):
    publish(served)
    for name, number in (("none", 1), ("tools", 2), ("tools", 1), ("tools", 1)):
        answer = served.awslambda.delete_layer_version(LayerName=name, VersionNumber=number)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_a_function_has_what_its_layers_bring(served):
    arn = publish(served)["LayerVersionArn"]
    served.function(CODE, Layers=[arn])
    assert served.invoke().payload == "tools"
    configuration = served.awslambda.get_function_configuration(FunctionName="f")
    assert configuration["Layers"] == [{"Arn": arn, "CodeSize": len(CONTENT)}]


def test_a_function_keeps_a_layer_that_is_deleted(served):
    served.function(CODE, Layers=[publish(served)["LayerVersionArn"]])
    before = served.awslambda.get_function_configuration(FunctionName="f")
    served.awslambda.delete_layer_version(LayerName="tools", VersionNumber=1)
    after = served.awslambda.get_function_configuration(FunctionName="f")
    assert (after["Layers"], served.invoke().payload) == (before["Layers"], "tools")


def clash(one, other):
    return (
        "Two different versions of the same layer are not allowed to be referenced in the same function. "
        f"{LAYER}:{one} and {LAYER}:{other} are versions of the same layer."
    )


NOT_ATTACHED = [
    (["1", "2"], clash(1, 2)),
    (["1", "2", "3"], clash(1, 2)),
    (["1", "1"], clash(1, 1)),
    (["9"], f"Layer version {LAYER}:9 does not exist."),
    (["none:1"], f"Layer version {LAYER[:-5]}none:1 does not exist."),
]


def test_layers_that_a_function_cannot_have_are_refused(served):
    for _ in range(3):
        publish(served)
    served.function("def lambda_handler(event, context):\n    return 1\n")
    for versions, message in NOT_ATTACHED:
        arns = [f"{LAYER}:{each}" if each.isdigit() else f"{LAYER[:-5]}{each}" for each in versions]
        answer = refused(served.awslambda.update_function_configuration, FunctionName="f", Layers=arns)
        assert answer == (400, "InvalidParameterValueException", message)
    assert "Layers" not in served.awslambda.get_function_configuration(FunctionName="f")


def test_a_layer_of_another_region_is_refused(served):
    abroad = boto3.client(
        "lambda", endpoint_url=served.endpoint, region_name="eu-west-1", config=ONCE,
        aws_access_key_id="AKIATESTER", aws_secret_access_key="invented",
    )  # fmt: skip
    arn = publish(abroad)["LayerVersionArn"]
    assert refused(lambda: served.function(CODE, Layers=[arn])) == (
        400, "InvalidParameterValueException",
        "Layers are not in the same region as the function. Layers are expected to be in region us-east-1.",
    )  # fmt: skip


def test_five_layers_are_allowed_and_six_are_not(served):
    arns = [publish(served, f"layer{number}")["LayerVersionArn"] for number in range(6)]
    assert refused(lambda: served.function(CODE, Layers=arns)) == (
        400, "InvalidParameterValueException", "Cannot reference more than 5 layers.",
    )  # fmt: skip
    served.function(CODE, Layers=arns[:5])
    assert served.invoke().payload == "tools"


def test_a_layer_without_content_is_refused(served):
    refusal = (400, "InvalidParameterValueException", "Missing Content")
    assert refused(served.awslambda.publish_layer_version, LayerName="tools", Content={}) == refusal


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no zip", "Could not unzip uploaded file. Please check your file, then try to upload again."),
        (zip_of({}), "Uploaded file must be a non-empty zip"),
    ],
)
def test_what_cannot_be_unpacked_is_no_layer(served, content, message):
    assert refused(lambda: publish(served, content=content)) == (400, "InvalidParameterValueException", message)
    assert served.awslambda.list_layers()["Layers"] == []


def test_a_zip_in_the_request_has_a_limit_and_one_in_s3_has_not(served):
    limit = facts.QUOTAS["zip_direct"].maximum
    large = zip_of({"python/tools.py": bytes(int(limit))})
    assert refused(served.awslambda.publish_layer_version, LayerName="large", Content={"ZipFile": large}) == (
        413, "RequestEntityTooLargeException", f"Zipped size must be smaller than {limit} bytes"
    )  # fmt: skip
    assert not served.awslambda.list_layers()["Layers"]
    served.s3.create_bucket(Bucket="code")
    served.s3.put_object(Bucket="code", Key="large.zip", Body=large)
    code = {"S3Bucket": "code", "S3Key": "large.zip"}
    published = served.awslambda.publish_layer_version(LayerName="large", Content=code)
    assert published["Content"]["CodeSize"] == len(large)
