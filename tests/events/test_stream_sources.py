"""Where a stream is read from, by whom, and who is told of what is given up."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from streams import DynamoDB, Kinesis

HALF = str(1 << 127)  # of the hash keys


@pytest.fixture
def kinesis(served, eventually):
    return Kinesis(served, eventually)


@pytest.fixture
def table(served, eventually):
    return DynamoDB(served, eventually)


def now(served):
    return datetime.fromisoformat(served.post("/_labkit/clock", b'{"advance_seconds": 0}')[1]["time"])


def test_a_stream_is_read_from_a_moment(served, kinesis):
    kinesis.put("old")
    served.advance(60)
    moment = now(served)
    served.advance(60)
    kinesis.put("new")
    kinesis.map(StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=moment)
    assert kinesis.got(1) == [["new"]]


def test_what_a_shard_was_split_into_waits_until_all_of_it_is_done(served, kinesis):
    kinesis.put("a", "raise", key="k")
    served.kinesis.split_shard(StreamName="s", ShardToSplit="shardId-000000000000", NewStartingHashKey=HALF)
    kinesis.put("b", key="k")
    kinesis.map(BatchSize=1, MaximumRetryAttempts=1)
    kinesis.got(2)
    assert kinesis.got(2)[:2] == [["a"], ["raise"]] and ["b"] not in kinesis.got(2)
    served.advance(10)
    assert kinesis.got(4) == [["a"], ["raise"], ["raise"], ["b"]]


def test_shards_that_come_while_a_stream_is_read_are_read_too(served, kinesis):
    kinesis.map(StartingPosition="LATEST")
    kinesis.put("before", key="k")
    kinesis.got(1)
    served.kinesis.split_shard(StreamName="s", ShardToSplit="shardId-000000000000", NewStartingHashKey=HALF)
    kinesis.put("after", key="k")
    kinesis.got(2)
    served.kinesis.merge_shards(
        StreamName="s", ShardToMerge="shardId-000000000001", AdjacentShardToMerge="shardId-000000000002"
    )
    kinesis.put("merged", key="k")
    assert kinesis.got(3) == [["before"], ["after"], ["merged"]]


def test_a_consumer_is_read_like_its_stream(served, kinesis):
    consumer = served.kinesis.register_stream_consumer(StreamARN=kinesis.arn, ConsumerName="c")["Consumer"]
    kinesis.arn = consumer["ConsumerARN"]
    kinesis.map()
    kinesis.put("a")
    assert kinesis.got(1) == [["a"]]
    assert kinesis.events()[0]["Records"][0]["eventSourceARN"] == kinesis.arn


def test_filters_see_what_an_item_has_become(table):
    pattern = {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"NewImage": {"n": {"N": ["1"]}}}}
    table.map(FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    for number in "012":
        table.put(f"i{number}", n={"N": number})
    assert table.got(1) == [["i1"]]


@pytest.mark.parametrize("kind", [Kinesis, DynamoDB])
def test_a_deleted_mapping_is_silent(served, eventually, kind):
    source = kind(served, eventually)
    mapping = source.map()
    source.put("a")
    source.got(1)
    served.advance(1)
    served.awslambda.delete_event_source_mapping(UUID=mapping)
    source.put("b")
    served.advance(60)
    assert source.got(1) == [["a"]]


def test_the_functions_role_reads_and_goes_on_where_it_was_when_it_may_again(served, kinesis, eventually):
    kinesis.map()
    kinesis.put("a")
    kinesis.got(1)
    served.advance(1)
    policy = served.iam.get_role_policy(RoleName="reader", PolicyName="inline")["PolicyDocument"]
    served.iam.delete_role_policy(RoleName="reader", PolicyName="inline")
    kinesis.put("b")
    eventually(lambda: f"the mapping of {kinesis.arn} delivers nothing" in served.complaints())
    served.iam.put_role_policy(RoleName="reader", PolicyName="inline", PolicyDocument=json.dumps(policy))
    served.advance(60)
    assert kinesis.got(2) == [["a"], ["b"]]


def test_a_topic_is_told_of_what_is_given_up(served, kinesis, eventually):
    topic = served.sns.create_topic(Name="failed")["TopicArn"]
    queue = served.sqs.create_queue(QueueName="failed")["QueueUrl"]
    served.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:failed")
    kinesis.map(MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": topic}})
    kinesis.put("raise")
    message = eventually(lambda: served.sqs.receive_message(QueueUrl=queue).get("Messages"))[0]
    record = json.loads(json.loads(message["Body"])["Message"])
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["KinesisBatchInfo"]["batchSize"] == 1


def test_a_bucket_gets_the_records_that_are_given_up_too(served, table, eventually):
    served.s3.create_bucket(Bucket="failed")
    mapping = table.map(MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::failed"}})
    table.put("raise")
    (found,) = eventually(lambda: served.s3.list_objects_v2(Bucket="failed").get("Contents"))
    assert found["Key"].startswith(f"aws/lambda/{mapping}/")
    told = json.loads(served.s3.get_object(Bucket="failed", Key=found["Key"])["Body"].read())
    assert told["DDBStreamBatchInfo"]["batchSize"] == 1
    (record,) = json.loads(told["payload"])["Records"]
    assert table.body(record) == "raise"
