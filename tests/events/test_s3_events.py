"""S3 calls functions: the record they get, and that an upload does not wait for them."""

from __future__ import annotations

import io
import json
import re
import time

import pytest

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
TO_DYNAMODB = """
import urllib.parse
import boto3
def lambda_handler(event, context):
    for record in event["Records"]:
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        body = boto3.client("s3").get_object(Bucket=record["s3"]["bucket"]["name"], Key=key)["Body"].read()
        item = {"id": {"S": key}, "bytes": {"N": str(len(body))}}
        boto3.client("dynamodb").put_item(TableName="seen", Item=item)
"""
PRINT = "import json\ndef lambda_handler(event, context):\n    print('EVENT', json.dumps(event))\n"


def notify(account, bucket="uploads", events=("s3:ObjectCreated:*",), **more):
    account.s3.create_bucket(Bucket=bucket)
    configuration = {"LambdaFunctionArn": ARN, "Events": list(events), **more}
    account.s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]}
    )


def events(account):
    return [json.loads(line.removeprefix("EVENT ")) for line in account.messages() if line.startswith("EVENT ")]


def test_an_upload_ends_up_in_a_table(served, eventually):
    served.dynamodb.create_table(
        TableName="seen", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    allowed = [
        {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::uploads/*"},
        {"Action": "dynamodb:PutItem", "Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/seen"},
    ]
    served.function(TO_DYNAMODB, Role=served.role("AWSLambdaBasicExecutionRole", allow=allowed))
    notify(served)
    served.s3.put_object(Bucket="uploads", Key="a folder/été + 1%.txt", Body=b"12345")
    items = eventually(lambda: served.dynamodb.scan(TableName="seen")["Items"])
    assert items == [{"id": {"S": "a folder/été + 1%.txt"}, "bytes": {"N": "5"}}]


def test_the_record(served, eventually):
    served.function(PRINT)
    notify(served, Id="mine")
    put = served.s3.put_object(Bucket="uploads", Key="a b/é+(1).txt", Body=b"abc")
    (event,) = eventually(lambda: events(served))
    (record,) = event["Records"]
    item = record["s3"].pop("object")
    assert item.pop("sequencer") and item == {
        "key": "a+b/%C3%A9%2B%281%29.txt", "size": 3, "eTag": put["ETag"].strip('"'),
    }  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record.pop("eventTime"))
    assert set(record.pop("responseElements")) == {"x-amz-request-id", "x-amz-id-2"}
    assert record == {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:123456789012"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "mine",
            "bucket": {
                "name": "uploads",
                "ownerIdentity": {"principalId": "123456789012"},
                "arn": "arn:aws:s3:::uploads",
            },
        },
    }


def test_the_upload_does_not_wait_for_the_handler(served, eventually):
    served.function("import time\ndef lambda_handler(event, context):\n    time.sleep(1.5)\n    print('handled')\n")
    notify(served)
    started = time.monotonic()
    served.s3.put_object(Bucket="uploads", Key="k", Body=b"")
    assert time.monotonic() - started < 1 and served.messages() == []
    assert "handled\n" in eventually(served.messages)


def test_what_happened_is_named(served, eventually):
    served.function(PRINT)
    notify(served, events=["s3:ObjectCreated:*", "s3:ObjectRemoved:*"])
    served.s3.put_object(Bucket="uploads", Key="one", Body=b"1")
    eventually(lambda: len(events(served)) == 1)
    served.s3.copy_object(Bucket="uploads", Key="two", CopySource="uploads/one")
    eventually(lambda: len(events(served)) == 2)
    served.s3.delete_object(Bucket="uploads", Key="one")
    found = eventually(lambda: len(events(served)) == 3 and events(served))
    names = [(event["Records"][0]["eventName"], event["Records"][0]["s3"]["object"]["key"]) for event in found]
    assert names == [("ObjectCreated:Put", "one"), ("ObjectCreated:Copy", "two"), ("ObjectRemoved:Delete", "one")]
    assert "size" not in found[2]["Records"][0]["s3"]["object"]


def test_a_multipart_upload_is_one_event(served, eventually):
    served.function(PRINT)
    notify(served)
    served.s3.upload_fileobj(io.BytesIO(b"x" * 9_000_000), "uploads", "big")
    eventually(lambda: events(served))
    served.s3.put_object(Bucket="uploads", Key="afterwards", Body=b"")
    found = eventually(lambda: any("afterwards" in json.dumps(event) for event in events(served)) and events(served))
    names = [(event["Records"][0]["eventName"], event["Records"][0]["s3"]["object"]["size"]) for event in found]
    assert names == [("ObjectCreated:CompleteMultipartUpload", 9_000_000), ("ObjectCreated:Put", 0)]


def test_prefix_suffix_and_kind_are_respected(served, eventually):
    served.function(PRINT)
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"}]
    notify(served, events=["s3:ObjectCreated:Put"], Filter={"Key": {"FilterRules": rules}})
    for key in ("in/a.txt", "out/a.csv", "in/a.csv"):
        served.s3.put_object(Bucket="uploads", Key=key, Body=b"")
    served.s3.copy_object(Bucket="uploads", Key="in/b.csv", CopySource="uploads/in/a.csv")
    eventually(lambda: events(served))
    served.s3.put_object(Bucket="uploads", Key="in/last.csv", Body=b"")
    found = eventually(lambda: len(events(served)) > 1 and events(served))
    assert [event["Records"][0]["s3"]["object"]["key"] for event in found] == ["in/a.csv", "in/last.csv"]


def test_an_upload_from_a_handler_calls_the_next_function(served, eventually):
    served.function(PRINT)
    notify(served)
    code = (
        "import io, boto3\ndef lambda_handler(event, context):\n    s3 = boto3.client('s3')\n"
        "    s3.upload_fileobj(io.BytesIO(b'x' * 10), 'uploads', 'from handler')\n"
        "    s3.put_object(Bucket='uploads', Key='sum', Body=b'1', ChecksumAlgorithm='SHA256')\n"
    )
    served.function(code, "g", Role=served.role(allow=[{"Action": "s3:PutObject", "Resource": "*"}]))
    assert served.invoke("g").error is None
    found = eventually(lambda: len(events(served)) == 2 and events(served))
    keys = {
        (event["Records"][0]["s3"]["object"]["key"], event["Records"][0]["s3"]["object"]["size"]) for event in found
    }
    assert keys == {("from+handler", 10), ("sum", 1)}


@pytest.mark.parametrize("target", ["gone", "refused"])
def test_an_upload_succeeds_whatever_becomes_of_its_event(served, target):
    if target == "refused":
        served.function(PRINT)
        served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    else:
        served.function(PRINT)
        notify(served)
        served.awslambda.delete_function(FunctionName="f")
    if target == "refused":
        notify(served)
    served.s3.put_object(Bucket="uploads", Key="k", Body=b"kept")
    assert served.s3.get_object(Bucket="uploads", Key="k")["Body"].read() == b"kept"
