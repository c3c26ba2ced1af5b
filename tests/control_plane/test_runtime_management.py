"""Runtime management and function scaling configurations as boto3 sees them."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

CODE = "def lambda_handler(event, context):\n    return 1\n"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
PINNED = f"arn:aws:lambda:us-east-1::runtime:{'a' * 64}"


@pytest.fixture
def published(served):
    served.function(CODE, Runtime="python3.13")
    served.awslambda.publish_version(FunctionName="f")
    return served.awslambda


def told(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_it_is_auto_until_it_is_put(published):
    assert told(published.get_runtime_management_config(FunctionName="f")) == {
        "UpdateRuntimeOn": "Auto", "FunctionArn": ARN,
    }  # fmt: skip
    for wanted in ({"UpdateRuntimeOn": "FunctionUpdate"}, {"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": PINNED}):
        put = published.put_runtime_management_config(FunctionName="f", Qualifier="1", **wanted)
        assert put["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert told(put) == {"FunctionArn": f"{ARN}:1", **wanted}
        assert told(published.get_runtime_management_config(FunctionName="f", Qualifier="1")) == told(put)
    assert published.get_runtime_management_config(FunctionName="f")["UpdateRuntimeOn"] == "Auto"
    published.delete_function(FunctionName="f", Qualifier="1")
    with pytest.raises(ClientError, match=f"Function not found: {ARN}:1"):
        published.get_runtime_management_config(FunctionName="f", Qualifier="1")


def test_a_function_that_stays_with_its_runtime_gets_no_other(served, published):
    published.put_runtime_management_config(FunctionName="f", UpdateRuntimeOn="Manual", RuntimeVersionArn=PINNED)
    published.update_function_configuration(FunctionName="f", Runtime="python3.13", Description="the same")
    served.advance(1)
    with pytest.raises(ClientError) as refused:
        published.update_function_configuration(FunctionName="f", Runtime="python3.12")
    assert refused.value.response["Error"] == {
        "Code": "InvalidParameterValueException",
        "Message": "Cannot change runtime identifier when runtime management configuration is set to 'Manual'. Change "
        "the runtime management configuration to 'Auto' or 'FunctionUpdate', then retry.",
    }
    published.put_runtime_management_config(FunctionName="f", UpdateRuntimeOn="Auto")
    updated = published.update_function_configuration(FunctionName="f", Runtime="python3.12")
    assert updated["Runtime"] == "python3.12"


def test_manual_names_a_version(published):
    with pytest.raises(ClientError, match="RuntimeVersionArn"):
        published.put_runtime_management_config(FunctionName="f", UpdateRuntimeOn="Manual")
    with pytest.raises(ClientError, match="Function not found"):
        published.put_runtime_management_config(FunctionName="gone", UpdateRuntimeOn="Auto")


@pytest.mark.parametrize(
    ("qualifier", "code", "message"),
    [
        (
            "1", "AccessDeniedException",
            "The function provided by the arn does not contain a capacity provider configuration",
        ),
        ("7", "ResourceNotFoundException", f"Function not found: {ARN}:7"),
    ],
)  # fmt: skip
def test_only_managed_instances_have_a_scaling_configuration(published, qualifier, code, message):
    wanted = {"MinExecutionEnvironments": 1, "MaxExecutionEnvironments": 2}
    for call, more in (
        (published.put_function_scaling_config, {"FunctionScalingConfig": wanted}),
        (published.get_function_scaling_config, {}),
    ):
        with pytest.raises(ClientError) as refused:
            call(FunctionName="f", Qualifier=qualifier, **more)
        assert refused.value.response["Error"] == {"Code": code, "Message": message}
