"""A queue calls a function through an event source mapping: from SendMessage to what the handler received and left."""

from __future__ import annotations

import json
import time

import pytest

TELL = """
import json
def lambda_handler(event, context):
    print("GOT " + json.dumps(event))
    bad = [r["messageId"] for r in event["Records"] if "bad" in r["body"]]
    if "raise" in [r["body"] for r in event["Records"]]:
        raise ValueError("no good")
    return {"batchItemFailures": [{"itemIdentifier": each} for each in bad]}
"""
POLL = [{"Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], "Resource": "*"}]


@pytest.fixture
def queue(served, eventually):
    """A queue with a function that tells what it gets; `map` connects them."""

    class Queue:
        def __init__(self):
            self.functions = 0

        def make(self, name="q", **attributes):
            self.url = served.sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "30", **attributes})[
                "QueueUrl"
            ]
            self.arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
            return self

        def map(self, **settings):
            role = served.role("AWSLambdaBasicExecutionRole", name="poller", allow=POLL)
            served.function(TELL, Role=role, Timeout=20)
            return served.awslambda.create_event_source_mapping(EventSourceArn=self.arn, FunctionName="f", **settings)[
                "UUID"
            ]

        def send(self, *bodies, **more):
            return [
                served.sqs.send_message(QueueUrl=self.url, MessageBody=body, **more)["MessageId"] for body in bodies
            ]

        def left(self):
            names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
            found = served.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
            return tuple(int(found[name]) for name in names)

        def events(self):
            return [json.loads(line[4:]) for line in served.messages() if line.startswith("GOT ")]

        def got(self, count):
            """The bodies of the first `count` records, by event."""
            eventually(lambda: sum(len(event["Records"]) for event in self.events()) >= count)
            return [[record["body"] for record in event["Records"]] for event in self.events()]

    return Queue()


