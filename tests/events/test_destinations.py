"""Whom Lambda tells how an asynchronous event ended: destinations and dead-letter queues, with AWS's records."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from served import zip_of

ACCOUNT = "123456789012"
ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
HANDLER = """
def lambda_handler(event, context):
    if event.get("fail"):
        raise ValueError("no good: " + "é" * event.get("long", 0))
    return event.get("result")
"""
PRINT = "import json\ndef lambda_handler(event, context):\n    print('GOT', json.dumps(event))\n"
SENDING = [
    "sqs:SendMessage",
    "sns:Publish",
    "events:PutEvents",
    "lambda:InvokeFunction",
    "s3:PutObject",
    "s3:ListBucket",
]
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
FAILED = {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}


@pytest.fixture
def role(served):
    return served.role("AWSLambdaBasicExecutionRole", allow=[{"Action": SENDING, "Resource": "*"}])


@pytest.fixture
def queue(served, eventually):
    """Queues by name, and what comes into them."""

    class Queues:
        def arn(self, name):
            served.sqs.create_queue(QueueName=name)
            return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"

        def message(self, name):
            url = served.sqs.get_queue_url(QueueName=name)["QueueUrl"]
            read = {"QueueUrl": url, "MessageAttributeNames": ["All"], "AttributeNames": ["All"]}
            (message,) = eventually(lambda: served.sqs.receive_message(**read).get("Messages"))
            return message

        def record(self, name):
            return json.loads(self.message(name)["Body"])

    return Queues()


@pytest.fixture
def told(served, role, queue):
    """Makes f with destinations: the queues good and bad unless others are given, and further settings."""

    def make(good=None, bad=None, qualifier=None, code=HANDLER, configuration=None, **settings):
        served.function(code, Role=role, **(configuration or {}))
        ends = {
            "OnSuccess": {"Destination": good or queue.arn("good")},
            "OnFailure": {"Destination": bad or queue.arn("bad")},
        }
        served.awslambda.put_function_event_invoke_config(
            FunctionName="f", DestinationConfig=ends, **settings, **({"Qualifier": qualifier} if qualifier else {})
        )

    return make


def test_a_record_of_success(served, told, queue):
    told()
    sent = served.invoke(event={"result": [1, "é"]}, InvocationType="Event")
    message = queue.message("good")
    assert "MessageAttributes" not in message
    assert "Lineage=1:" in message["Attributes"]["AWSTraceHeader"]
    record = json.loads(message["Body"])
    assert list(record) == [
        "version", "timestamp", "requestContext", "requestPayload", "responseContext", "responsePayload"
    ]  # fmt: skip
    assert re.fullmatch(TIME, record.pop("timestamp"))
    assert record == {
        "version": "1.0",
        "requestContext": {
            "requestId": sent.request_id, "functionArn": f"{ARN}:$LATEST", "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"result": [1, "é"]},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": [1, "é"],
    }  # fmt: skip


def test_nothing_returned_and_nothing_sent(served, told, queue):
    told()
    served.invoke(InvocationType="Event")
    record = queue.record("good")
    assert record["requestPayload"] == {} and record["responsePayload"] is None


def test_a_success_after_a_failure_counts_as_one(served, told, queue):
    told(code="import os\ndef lambda_handler(event, context):\n    open('/tmp/once', 'x')\n")
    served.invoke()  # makes the file, so that the next invocation fails
    served.invoke(event={"n": 1}, InvocationType="Event")
    served.advance(1)
    served.awslambda.update_function_code(FunctionName="f", ZipFile=zip_of(HANDLER))
    served.advance(60)
    context = queue.record("good")["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("Success", 1)


@pytest.mark.parametrize(("settings", "condition", "count"), [
    ({}, "RetriesExhausted", 3),
    ({"MaximumRetryAttempts": 0}, "RetriesExhausted", 1),
    ({"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}, "RetriesExhausted", 1),
    ({"MaximumEventAgeInSeconds": 60}, "EventAgeExceeded", 1),
    ({"MaximumEventAgeInSeconds": 90}, "EventAgeExceeded", 2),
])  # fmt: skip
def test_a_record_of_failure(served, told, queue, settings, condition, count):
    told(**settings)
    sent = served.invoke(event={"fail": 1}, InvocationType="Event")
    if count > 1:
        served.advance(200)
    record = queue.record("bad")
    assert record["requestContext"] == {
        "requestId": sent.request_id, "functionArn": f"{ARN}:$LATEST", "condition": condition,
        "approximateInvokeCount": count,
    }  # fmt: skip
    assert record["responseContext"] == FAILED
    error = record["responsePayload"]
    assert list(error) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert (error["errorMessage"], error["requestId"]) == ("no good: ", sent.request_id)


def test_without_concurrency_nothing_is_tried(served, told, queue):
    told()
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    assert served.invoke(event={"n": 1}, InvocationType="Event").raw["StatusCode"] == 202
    record = queue.record("bad")
    assert (record["requestContext"]["condition"], record["requestContext"]["approximateInvokeCount"]) == (
        "ZeroReservedConcurrency", 0,
    )  # fmt: skip
    assert "responseContext" not in record and "responsePayload" not in record


@pytest.mark.parametrize("qualifier", [None, "1"])
def test_what_is_deleted_after_a_failed_attempt(served, told, queue, qualifier):
    more = {"Qualifier": qualifier} if qualifier else {}
    told(qualifier=qualifier, configuration={"Publish": True}, MaximumRetryAttempts=1)
    served.invoke(event={"fail": 1}, InvocationType="Event", **more)
    served.advance(1)
    served.awslambda.delete_function(FunctionName="f", **more)
    served.advance(60)
    record = queue.record("bad")
    context = record["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("RetriesExhausted", 2)
    assert context["functionArn"] == f"{ARN}:{qualifier or '$LATEST'}"
    assert record["responseContext"] == {"statusCode": 404} and "responsePayload" not in record


WAITING = """
import time, boto3
def lambda_handler(event, context):
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=event["started"], MessageBody="")
    while "Messages" not in sqs.receive_message(QueueUrl=event["go"]):
        time.sleep(0.05)
