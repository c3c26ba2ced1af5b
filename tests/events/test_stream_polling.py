"""Streams call functions through event source mappings: from a record that is put to what the handler received."""

from __future__ import annotations

import base64
import json

import pytest
from streams import DynamoDB, Kinesis


@pytest.fixture
def kinesis(served, eventually):
    return Kinesis(served, eventually)


@pytest.fixture(params=[Kinesis, DynamoDB])
def source(request, served, eventually):
    return request.param(served, eventually)


def test_a_record_of_kinesis(kinesis):
    kinesis.map()
    kinesis.put("héllo", key="k")
    kinesis.got(1)
    (record,) = kinesis.events()[0]["Records"]
    data = record.pop("kinesis")
    number = data.pop("sequenceNumber")
    assert number.isdigit() and isinstance(data.pop("approximateArrivalTimestamp"), float)
    assert data == {
        "kinesisSchemaVersion": "1.0", "partitionKey": "k", "data": base64.b64encode("héllo".encode()).decode(),
    }  # fmt: skip
    assert record == {
        "eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": f"shardId-000000000000:{number}",
        "eventName": "aws:kinesis:record", "invokeIdentityArn": "arn:aws:iam::123456789012:role/reader",
        "awsRegion": "us-east-1", "eventSourceARN": kinesis.arn,
    }  # fmt: skip


def test_records_of_a_table(served, eventually):
    table = DynamoDB(served, eventually)
    table.map()
    table.put("a", n={"N": "1"}, raw={"B": b"\x00"})
    table.put("a", n={"N": "2"}, raw={"B": b"\x00"})
    table.put("a", n={"N": "2"}, raw={"B": b"\x00"})  # no change makes no record
    served.dynamodb.delete_item(TableName="t", Key={"id": {"S": "a"}})
    table.got(3)
    records = [record for event in table.events() for record in event["Records"]]
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    change = records[1]["dynamodb"]
    assert isinstance(change.pop("ApproximateCreationDateTime"), int) and change.pop("SequenceNumber").isdigit()
    assert change.pop("SizeBytes") > 0
    item = {"id": {"S": "a"}, "raw": {"B": "AA=="}}
    assert change == {
        "StreamViewType": "NEW_AND_OLD_IMAGES", "Keys": {"id": {"S": "a"}},
        "OldImage": {**item, "n": {"N": "1"}}, "NewImage": {**item, "n": {"N": "2"}},
    }  # fmt: skip
    assert set(records[1]) == {
        "eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb", "eventSourceARN",
    }  # fmt: skip


def test_records_of_before_the_mapping_come_with_trim_horizon_only(source):
    source.put("old")
    source.map(StartingPosition="LATEST")
    source.put("new")
    assert source.got(1) == [["new"]]


def test_order_holds_and_batches_have_their_size(source):
    source.put(*"abcde")
    mapping = source.map(BatchSize=2)
    assert source.got(5) == [["a", "b"], ["c", "d"], ["e"]]
    source.eventually(lambda: source.result(mapping) == "OK")


def test_a_batch_that_fails_is_tried_again_and_holds_up_the_others_until_it_is_given_up(served, source, eventually):
    queue = served.sqs.create_queue(QueueName="failed")["QueueUrl"]
    mapping = source.map(
        BatchSize=1, MaximumRetryAttempts=2,
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:failed"}},
    )  # fmt: skip
    source.put("a", "raise", "b")
    source.got(2)
    eventually(lambda: source.result(mapping) == "PROBLEM: Function call failed")
    served.advance(600)
    assert source.got(5) == [["a"], ["raise"], ["raise"], ["raise"], ["b"]]
    message = eventually(lambda: served.sqs.receive_message(QueueUrl=queue).get("Messages"))[0]
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    info = record.get("KinesisBatchInfo") or record["DDBStreamBatchInfo"]
    assert info["batchSize"] == 1 and info["streamArn"] == source.arn
    assert info["startSequenceNumber"] == info["endSequenceNumber"]


def test_a_batch_is_halved_until_the_bad_record_is_alone(served, source):
    source.put("a", "b", "raise", "c")
    source.map(BatchSize=4, BisectBatchOnFunctionError=True, MaximumRetryAttempts=0)
    served.advance(600)
    assert source.got(9) == [["a", "b", "raise", "c"], ["a", "b"], ["raise", "c"], ["raise"], ["c"]]


def test_a_batch_goes_on_from_what_was_reported_as_failed(served, source):
    source.put("a", "bad", "c")
    source.map(FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=1)
    served.advance(600)
    assert source.got(7) == [["a", "bad", "c"], ["bad", "c"], ["bad", "c"]]


def test_records_that_are_too_old_are_given_up(served, source, eventually):
    queue = served.sqs.create_queue(QueueName="failed")["QueueUrl"]
    source.put("old")
    served.advance(120)
    source.map(
        MaximumRecordAgeInSeconds=60,
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:failed"}},
    )
    source.put("new")
    assert source.got(1) == [["new"]]
    message = eventually(lambda: served.sqs.receive_message(QueueUrl=queue).get("Messages"))[0]
    assert json.loads(message["Body"])["requestContext"]["condition"] == "RecordAgeExceeded"


def test_a_batch_waits_for_its_window(served, source):
    source.map(MaximumBatchingWindowInSeconds=60, BatchSize=10)
    source.put("a")
    served.advance(30)
    source.put("b")
    assert source.events() == []
    served.advance(31)
    assert source.got(2) == [["a", "b"]]


def test_a_disabled_mapping_goes_on_where_it_was(served, source):
    mapping = source.map()
    source.put("a")
    source.got(1)
    served.advance(1)
    served.awslambda.update_event_source_mapping(UUID=mapping, Enabled=False)
    source.put("b")
    served.advance(60)
    assert source.got(1) == [["a"]]
    served.awslambda.update_event_source_mapping(UUID=mapping, Enabled=True)
    assert source.got(2) == [["a"], ["b"]]


def test_filters_let_only_some_through(kinesis):
    kinesis.map(FilterCriteria={"Filters": [{"Pattern": json.dumps({"data": {"n": [6]}})}]})
    kinesis.put('{"n": 1}', "text", '{"n": 6}')
    assert kinesis.got(1) == [['{"n": 6}']]


def test_several_lanes_keep_the_order_of_each_key(kinesis):
    for number in range(12):
        kinesis.put(f"{number % 3}:{number}", key=str(number % 3))
    kinesis.map(ParallelizationFactor=3, BatchSize=1)
    seen = [body for batch in kinesis.got(12) for body in batch]
    for key in "012":
        mine = [int(body.partition(":")[2]) for body in seen if body.startswith(key)]
        assert mine == sorted(mine) and len(mine) == 4