def test_the_record_and_the_message_is_gone(served, queue, eventually):
    queue.make().map()
    attributes = {
        "a": {"DataType": "String", "StringValue": "x"},
        "n": {"DataType": "Number", "StringValue": "5"},
        "b": {"DataType": "Binary", "BinaryValue": b"\x00"},
    }
    (message_id,) = queue.send("héllo", MessageAttributes=attributes)
    queue.got(1)
    (record,) = queue.events()[0]["Records"]
    assert record.pop("receiptHandle") and record.pop("md5OfMessageAttributes") and record.pop("md5OfBody")
    told = record.pop("attributes")
    assert told["ApproximateReceiveCount"] == "1" and abs(int(told["SentTimestamp"]) / 1000 - time.time()) < 60
    assert all(isinstance(value, str) for value in told.values())
    assert record.pop("messageAttributes") == {
        "a": {"stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
        "n": {"stringValue": "5", "stringListValues": [], "binaryListValues": [], "dataType": "Number"},
        "b": {"binaryValue": "AA==", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"},
    }
    assert record == {
        "messageId": message_id, "body": "héllo", "eventSource": "aws:sqs", "eventSourceARN": queue.arn,
        "awsRegion": "us-east-1",
    }  # fmt: skip
    eventually(lambda: queue.left() == (0, 0))


def test_messages_of_before_the_mapping_are_delivered_and_a_deleted_mapping_is_silent(served, queue, eventually):
    queue.make().send("early")
    mapping = queue.map()
    assert queue.got(1) == [["early"]]
    served.advance(1)
    served.awslambda.delete_event_source_mapping(UUID=mapping)
    queue.send("late")
    served.advance(60)
    assert queue.got(1) == [["early"]] and queue.left() == (1, 0)


def test_a_batch_waits_for_its_window_or_until_it_is_full(served, queue):
    queue.make(VisibilityTimeout="120").map(BatchSize=3, MaximumBatchingWindowInSeconds=60)
    queue.send("1", "2")
    served.advance(30)
    assert queue.events() == []
    served.advance(31)
    assert queue.got(2) == [["1", "2"]]
    queue.send("3", "4", "5")
    assert queue.got(5) == [["1", "2"], ["3", "4", "5"]]


def test_what_fails_comes_back_after_the_visibility_timeout_and_goes_to_the_dead_letter_queue(
    served, queue, eventually
):
    dead = served.sqs.create_queue(QueueName="dead")["QueueUrl"]
    redrive = {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead", "maxReceiveCount": 2}
    queue.make(RedrivePolicy=json.dumps(redrive)).map()
    queue.send("raise")
    queue.got(1)
    served.advance(29)
    assert len(queue.events()) == 1
    served.advance(2)
    queue.got(2)
    counts = [event["Records"][0]["attributes"]["ApproximateReceiveCount"] for event in queue.events()]
    assert counts == ["1", "2"]
    served.advance(31)
    message = eventually(lambda: served.sqs.receive_message(QueueUrl=dead).get("Messages"))[0]
    assert message["Body"] == "raise" and len(queue.events()) == 2


def test_only_what_is_reported_as_failed_comes_back(served, queue, eventually):
    queue.make().send("good", "bad", "fine")
    queue.map(FunctionResponseTypes=["ReportBatchItemFailures"])
    queue.got(3)
    eventually(lambda: queue.left() == (0, 1))
    served.advance(31)
    queue.got(4)
    assert [record["body"] for event in queue.events() for record in event["Records"]].count("bad") == 2


def test_only_what_the_filters_want_is_delivered_and_the_rest_is_deleted(queue, eventually):
    queue.make().map(FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": {"n": [{"numeric": [">", 5]}]}})}]})
    queue.send('{"n": 1}', "text", '{"n": 6}')
    assert queue.got(1) == [['{"n": 6}']]
    eventually(lambda: queue.left() == (0, 0))


def test_a_mapping_that_is_disabled_rests_until_it_is_enabled(served, queue):
    mapping = queue.make().map(Enabled=False)
    queue.send("m")
    served.advance(60)
    assert queue.events() == []
    served.awslambda.update_event_source_mapping(UUID=mapping, Enabled=True)
    assert queue.got(1) == [["m"]]


def test_the_order_of_a_message_group_holds_through_a_failure(served, queue):
    queue.make("q.fifo", FifoQueue="true").map(BatchSize=1)
    for number, body in enumerate(["a1", "raise", "a3"]):
        queue.send(body, MessageGroupId="a", MessageDeduplicationId=str(number))
    queue.send("b1", MessageGroupId="b", MessageDeduplicationId="b")
    queue.got(3)
    served.advance(31)
    seen = [body for (body,) in queue.got(4) if body != "b1"]
    assert seen[:3] == ["a1", "raise", "raise"] and "a3" not in seen


def test_a_loop_through_a_queue_is_stopped(served, queue):
    again = """
import boto3
def lambda_handler(event, context):
    print("GOT {}")
    url = "http" + boto3.client("sqs").meta.endpoint_url[4:] + "/123456789012/q"
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody="again")
"""
    queue.make()
    role = served.role(
        "AWSLambdaBasicExecutionRole", name="poller", allow=[*POLL, {"Action": "sqs:SendMessage", "Resource": "*"}]
    )
    served.function(again, Role=role)
    served.awslambda.create_event_source_mapping(EventSourceArn=queue.arn, FunctionName="f")
    queue.send("first")
    served.advance(1)
    assert len([line for line in served.messages() if line.startswith("GOT")]) == 16


def test_the_poller_uses_the_functions_role(served, queue, eventually):
    queue.make().map()
    served.iam.delete_role_policy(RoleName="poller", PolicyName="inline")
    queue.send("m")
    assert eventually(lambda: "delivers nothing" in served.complaints() and "sqs:receivemessage" in served.complaints())
    assert queue.left() == (1, 0)
