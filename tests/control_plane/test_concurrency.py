"""Several invocations at once, and the two limits on them, as boto3 sees them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

S3 = [{"Action": "s3:*", "Resource": "*"}]
# Each handler waits until as many as the event names have begun, so that they are under way at once for certain.
TOGETHER = """
import os, time, uuid
import boto3
me, n = uuid.uuid4().hex, 0
def lambda_handler(event, context):
    global n
    n += 1
    s3 = boto3.client("s3")
    s3.put_object(Bucket="meeting", Key=event["round"] + "/" + context.aws_request_id)
    deadline = time.time() + 15
    while s3.list_objects_v2(Bucket="meeting", Prefix=event["round"]).get("KeyCount", 0) < event["wait_for"]:
        if time.time() > deadline:
            return "alone"
        time.sleep(0.02)
    return [me, n]
"""


@pytest.fixture
def meeting(served):
    served.s3.create_bucket(Bucket="meeting")
    served.function(TOGETHER, Role=served.role("AWSLambdaBasicExecutionRole", allow=S3))
    return served


def throttled(account, **more):
    with pytest.raises(ClientError) as refused:
        account.invoke(event={"round": "refused", "wait_for": 0}, **more)
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert answer["Error"] == {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."}
    assert answer["Type"] == "User"
    return answer["Reason"]


def under_way(account, eventually, threads, round_name, count):
    """Futures of invocations that all have begun and wait for one more object in the bucket."""
    event = {"round": round_name, "wait_for": count + 1}
    futures = [threads.submit(account.invoke, event=event) for _ in range(count)]
    eventually(lambda: account.s3.list_objects_v2(Bucket="meeting", Prefix=round_name)["KeyCount"] == count)
    return futures


def finish(account, futures, round_name):
    account.s3.put_object(Bucket="meeting", Key=f"{round_name}/go")
    return [future.result(20).payload for future in futures]


def test_five_at_once_start_five_environments_and_then_are_warm(meeting):
    with ThreadPoolExecutor(5) as threads:
        first, second = (
            [done.payload for done in threads.map(lambda event: meeting.invoke(event=event), [event] * 5)]
            for event in ({"round": "1", "wait_for": 5}, {"round": "2", "wait_for": 5})
        )
    assert len({me for me, _ in first}) == 5 and {n for _, n in first} == {1}
    assert sorted(me for me, _ in second) == sorted(me for me, _ in first) and {n for _, n in second} == {2}
    assert len([line for line in meeting.messages() if line.startswith("INIT_START")]) == 5
    assert len(meeting.logs.describe_log_streams(logGroupName="/aws/lambda/f")["logStreams"]) == 5


ARN = "arn:aws:lambda:us-east-1:123456789012:function:"


def refused(call, **arguments):
    """The error's answer, and its status, code and message."""
    with pytest.raises(ClientError) as error:
        call(**arguments)
    answer = error.value.response
    return answer, (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"])


def test_a_reservation_is_put_told_and_deleted(served):
    served.function("def lambda_handler(event, context):\n    return 1\n")
    client = served.awslambda
    for number in (0, 1, 900):
        put = client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=number)
        assert (put["ResponseMetadata"]["HTTPStatusCode"], put["ReservedConcurrentExecutions"]) == (200, number)
        told = client.get_function_concurrency(FunctionName=f"{ARN}f")
        assert told["ReservedConcurrentExecutions"] == number
        assert client.get_function(FunctionName="f")["Concurrency"] == {"ReservedConcurrentExecutions": number}
    assert client.delete_function_concurrency(FunctionName="f")["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName="f")
    assert "Concurrency" not in client.get_function(FunctionName="f")


@pytest.mark.parametrize("number", [901, 1000, 1001])
def test_what_leaves_too_little_to_the_others_is_refused_without_a_type(served, number):
    served.function("def lambda_handler(event, context):\n    return 1\n")
    call = served.awslambda.put_function_concurrency
    answer, told = refused(call, FunctionName="f", ReservedConcurrentExecutions=number)
    assert told == (
        400, "InvalidParameterValueException",
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
        "its minimum value of [100].",
    )  # fmt: skip
    assert "Type" not in answer


def test_a_function_that_does_not_exist_reserves_nothing(served):
    client = served.awslambda
    missing, code = f"Function not found: {ARN}gone", "ResourceNotFoundException"
    for number in (0, 1, 5000):
        _, told = refused(client.put_function_concurrency, FunctionName="gone", ReservedConcurrentExecutions=number)
        assert told == (404, code, f"{missing}:$LATEST")
    assert refused(client.get_function_concurrency, FunctionName="gone")[1] == (404, code, missing)


@pytest.mark.parametrize("qualifier", ["$LATEST", "1", "live"])
def test_versions_and_aliases_reserve_nothing(served, qualifier):
    served.function("def lambda_handler(event, context):\n    return 1\n")
    call = served.awslambda.put_function_concurrency
    answer, told = refused(call, FunctionName=f"{ARN}f:{qualifier}", ReservedConcurrentExecutions=0)
    assert told == (
        400, "InvalidParameterValueException",
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
        "Please specify either a function name or an unqualified function ARN.",
    )  # fmt: skip
    assert answer["Type"] == "User"


def test_a_reservation_goes_with_its_function(served):
    served.function("def lambda_handler(event, context):\n    return 1\n")
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=900)
    served.awslambda.delete_function(FunctionName="f")
    limit = served.awslambda.get_account_settings()["AccountLimit"]
    assert limit["UnreservedConcurrentExecutions"] == 1000
    served.function("def lambda_handler(event, context):\n    return 'ran'\n")
    assert served.invoke().payload == "ran"


