"""S3 tells queues, topics and EventBridge: the test event, the records, and the events of source aws.s3."""

from __future__ import annotations

import json
import re

import pytest
from bucket import ARN, NAME, PRINT, Bucket

QUEUE = "arn:aws:sqs:us-east-1:123456789012:told"


@pytest.fixture
def bucket(served):
    served.s3.create_bucket(Bucket=NAME)
    return Bucket(served)


def admitting(action, arn, principal="s3.amazonaws.com"):
    """A policy that lets S3 send for the bucket."""
    statement = {
        "Effect": "Allow", "Principal": {"Service": principal}, "Action": action, "Resource": arn,
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{NAME}"}, "StringEquals": {"aws:SourceAccount": "123456789012"},
        },
    }  # fmt: skip
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def queue(served, eventually):
    """A queue that S3 may send to, and what comes into it."""

    class Queue:
        url = served.sqs.create_queue(QueueName="told", Attributes={"Policy": admitting("sqs:SendMessage", QUEUE)})[
            "QueueUrl"
        ]

        def body(self):
            def received():
                return served.sqs.receive_message(QueueUrl=self.url).get("Messages")

            (message,) = eventually(received)
            served.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            return json.loads(message["Body"])

    return Queue()


def test_a_queue_gets_a_test_event_and_then_the_records(bucket, queue):
    configuration = {"Id": "mine", "QueueArn": QUEUE, "Events": ["s3:ObjectCreated:*"]}
    bucket.put_configuration(QueueConfigurations=[configuration])
    event = queue.body()
    assert list(event) == ["Service", "Event", "Time", "Bucket", "RequestId", "HostId"]
    assert (event["Service"], event["Event"], event["Bucket"]) == ("Amazon S3", "s3:TestEvent", NAME)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["Time"])
    bucket.put("red flower.jpg", b"123")
    (record,) = queue.body()["Records"]
    assert record["s3"]["configurationId"] == "mine"
    assert (record["eventName"], record["s3"]["object"]["key"]) == ("ObjectCreated:Put", "red+flower.jpg")


def test_no_test_event_is_sent_where_destinations_are_not_validated(bucket, queue):
    bucket.put_configuration(skip=True, QueueConfigurations=[{"QueueArn": QUEUE, "Events": ["s3:ObjectCreated:*"]}])
    bucket.put("k")
    assert "Records" in queue.body()


def test_a_topic_hands_them_on_under_a_subject(served, bucket, queue):
    topic = served.sns.create_topic(Name="news")["TopicArn"]
    served.sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=admitting("sns:Publish", topic)
    )
    served.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=QUEUE)
    bucket.put_configuration(TopicConfigurations=[{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}])
    message = queue.body()
    assert message["Subject"] == "Amazon S3 Notification" and message["TopicArn"] == topic
    assert json.loads(message["Message"])["Event"] == "s3:TestEvent"
    bucket.put("k")
    assert json.loads(queue.body()["Message"])["Records"][0]["s3"]["object"]["key"] == "k"


def test_a_queue_that_no_longer_admits_s3_gets_nothing_and_a_warning_says_what_lets_it(
    served, bucket, queue, eventually
):
    bucket.put_configuration(skip=True, QueueConfigurations=[{"QueueArn": QUEUE, "Events": ["s3:ObjectCreated:*"]}])
    served.sqs.set_queue_attributes(
        QueueUrl=queue.url, Attributes={"Policy": admitting("sqs:SendMessage", QUEUE, "ec2.amazonaws.com")}
    )
    bucket.put("k")
    assert eventually(lambda: f"bucket {NAME} could not send to {QUEUE}" in served.complaints())
    assert f"aws:SourceArn 'arn:aws:s3:::{NAME}'" in served.complaints()
    assert "Messages" not in served.sqs.receive_message(QueueUrl=queue.url)


