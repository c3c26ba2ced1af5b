"""Loops of invocations are ended after sixteen rounds, with a warning that teaches, unless that is not wanted."""

from __future__ import annotations

import json

import pytest
from bucket import NAME, Bucket

ROUNDS = 16
COPY = """
import os, urllib.parse
import boto3
def lambda_handler(event, context):
    print("ROUND", os.environ["_X_AMZN_TRACE_ID"])
    record = event["Records"][0]["s3"]
    key = urllib.parse.unquote_plus(record["object"]["key"])
    boto3.client("s3").put_object(Bucket=record["bucket"]["name"], Key="small-" + key, Body=b"")
"""
REPEAT = """
import boto3
def lambda_handler(event, context):
    print("ROUND")
    sns = event["Records"][0]["Sns"]
    boto3.client("sns").publish(TopicArn=sns["TopicArn"], Message=sns["Message"])
"""
DEEPER = """
import json, boto3
def lambda_handler(event, context):
    depth = event["depth"]
    print("ROUND", depth)
    if depth == event["of"]:
        return
    try:
        boto3.client("lambda").invoke(
            FunctionName=event["via"][depth % 2], Payload=json.dumps({**event, "depth": depth + 1}),
            InvocationType="RequestResponse" if depth == event.get("waits_at") else "Event",
        )
    except Exception as error:
        answer = error.response
        print("REFUSED", depth, answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], error)
"""


@pytest.fixture
def warned(served):
    """Waits for a loop of the function f to be ended, and gives what was told of it."""
    before = len(served.complaints())

    def wait(eventually):
        return eventually(lambda: "has been stopped" in (told := served.complaints()[before:]) and told)

    return wait


def rounds(served):
    return [line.split()[-1] for line in served.messages() if line.startswith("ROUND")]


def test_a_function_that_writes_to_the_bucket_that_invokes_it(served, warned, eventually):
    bucket = Bucket(served)
    queue = served.sqs.create_queue(QueueName="failed")["QueueUrl"]
    allow = [{"Action": ["s3:PutObject", "sqs:SendMessage"], "Resource": "*"}]
    served.function(COPY, Role=served.role("AWSLambdaBasicExecutionRole", allow=allow))
    served.awslambda.put_function_event_invoke_config(
        FunctionName="f", DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:failed"}}
    )
    served.s3.create_bucket(Bucket=NAME)
    bucket.permit()
    bucket.configure()
    bucket.put("picture")
    told = warned(eventually)
    assert "function f has been stopped: one chain of events invoked it 16 times" in told
    assert "write to another bucket, or where the notification's prefix and suffix do not fit" in told
    assert "Lambda ends such a loop too. put_function_recursion_config(FunctionName='f', RecursiveLoop='Allow')" in told
    traces = eventually(lambda: len(found := rounds(served)) == ROUNDS and found)
    lineages = sorted(int(trace.partition("Lineage=")[2].partition(":")[0]) for trace in traces)
    assert lineages == list(range(1, ROUNDS + 1)) and len({trace.partition(";")[0] for trace in traces}) == 1
    (message,) = eventually(lambda: served.sqs.receive_message(QueueUrl=queue).get("Messages"))
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "RecursiveInvocationDetected"
    assert record["responseContext"] == {"statusCode": 400} and "responsePayload" not in record
    assert record["requestPayload"]["Records"][0]["s3"]["object"]["key"] == "small-" * ROUNDS + "picture"
    bucket.put("afterwards")  # begins another chain
    assert eventually(lambda: len(rounds(served)) == 2 * ROUNDS)


def test_a_function_that_publishes_to_the_topic_that_invokes_it(served, warned, eventually):
    topic = served.sns.create_topic(Name="t")["TopicArn"]
    allow = [{"Action": "sns:Publish", "Resource": topic}]
    function = served.function(REPEAT, Role=served.role("AWSLambdaBasicExecutionRole", allow=allow))
    served.awslambda.add_permission(
        FunctionName="f", StatementId="sns", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com",
        SourceArn=topic,
    )  # fmt: skip
    served.sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    served.sns.publish(TopicArn=topic, Message="again")
    assert "publish to another, or set a filter policy" in warned(eventually)
    assert eventually(lambda: len(rounds(served)) == ROUNDS)


def chain(served, *names, **event):
    """Let these functions call each other in turn, each without waiting for the next."""
    role = served.role("AWSLambdaBasicExecutionRole", allow=[{"Action": "lambda:InvokeFunction", "Resource": "*"}])
    for name in names:
        served.function(DEEPER, name, Role=role)
    served.awslambda.put_function_recursion_config(FunctionName=names[-1], RecursiveLoop=event.pop("loop", "Terminate"))
    served.invoke(names[0], {"depth": 1, "via": [names[0], names[-1]], **event})


def test_a_call_that_waits_is_refused_where_the_chain_comes_to_the_seventeenth(served, warned, eventually):
    chain(served, "f", of=18, waits_at=ROUNDS)
    told = eventually(lambda: [line for line in served.messages() if line.startswith("REFUSED")])
    assert told[0].startswith(f"REFUSED {ROUNDS} 400 RecursiveInvocationException An error occurred")
    assert "Lambda has detected your function being invoked in a recursive loop" in told[0]
    assert "there should be a way out" in warned(eventually)
    assert eventually(lambda: len(rounds(served)) == ROUNDS)


def test_a_loop_that_is_allowed_goes_on(served, eventually):
    chain(served, "f", of=18, loop="Allow")
    assert eventually(lambda: "18" in rounds(served))


def test_each_function_of_a_chain_counts_for_itself(served, eventually):
    chain(served, "f", "g", of=20)
    assert eventually(lambda: "20" in rounds(served) + [line.split()[-1] for line in served.messages("g")])
