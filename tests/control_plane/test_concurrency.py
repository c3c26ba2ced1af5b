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


def test_a_throttled_event_is_accepted_and_delivered_when_there_is_room(served, eventually):
    served.function("def lambda_handler(event, context):\n    print('ran')\n")
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    assert served.invoke(event={}, InvocationType="Event").raw["StatusCode"] == 202
    served.awslambda.delete_function_concurrency(FunctionName="f")
    served.advance(10)
    assert "ran\n" in eventually(served.messages)


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
