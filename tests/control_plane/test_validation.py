"""Requests that are out of form: several faults at once, other types than the model's, bodies that are no JSON."""

from __future__ import annotations

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

FUNCTIONS = "/2015-03-31/functions"


@pytest.fixture
def unchecked(served):
    """A client that sends what boto3 would refuse."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    return boto3.client(
        "lambda", endpoint_url=served.endpoint, region_name="us-east-1", config=config, aws_access_key_id="AKIATESTER",
        aws_secret_access_key="invented",
    )  # fmt: skip


def refusal(action, **arguments):
    with pytest.raises(ClientError) as refused:
        action(**arguments)
    return refused.value.response


def test_several_faults_are_counted_in_one_message(unchecked):
    found = refusal(unchecked.create_function, FunctionName="f!", Timeout=0, Code={"ZipFile": b""}, Handler="a b")
    assert found["Error"]["Code"] == "ValidationException" and "Type" not in found
    count, _, faults = found["Error"]["Message"].partition(" validation errors detected: ")
    fields = [fault.split("'")[3 if fault.startswith("Value '") else 1] for fault in faults.split("; ")]
    assert int(count) == len(fields) and sorted(fields) == ["functionName", "handler", "role", "timeout"]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("create_function", {"FunctionName": "f", "MemorySize": "big"}),
        ("create_function", {"FunctionName": "f", "Environment": {"Variables": {"A1": 1}}}),
        ("list_functions", {"MaxItems": "many"}),
    ],
)
def test_a_value_of_another_type(unchecked, operation, arguments):
    found = refusal(getattr(unchecked, operation), **arguments)
    assert (found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Code"]) == (400, "SerializationException")


def signed(served, method, path, body):
    request = AWSRequest(method, served.endpoint + path, data=body, headers={"Content-Type": "application/json"})
    SigV4Auth(Credentials("AKIATESTER", "invented"), "lambda", "us-east-1").add_auth(request)
    return URLLib3Session().send(request.prepare())


@pytest.mark.parametrize("body", [b"no json", b"{", b'{"FunctionName": "f"'])
def test_a_body_that_is_no_json(served, body):
    answer = signed(served, "POST", FUNCTIONS, body)
    assert answer.status_code == 400
    assert answer.headers["x-amzn-ErrorType"] == "InvalidRequestContentException"
    assert "Could not parse request body into json" in answer.text


def test_a_call_that_lambda_does_not_have(served):
    answer = signed(served, "POST", f"{FUNCTIONS}/f/nonsense", b"{}")
    assert answer.status_code >= 400 and answer.headers["x-amzn-ErrorType"]