def test_a_bucket_tells_several_at_once(served, bucket, queue):
    served.function(PRINT)
    bucket.permit()
    bucket.put_configuration(
        LambdaFunctionConfigurations=[{"LambdaFunctionArn": ARN, "Events": ["s3:ObjectCreated:*"]}],
        QueueConfigurations=[{"QueueArn": QUEUE, "Events": ["s3:ObjectRemoved:*"]}],
        EventBridgeConfiguration={},
    )
    assert queue.body()["Event"] == "s3:TestEvent"
    bucket.put("k")
    assert bucket.records()[0]["eventName"] == "ObjectCreated:Put"
    served.s3.delete_object(Bucket=NAME, Key="k")
    assert queue.body()["Records"][0]["eventName"] == "ObjectRemoved:Delete"


@pytest.fixture
def rule(served, queue):
    """Every event of S3's goes into the queue."""
    served.events.put_rule(Name="all", EventPattern=json.dumps({"source": ["aws.s3"]}))
    served.events.put_targets(Rule="all", Targets=[{"Id": "1", "Arn": QUEUE}])


def test_eventbridge_gets_an_event_of_its_own(bucket, queue, rule):
    bucket.put_configuration(EventBridgeConfiguration={})
    put = bucket.put("red flower.jpg", b"123")
    event = queue.body()
    assert list(event) == [
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"
    ]  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["time"])
    assert (event["detail-type"], event["source"], event["account"]) == ("Object Created", "aws.s3", "123456789012")
    assert event["resources"] == [f"arn:aws:s3:::{NAME}"]
    assert re.fullmatch("[0-9A-F]{18}", event["detail"]["object"].pop("sequencer"))
    assert event["detail"] == {
        "version": "0", "event-version": "1.2", "bucket": {"name": NAME},
        "object": {"key": "red flower.jpg", "size": 3, "etag": put["ETag"].strip('"')},
        "request-id": put["ResponseMetadata"]["RequestId"], "requester": "123456789012",
        "source-ip-address": "127.0.0.1", "reason": "PutObject",
    }  # fmt: skip


def test_eventbridge_names_everything_that_happens(served, bucket, queue, rule):
    bucket.put_configuration(EventBridgeConfiguration={})
    s3 = served.s3

    def happened(what, **arguments):
        what(Bucket=NAME, Key="k", **arguments)
        event = queue.body()
        return event["detail-type"], event["detail"].get("reason"), event["detail"]

    assert happened(s3.put_object, StorageClass="GLACIER")[:2] == ("Object Created", "PutObject")
    kind, reason, detail = happened(s3.restore_object, RestoreRequest={"Days": 1})
    assert (kind, reason, detail["source-storage-class"]) == ("Object Restore Initiated", None, "GLACIER")
    kind, reason, detail = happened(s3.head_object)
    assert (kind, "restore-expiry-time" in detail) == ("Object Restore Completed", True)
    assert happened(s3.copy_object, CopySource=f"{NAME}/k", StorageClass="STANDARD")[:2] == (
        "Object Created",
        "CopyObject",
    )
    tags = {"TagSet": [{"Key": "a", "Value": "b"}]}
    assert happened(s3.put_object_tagging, Tagging=tags)[:2] == ("Object Tags Added", None)
    assert happened(s3.delete_object_tagging)[:2] == ("Object Tags Deleted", None)
    assert happened(s3.put_object_acl, ACL="public-read")[:2] == ("Object ACL Updated", None)
    kind, reason, detail = happened(s3.delete_object)
    assert (kind, reason, detail["deletion-type"]) == ("Object Deleted", "DeleteObject", "Permanently Deleted")
    s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
    assert happened(s3.put_object)[0] == "Object Created"
    _, _, detail = happened(s3.delete_object)
    assert detail["deletion-type"] == "Delete Marker Created" and detail["object"]["version-id"]


def test_without_eventbridge_s_configuration_it_hears_nothing(served, bucket, queue, rule):
    bucket.put("unheard")
    bucket.put_configuration(EventBridgeConfiguration={})
    bucket.put("heard")
    assert queue.body()["detail"]["object"]["key"] == "heard"