"""


@pytest.mark.parametrize("retries", [0, 1])
def test_what_is_deleted_before_any_attempt(served, queue, eventually, retries):
    """An event that waits because another one has all the concurrency that the function is given."""
    role = served.role("AWSLambdaBasicExecutionRole", allow=[{"Action": "sqs:*", "Resource": "*"}])
    served.function(WAITING, Role=role, Timeout=60)
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    urls = {name: served.sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("started", "go")}
    served.awslambda.invoke(FunctionName="f", InvocationType="Event", Payload=json.dumps(urls))
    eventually(lambda: "Messages" in served.sqs.receive_message(QueueUrl=urls["started"]))
    served.awslambda.put_function_event_invoke_config(
        FunctionName="f",
        DestinationConfig={"OnFailure": {"Destination": queue.arn("bad")}},
        MaximumRetryAttempts=retries,
    )
    served.invoke(event={"n": 1}, InvocationType="Event")
    served.awslambda.delete_function(FunctionName="f")
    served.sqs.send_message(QueueUrl=urls["go"], MessageBody="")
    served.advance(60 * retries + 10)
    record = queue.record("bad")
    context = record["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("RetriesExhausted", retries + 1)
    assert record["responseContext"] == {"statusCode": 404} and "responsePayload" not in record


def test_an_event_that_is_throttled_until_it_is_too_old(served, queue, eventually):
    role = served.role("AWSLambdaBasicExecutionRole", allow=[{"Action": "sqs:*", "Resource": "*"}])
    dead = {"TargetArn": queue.arn("dead")}
    served.function(WAITING, Role=role, Timeout=60, DeadLetterConfig=dead)
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    urls = {name: served.sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("started", "go")}
    ends = {"OnFailure": {"Destination": queue.arn("bad")}}
    served.awslambda.put_function_event_invoke_config(
        FunctionName="f", DestinationConfig=ends, MaximumEventAgeInSeconds=60
    )
    with ThreadPoolExecutor() as pool:
        held = pool.submit(
            served.invoke, "f", urls
        )  # a call that waits is not one of the queue's, so time may be moved
        eventually(lambda: "Messages" in served.sqs.receive_message(QueueUrl=urls["started"]))
        sent = served.invoke(event={"n": 1}, InvocationType="Event")
        served.advance(60)
        record = queue.record("bad")
        served.sqs.send_message(QueueUrl=urls["go"], MessageBody="")
        assert held.result().error is None
    context = record["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("EventAgeExceeded", 0)
    assert record["responseContext"] == {"statusCode": 429} and "responsePayload" not in record
    assert attributes(queue.message("dead")) == {
        "RequestID": ("String", sent.request_id), "ErrorCode": ("Number", "429"),
        "ErrorMessage": ("String", "Rate Exceeded."),
    }  # fmt: skip


def test_a_version_and_an_alias_are_named_as_they_were_called(served, told, queue):
    told(configuration={"Publish": True}, qualifier="1")
    served.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    ends = {"OnSuccess": {"Destination": queue.arn("alias")}}
    served.awslambda.put_function_event_invoke_config(FunctionName="f", Qualifier="live", DestinationConfig=ends)
    for qualifier, name in (("1", "good"), ("live", "alias")):
        served.invoke(InvocationType="Event", Qualifier=qualifier)
        record = queue.record(name)
        assert record["requestContext"]["functionArn"] == f"{ARN}:{qualifier}"
        assert record["responseContext"]["executedVersion"] == "1"


def test_a_topic_gets_the_record_as_its_message(served, told, queue):
    topic = served.sns.create_topic(Name="t")["TopicArn"]
    served.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn("subscribed"))
    told(good=topic)
    served.invoke(event={"result": 7}, InvocationType="Event")
    message = queue.record("subscribed")
    assert "Subject" not in message and "MessageAttributes" not in message
    assert json.loads(message["Message"])["responsePayload"] == 7


def test_a_function_gets_the_record_as_its_event(served, told, eventually):
    other = served.function(PRINT, "g")
    told(good=other)
    sent = served.invoke(event={"result": 7}, InvocationType="Event")
    (line,) = eventually(lambda: [line for line in served.messages("g") if line.startswith("GOT")])
    assert json.loads(line[4:])["responsePayload"] == 7
    assert sent.request_id not in next(line for line in served.messages("g") if line.startswith("START"))


@pytest.mark.parametrize(("event", "kind"), [({}, "Success"), ({"fail": 1}, "Failure")])
def test_an_event_bus_gets_an_event_of_source_lambda(served, told, queue, event, kind):
    bus = served.events.create_event_bus(Name="results")["EventBusArn"]
    served.events.put_rule(
        Name="r",
        EventBusName="results",
        EventPattern=json.dumps({"source": ["lambda"], "detail": {"version": ["1.0"]}}),
    )
    served.events.put_targets(Rule="r", EventBusName="results", Targets=[{"Id": "1", "Arn": queue.arn("events")}])
    told(good=bus, bad=bus, MaximumRetryAttempts=0)
    served.invoke(event=event, InvocationType="Event")
    got = queue.record("events")
    assert (got["source"], got["detail-type"]) == ("lambda", f"Lambda Function Invocation Result - {kind}")
    assert got["resources"] == [bus, f"{ARN}:$LATEST"]
    assert got["detail"]["requestPayload"] == event
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", got["time"])


def test_an_event_bus_that_is_not_there_is_accepted_and_told_nothing(served, told, queue):
    told(good=f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/missing", MaximumRetryAttempts=0)
    served.invoke(InvocationType="Event")
    served.invoke(event={"fail": 1}, InvocationType="Event")
    assert queue.record("bad")["requestPayload"] == {"fail": 1}


def test_a_bucket_keeps_the_record_of_a_failure(served, told, eventually):
    served.s3.create_bucket(Bucket="failures")
    told(bad="arn:aws:s3:::failures", MaximumRetryAttempts=0)
    served.invoke(event={"fail": 1}, InvocationType="Event")
    (item,) = eventually(lambda: served.s3.list_objects_v2(Bucket="failures").get("Contents"))
    assert re.fullmatch(
        r"aws/lambda/async/f/\d{4}/\d\d/\d\d/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}", item["Key"]
    )
    found = served.s3.get_object(Bucket="failures", Key=item["Key"])
    assert found["ContentType"] == "application/octet-stream"
    assert json.load(found["Body"])["requestContext"]["condition"] == "RetriesExhausted"


# Dead-letter queues.


def attributes(message):
    return {name: (value["DataType"], value["StringValue"]) for name, value in message["MessageAttributes"].items()}


def test_a_dead_letter_queue_gets_the_event_and_the_destination_its_record(served, told, queue):
    told(configuration={"DeadLetterConfig": {"TargetArn": queue.arn("dead")}}, MaximumRetryAttempts=0)
    sent = served.invoke(event={"fail": 1, "long": 600}, InvocationType="Event")
    message = queue.message("dead")
    assert json.loads(message["Body"]) == {"fail": 1, "long": 600}
    error = ("no good: " + "é" * 600).encode()[:1024].decode(errors="replace")
    assert attributes(message) == {
        "RequestID": ("String", sent.request_id), "ErrorCode": ("Number", "200"), "ErrorMessage": ("String", error),
    }  # fmt: skip
    assert queue.record("bad")["requestContext"]["requestId"] == sent.request_id


def test_a_dead_letter_topic_is_sent_the_event(served, told, queue):
    topic = served.sns.create_topic(Name="t")["TopicArn"]
    served.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn("subscribed"))
    told(configuration={"DeadLetterConfig": {"TargetArn": topic}}, MaximumRetryAttempts=0)
    served.invoke(event={"fail": 1}, InvocationType="Event")
    message = queue.record("subscribed")
    assert json.loads(message["Message"]) == {"fail": 1}
    assert message["MessageAttributes"]["ErrorCode"] == {"Type": "Number", "Value": "200"}


def test_the_dead_letter_of_a_function_without_concurrency_and_of_one_that_is_gone(served, told, queue):
    told(configuration={"DeadLetterConfig": {"TargetArn": queue.arn("dead")}}, MaximumRetryAttempts=1)
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    stopped = served.invoke(event={"fail": 1}, InvocationType="Event")
    message = queue.message("dead")
    sic = "Function not invoked. Function isconfigured with zero reserved concurrent executions"
    assert attributes(message) == {"RequestID": ("String", stopped.request_id), "ErrorMessage": ("String", sic)}
    served.sqs.purge_queue(QueueUrl=served.sqs.get_queue_url(QueueName="dead")["QueueUrl"])
    served.awslambda.delete_function_concurrency(FunctionName="f")
    served.invoke(event={"fail": 1}, InvocationType="Event")
    served.advance(1)
    served.awslambda.delete_function(FunctionName="f")
    served.advance(60)
    found = attributes(queue.message("dead"))
    assert found["ErrorCode"] == ("Number", "404")
    assert found["ErrorMessage"] == ("String", f"Function not found: {ARN}:$LATEST")


def test_a_version_keeps_the_dead_letter_queue_it_was_published_with(served, told, queue):
    told(
        configuration={"DeadLetterConfig": {"TargetArn": queue.arn("old")}, "Publish": True}, qualifier="1",
        MaximumRetryAttempts=0,
    )  # fmt: skip
    served.awslambda.update_function_configuration(FunctionName="f", DeadLetterConfig={"TargetArn": queue.arn("new")})
    served.invoke(event={"fail": 1}, InvocationType="Event", Qualifier="1")
    assert json.loads(queue.message("old")["Body"]) == {"fail": 1}


def test_a_role_that_may_no_longer_send_loses_the_record_not_the_other_and_a_warning_says_so(
    served, told, queue, eventually
):
    told(configuration={"DeadLetterConfig": {"TargetArn": queue.arn("dead")}}, MaximumRetryAttempts=0)
    only = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue.arn("dead")}
    document = json.dumps({"Version": "2012-10-17", "Statement": [only]})
    served.iam.put_role_policy(RoleName="tester", PolicyName="inline", PolicyDocument=document)
    served.invoke(event={"fail": 1}, InvocationType="Event")
    assert json.loads(queue.message("dead")["Body"]) == {"fail": 1}
    assert eventually(lambda: f"{queue.arn('bad')} got no record of an event of function f" in served.complaints())


def test_a_call_that_waits_tells_nobody(served, told, queue):
    told(MaximumRetryAttempts=0)
    served.invoke(event={"fail": 1})
    served.invoke(event={"fail": 2}, InvocationType="Event")
    assert queue.record("bad")["requestPayload"] == {"fail": 2}
