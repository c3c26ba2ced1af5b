"""Recursion configuration, and the loop that it lets run or ends."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

LOOP = """
import json
import boto3
def lambda_handler(event, context):
    print("round", event["n"])
    if event["n"] < 20:
        payload = json.dumps({"n": event["n"] + 1})
        boto3.client("lambda").invoke(FunctionName="f", InvocationType="Event", Payload=payload)
"""


def test_it_is_terminate_until_it_is_put(served):
    served.function("def lambda_handler(event, context):\n    return 1\n")
    client = served.awslambda
    assert client.get_function_recursion_config(FunctionName="f")["RecursiveLoop"] == "Terminate"
    for wanted in ("Allow", "Terminate"):
        put = client.put_function_recursion_config(FunctionName="f", RecursiveLoop=wanted)
        assert (put["ResponseMetadata"]["HTTPStatusCode"], put["RecursiveLoop"]) == (200, wanted)
        assert client.get_function_recursion_config(FunctionName="f")["RecursiveLoop"] == wanted


@pytest.mark.parametrize(
    ("name", "wanted", "code", "message"),
    [
        (
            "f", "InvalidValue", "ValidationException",
            "1 validation error detected: Value 'InvalidValue' at 'recursiveLoop' failed to satisfy constraint: "
            "Member must satisfy enum value set: [Terminate, Allow]",
        ),
        (
            "gone", "Allow", "ResourceNotFoundException",
            "Function not found: arn:aws:lambda:us-east-1:123456789012:function:gone",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(served, name, wanted, code, message):
    with pytest.raises(ClientError) as refused:
        served.awslambda.put_function_recursion_config(FunctionName=name, RecursiveLoop=wanted)
    assert refused.value.response["Error"] == {"Code": code, "Message": message}


@pytest.mark.parametrize(("wanted", "rounds"), [("Terminate", 16), ("Allow", 21)])
def test_a_loop_ends_after_16_rounds_or_goes_on(served, wanted, rounds):
    allowed = [{"Action": "lambda:InvokeFunction", "Resource": "*"}]
    served.function(LOOP, Role=served.role("AWSLambdaBasicExecutionRole", allow=allowed))
    served.awslambda.put_function_recursion_config(FunctionName="f", RecursiveLoop=wanted)
    served.invoke(event={"n": 0}, InvocationType="Event")
    served.advance(1)
    ran = [int(line.split()[1]) for line in served.messages() if line.startswith("round")]
    assert sorted(ran) == [*range(rounds)]
