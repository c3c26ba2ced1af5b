"""InvokeAsync, InvokeWithResponseStream, and what all ways of invoking refuse."""

from __future__ import annotations

import base64
import json

import pytest
from botocore.exceptions import ClientError
from served import zip_of

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
ECHO = "def lambda_handler(event, context):\n    print('it ran')\n    return event\n"


def refusal(action, **arguments):
    with pytest.raises(ClientError) as refused:
        action(**arguments)
    return refused.value.response


# InvokeAsync.


def test_the_deprecated_asynchronous_call(served, eventually):
    served.function(ECHO)
    answer = served.awslambda.invoke_async(FunctionName="f", InvokeArgs=json.dumps({"n": 1}))
    assert answer["Status"] == answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    request_id = answer["ResponseMetadata"]["RequestId"]
    log = eventually(lambda: [line for line in served.messages() if line.startswith("END")])
    assert request_id in log[0]


def test_the_deprecated_call_refuses_what_invoke_refuses(served):
    call = served.awslambda.invoke_async
    missing = refusal(call, FunctionName="f", InvokeArgs="{}")
    assert missing["Error"]["Message"] == f"Function not found: {ARN}:$LATEST"
    served.function(ECHO)
    assert refusal(call, FunctionName="f", InvokeArgs="no json")["Error"]["Code"] == "InvalidRequestContentException"


# InvokeWithResponseStream.


def streamed(served, **arguments):
    answer = served.awslambda.invoke_with_response_stream(FunctionName="f", **arguments)
    return answer, list(answer["EventStream"])


def test_a_response_stream_has_the_payload_and_then_its_end(served):
    served.function(ECHO)
    payload = json.dumps({"text": "é" * 100_000}, ensure_ascii=False).encode()
    answer, events = streamed(served, Payload=payload, LogType="Tail")
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert [list(event) for event in events] == [["PayloadChunk"], ["InvokeComplete"]]
    assert json.loads(events[0]["PayloadChunk"]["Payload"]) == json.loads(payload)
    ending = events[1]["InvokeComplete"]
    assert set(ending) == {"LogResult"} and "it ran" in base64.b64decode(ending["LogResult"]).decode()
    assert streamed(served)[1][1] == {"InvokeComplete": {}}


def test_a_response_stream_ends_with_the_error_of_a_handler(served):
    served.function("def lambda_handler(event, context):\n    raise ValueError('no good')\n")
    _, events = streamed(served)
    assert [list(event) for event in events] == [["InvokeComplete"]]
    ending = events[0]["InvokeComplete"]
    assert ending["ErrorCode"] == "Unhandled"
    assert json.loads(ending["ErrorDetails"])["errorMessage"] == "no good"


def test_a_response_stream_may_be_tried_and_refused(served):
    call = served.awslambda.invoke_with_response_stream
    assert refusal(call, FunctionName="f", Qualifier="1")["Error"]["Message"] == f"Function not found: {ARN}:1"
    served.function(ECHO)
    assert call(FunctionName="f", InvocationType="DryRun")["StatusCode"] == 204
    assert served.messages() == []
    assert refusal(call, FunctionName="f", Payload=b"no json")["Error"]["Code"] == "InvalidRequestContentException"


# What is refused.


def test_an_unknown_kind_of_invocation(served):
    served.function(ECHO)
    found = refusal(served.awslambda.invoke, FunctionName="f", InvocationType="Later")
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert found["Error"] == {
        "Code": "ValidationException",
        "Message": "1 validation error detected: Value 'Later' at 'invocationType' failed to satisfy constraint: "
        "Member must satisfy enum value set: [Event, RequestResponse, DryRun]",
    }


@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
def test_every_kind_of_invocation_needs_a_function(served, kind):
    found = refusal(served.awslambda.invoke, FunctionName="f", InvocationType=kind)
    assert found["Error"]["Message"] == f"Function not found: {ARN}:$LATEST"
    assert (found["Type"], found["Message"]) == ("User", found["Error"]["Message"])


def test_a_function_that_reserves_nothing_is_stopped(served):
    served.function(ECHO)
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    for call in (served.awslambda.invoke, served.awslambda.invoke_with_response_stream):
        found = refusal(call, FunctionName="f")
        assert found["ResponseMetadata"]["HTTPStatusCode"] == 429
        assert found["Error"] == {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."}
        assert (found["Reason"], found["Type"]) == ("ReservedFunctionConcurrentInvocationLimitExceeded", "User")
    assert served.awslambda.invoke(FunctionName="f", InvocationType="Event")["StatusCode"] == 202


def test_a_large_payload_is_refused(served):
    served.function(ECHO)
    large = json.dumps("x" * 6_291_456).encode()
    found = refusal(served.awslambda.invoke, FunctionName="f", Payload=large)
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert found["Error"] == {
        "Code": "RequestEntityTooLargeException",
        "Message": "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
    }


@pytest.mark.parametrize("code", [zip_of({"other.py": ""})])
def test_a_package_without_the_handler_s_file_is_the_function_s_error(served, code):
    served.function(code)
    done = served.invoke()
    assert (done.raw["StatusCode"], done.error) == (200, "Unhandled")
    assert done.payload["errorType"] == "Runtime.ImportModuleError"
