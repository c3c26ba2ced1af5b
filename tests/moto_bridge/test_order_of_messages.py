"""A message is told of as sent before it can be received, however many requests come at once."""

from __future__ import annotations

import json
import threading
import time

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.models.table import StreamShard
from moto.kinesis.models import KinesisBackend, Stream
from moto.sqs.models import Queue, SQSBackend

from labkit.moto_bridge import sqs, streams

PATCHED = [
    (Queue, ("add_message", "delete_message", "messages", "approximate_number_of_messages_delayed",
             "approximate_number_of_messages_not_visible")),
    (SQSBackend, ("receive_message", "change_message_visibility", "is_message_valid_based_on_retention_period")),
    (Stream, ("put_record", "split_shard", "merge_shards", "get_shard_for_key")), (KinesisBackend, ("get_records",)),
    (StreamShard, ("add", "get")),
]  # fmt: skip


@pytest.fixture
def client(monkeypatch):
    """boto3 clients for moto in this process, which is as it was afterwards."""
    for owner, names in PATCHED:
        for name in names:
            monkeypatch.setattr(owner, name, getattr(owner, name))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "A")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    with mock_aws():
        yield lambda name, **more: boto3.client(name, "us-east-1", **more)


class Impatient:
    """Reads while it is being told of what has come: `order` has which of the two was over first."""

    def __init__(self, read):
        self.read, self.order, self.reader = read, [], None

    def __call__(self, *_):
        if self.reader is None:
            self.reader = threading.Thread(target=self._found)
            self.reader.start()
            self.reader.join(0.2)
            self.order.append("sent")

    def _found(self):
        if self.read():
            self.order.append("received")

    def result(self):
        self.reader.join(60)
        return self.order


def test_a_message_of_a_queue(client):
    queues = client("sqs")
    url = queues.create_queue(QueueName="q")["QueueUrl"]
    tell = Impatient(lambda: queues.receive_message(QueueUrl=url).get("Messages"))
    sqs.on_change(tell)
    queues.send_message(QueueUrl=url, MessageBody="m")
    assert tell.result() == ["sent", "received"]


def test_a_record_of_a_stream(client):
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    begin = {"StreamName": "s", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(**begin)["ShardIterator"]
    tell = Impatient(lambda: kinesis.get_records(ShardIterator=iterator)["Records"])
    streams.on_record(tell)
    kinesis.put_record(StreamName="s", Data=b"m", PartitionKey="p")
    assert tell.result() == ["sent", "received"]


def test_a_record_of_a_table(client):
    dynamodb = client("dynamodb")
    read = client("dynamodbstreams", endpoint_url="https://streams.dynamodb.us-east-1.amazonaws.com")
    arn = dynamodb.create_table(
        TableName="t", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )["TableDescription"]["LatestStreamArn"]  # fmt: skip
    shard = read.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = read.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    tell = Impatient(lambda: read.get_records(ShardIterator=iterator)["Records"])
    streams.on_record(tell)
    dynamodb.put_item(TableName="t", Item={"id": {"S": "a"}})
    assert tell.result() == ["sent", "received"]


def test_two_queues_that_are_each_others_dead_letter_queue(client):
    queues, names = client("sqs"), ("a", "b")
    urls = {
        name: queues.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "0"})["QueueUrl"] for name in names
    }
    for name, other in (names, reversed(names)):
        redrive = {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:123456789012:{other}", "maxReceiveCount": 1}
        queues.set_queue_attributes(QueueUrl=urls[name], Attributes={"RedrivePolicy": json.dumps(redrive)})
        for number in range(20):
            queues.send_message(QueueUrl=urls[name], MessageBody=str(number))
    sqs.on_change(lambda change: time.sleep(0.001))

    def receive(url):
        for _ in range(40):
            queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10)

    threads = [threading.Thread(target=receive, args=[url], daemon=True) for url in urls.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
