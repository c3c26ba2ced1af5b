"""Code signing configurations as boto3 sees them, and what becomes of code that nobody signed."""

from __future__ import annotations

import re

import pytest
from botocore.exceptions import ClientError
from oci import HandMade
from served import zip_of

CODE = "def lambda_handler(event, context):\n    return 1\n"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
GONE_ARN = "arn:aws:lambda:us-east-1:123456789012:function:gone"
PUBLISHERS = {"SigningProfileVersionArns": ["arn:aws:signer:us-east-1:123456789012:/signing-profiles/test"]}
NOWHERE = "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-00000000000000000"


def policy(word):
    return {"UntrustedArtifactOnDeployment": word}


def create(account, word="Warn", **more):
    made = account.awslambda.create_code_signing_config(
        AllowedPublishers=PUBLISHERS, CodeSigningPolicies=policy(word), **more
    )
    return made["CodeSigningConfig"]["CodeSigningConfigArn"]


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    answer = error.value.response
    return answer, (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"])


def test_its_life(served):
    client = served.awslambda
    made = client.create_code_signing_config(
        Description="mine", AllowedPublishers=PUBLISHERS, CodeSigningPolicies=policy("Enforce")
    )
    config = made["CodeSigningConfig"]
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert re.fullmatch(r"csc-[a-z0-9]{17}", config["CodeSigningConfigId"])
    assert config == {
        "CodeSigningConfigId": config["CodeSigningConfigId"],
        "CodeSigningConfigArn": NOWHERE.replace("csc-00000000000000000", config["CodeSigningConfigId"]),
        "Description": "mine",
        "AllowedPublishers": PUBLISHERS,
        "CodeSigningPolicies": policy("Enforce"),
        "LastModified": config["LastModified"],
    }
    named = {"CodeSigningConfigArn": config["CodeSigningConfigArn"]}
    served.advance(60)
    assert client.update_code_signing_config(**named)["CodeSigningConfig"] == config
    changed = client.update_code_signing_config(CodeSigningPolicies=policy("Warn"), **named)["CodeSigningConfig"]
    assert (changed["Description"], changed["CodeSigningPolicies"]) == ("mine", policy("Warn"))
    assert changed["LastModified"] > config["LastModified"]
    assert client.get_code_signing_config(**named)["CodeSigningConfig"] == changed
    assert client.list_code_signing_configs()["CodeSigningConfigs"] == [changed]
    assert client.delete_code_signing_config(**named)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert client.list_code_signing_configs()["CodeSigningConfigs"] == []


def test_a_function_has_one_or_none(served):
    served.function(CODE)
    client, arn = served.awslambda, create(served)
    assert "CodeSigningConfigArn" not in client.get_function_code_signing_config(FunctionName="f")
    put = client.put_function_code_signing_config(FunctionName=ARN, CodeSigningConfigArn=arn)
    for answer in (put, client.get_function_code_signing_config(FunctionName="f")):
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert (answer["CodeSigningConfigArn"], answer["FunctionName"]) == (arn, "f")
    assert client.list_functions_by_code_signing_config(CodeSigningConfigArn=arn)["FunctionArns"] == [ARN]
    _, told = refused(client.delete_code_signing_config, CodeSigningConfigArn=arn)
    assert told[:2] == (409, "ResourceConflictException") and ARN in told[2]
    for _ in range(2):
        answer = client.delete_function_code_signing_config(FunctionName="f")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert client.list_functions_by_code_signing_config(CodeSigningConfigArn=arn)["FunctionArns"] == []


def test_what_does_not_exist(served):
    served.function(CODE)
    client, arn = served.awslambda, create(served)
    for call in (
        client.get_code_signing_config, client.update_code_signing_config, client.delete_code_signing_config,
        client.list_functions_by_code_signing_config,
    ):  # fmt: skip
        answer, told = refused(call, CodeSigningConfigArn=NOWHERE)
        message = f"The Lambda code signing configuration {NOWHERE} can not be found."
        assert told == (404, "ResourceNotFoundException", message) and "Type" not in answer
    for name in ("f", "gone"):
        answer, told = refused(client.put_function_code_signing_config, FunctionName=name, CodeSigningConfigArn=NOWHERE)
        message = (
            "The code signing configuration cannot be found. Check that the provided configuration is not deleted: "
            f"{NOWHERE}."
        )
        assert told == (404, "CodeSigningConfigNotFoundException", message)
        assert (answer["Type"], answer["Message"]) == ("User", message)
    missing = (404, "ResourceNotFoundException", f"Function not found: {GONE_ARN}")
    put = client.put_function_code_signing_config
    assert refused(put, FunctionName="gone", CodeSigningConfigArn=arn)[1] == missing
    for call in (client.get_function_code_signing_config, client.delete_function_code_signing_config):
        assert refused(call, FunctionName="gone")[1] == missing


def test_unsigned_code_is_let_through_or_refused(served):
    arn = create(served, "Warn")
    served.function(CODE, CodeSigningConfigArn=arn)
    client = served.awslambda
    assert client.get_function_code_signing_config(FunctionName="f")["CodeSigningConfigArn"] == arn
    client.update_function_code(FunctionName="f", ZipFile=zip_of(CODE))
    served.advance(1)
    client.update_code_signing_config(CodeSigningConfigArn=arn, CodeSigningPolicies=policy("Enforce"))
    _, told = refused(client.update_function_code, FunctionName="f", ZipFile=zip_of(CODE))
    assert told == (
        400, "CodeVerificationFailedException",
        "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is "
        f"not configured to accept. Check the provided signature for {ARN}.",
    )  # fmt: skip
    with pytest.raises(ClientError, match="Check the provided signature"):
        served.function(CODE, "g", CodeSigningConfigArn=arn)
    with pytest.raises(ClientError, match="cannot be found"):
        served.function(CODE, "g", CodeSigningConfigArn=NOWHERE)
    assert [each["FunctionName"] for each in client.list_functions()["Functions"]] == ["f"]
    client.update_function_configuration(FunctionName="f", Description="no code")
    assert served.invoke().payload == 1


def test_an_image_has_none(served):
    role = served.role("AWSLambdaBasicExecutionRole")
    served.awslambda.create_function(
        FunctionName="f", Role=role, PackageType="Image", Code={"ImageUri": HandMade([]).push(served.ecr)}
    )
    _, told = refused(served.awslambda.get_function_code_signing_config, FunctionName="f")
    message = "Code signing is not supported for functions created with container images."
    assert told == (400, "InvalidParameterValueException", message)