@pytest.mark.parametrize(("weight", "version"), [(0.0, "1"), (1.0, "2")])
def test_weights_split_the_calls_of_an_alias(served, weight, version):
    served.function("def lambda_handler(event, context):\n    return context.function_version\n")
    served.awslambda.publish_version(FunctionName="f")
    served.awslambda.update_function_configuration(FunctionName="f", Description="another")
    served.awslambda.publish_version(FunctionName="f")
    routing = {"AdditionalVersionWeights": {"2": weight}}
    served.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1", RoutingConfig=routing)
    answers = [served.invoke(Qualifier="live") for _ in range(4)]
    assert {answer.payload for answer in answers} == {answer.raw["ExecutedVersion"] for answer in answers} == {version}


@pytest.mark.parametrize("qualifier", [None, "1", "live"])
def test_reserved_concurrency_of_zero_throttles_every_version(served, qualifier):
    served.function("def lambda_handler(event, context):\n    return 'ran'\n")
    served.awslambda.publish_version(FunctionName="f")
    served.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    more = {"Qualifier": qualifier} if qualifier else {}
    assert throttled(served, **more) == "ReservedFunctionConcurrentInvocationLimitExceeded"
    served.awslambda.delete_function_concurrency(FunctionName="f")
    assert served.invoke(**more).payload == "ran"


def test_reserved_concurrency_of_one_throttles_the_second(meeting, eventually):
    meeting.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    with ThreadPoolExecutor(1) as threads:
        first = under_way(meeting, eventually, threads, "one", 1)
        assert throttled(meeting) == "ReservedFunctionConcurrentInvocationLimitExceeded"
        assert finish(meeting, first, "one")[0][1] == 1
    assert meeting.invoke(event={"round": "after", "wait_for": 1}).payload[1] == 2


def test_a_throttled_event_is_accepted_and_delivered_when_there_is_room(meeting, eventually):
    meeting.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    with ThreadPoolExecutor(1) as threads:
        first = under_way(meeting, eventually, threads, "busy", 1)
        event = {"round": "later", "wait_for": 0}
        assert meeting.invoke(event=event, InvocationType="Event").raw["StatusCode"] == 202
        finish(meeting, first, "busy")
    meeting.advance(10)
    assert eventually(lambda: meeting.s3.list_objects_v2(Bucket="meeting", Prefix="later")["KeyCount"] == 1)


def test_the_accounts_quota_is_for_all_functions(serve, eventually):
    account = serve("--concurrency-quota", "1")
    account.s3.create_bucket(Bucket="meeting")
    role = account.role("AWSLambdaBasicExecutionRole", allow=S3)
    account.function(TOGETHER, Role=role)
    account.function("def lambda_handler(event, context):\n    return 'other'\n", "g", Role=role)
    with ThreadPoolExecutor(1) as threads:
        first = under_way(account, eventually, threads, "quota", 1)
        assert throttled(account) == "ConcurrentInvocationLimitExceeded"
        with pytest.raises(ClientError, match="Rate Exceeded"):
            account.invoke("g")
        finish(account, first, "quota")
    assert json.loads(account.invoke("g").body) == "other"


def test_a_reservation_counts_before_its_function_was_ever_invoked(serve):
    account = serve("--concurrency-quota", "101")
    account.function("def lambda_handler(event, context):\n    return 1\n", name="reserving")
    account.function("def lambda_handler(event, context):\n    return 1\n", name="other")
    account.awslambda.put_function_concurrency(FunctionName="reserving", ReservedConcurrentExecutions=1)
    assert account.awslambda.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 100
    assert account.invoke("other").payload == account.invoke("reserving").payload == 1
