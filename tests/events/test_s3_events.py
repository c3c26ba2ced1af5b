"""S3 calls functions that admit it: the record they get, and that an upload does not wait for them."""

from __future__ import annotations

import io
import json
import re
import time

import pytest
from botocore.exceptions import ClientError

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


def permit(account, **more):
    given = {"FunctionName": "f", "StatementId": "s3", "SourceArn": "arn:aws:s3:::uploads"} | more
    account.awslambda.add_permission(Action="lambda:InvokeFunction", Principal="s3.amazonaws.com", **given)


def configure(account, *arns, skip=False, events=("s3:ObjectCreated:*",), **more):
    configurations = [{"LambdaFunctionArn": arn, "Events": list(events), **more} for arn in arns or [ARN]]
    account.s3.put_bucket_notification_configuration(
        Bucket="uploads", NotificationConfiguration={"LambdaFunctionConfigurations": configurations},
        SkipDestinationValidation=skip,
    )  # fmt: skip


def notify(account, **more):
    permit(account)
    account.s3.create_bucket(Bucket="uploads")
    configure(account, **more)


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


def refusal(account, *arns, **more):
    with pytest.raises(ClientError) as refused:
        configure(account, *arns, **more)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return refused.value.response["Error"]


def not_authorized(*arns):
    named = {}
    for number, arn in enumerate(arns, 1):
        named |= {
            f"ArgumentName{number}": f"{arn}, null",
            f"ArgumentValue{number}": f"Not authorized to invoke function [{arn}]",
        }
    message = "Unable to validate the following destination configurations"
    return {"Code": "InvalidArgument", "Message": message, **named}


NO_PERMISSION = [
    None,
    {"SourceArn": "arn:aws:s3:::another"},
    {"SourceAccount": "210987654321"},
    {"Qualifier": "1"},
]


@pytest.mark.parametrize("permission", NO_PERMISSION)
def test_s3_takes_no_function_that_does_not_admit_it(served, permission):
    served.function(PRINT, Publish=True)
    served.s3.create_bucket(Bucket="uploads")
    if permission:
        permit(served, **permission)
    assert refusal(served) == not_authorized(ARN)
    assert "LambdaFunctionConfigurations" not in served.s3.get_bucket_notification_configuration(Bucket="uploads")


def test_each_function_that_s3_may_not_invoke_is_named(served):
    served.function(PRINT, Publish=True)
    served.s3.create_bucket(Bucket="uploads")
    permit(served, SourceAccount="123456789012")
    gone = ARN[:-1] + "gone"
    assert refusal(served, gone, ARN, f"{ARN}:1") == not_authorized(gone, f"{ARN}:1")


def test_a_permission_for_a_version_is_for_that_version(served, eventually):
    served.function(PRINT, Publish=True)
    served.s3.create_bucket(Bucket="uploads")
    permit(served, Qualifier="1")
    configure(served, f"{ARN}:1")
    served.s3.put_object(Bucket="uploads", Key="k", Body=b"")
    assert eventually(lambda: events(served))


def test_an_arn_that_is_none_is_refused_though_destinations_are_not_validated(served):
    served.s3.create_bucket(Bucket="uploads")
    assert refusal(served, "invalid-queue", skip=True) == {
        "Code": "InvalidArgument", "Message": "The ARN could not be parsed",
        "ArgumentName": "CloudFunction", "ArgumentValue": "invalid-queue",
    }  # fmt: skip


def test_a_bucket_that_does_not_exist_is_told_first(served):
    with pytest.raises(ClientError, match="NoSuchBucket"):
        configure(served)


def test_without_the_permission_nothing_is_delivered(served, eventually):
    served.function(PRINT)
    served.s3.create_bucket(Bucket="uploads")
    configure(served, skip=True)
    served.s3.put_object(Bucket="uploads", Key="before", Body=b"")
    permit(served)
    served.s3.put_object(Bucket="uploads", Key="permitted", Body=b"")
    eventually(lambda: events(served))
    served.awslambda.remove_permission(FunctionName="f", StatementId="s3")
    served.s3.put_object(Bucket="uploads", Key="after", Body=b"")
    permit(served)
    served.s3.put_object(Bucket="uploads", Key="again", Body=b"")
    found = eventually(lambda: len(events(served)) > 1 and events(served))
    assert [event["Records"][0]["s3"]["object"]["key"] for event in found] == ["permitted", "again"]


def test_a_role_s_session_is_told_the_same(served):
    served.function(PRINT)
    served.s3.create_bucket(Bucket="uploads")
    code = (
        "import boto3\ndef lambda_handler(event, context):\n    configuration = {'LambdaFunctionConfigurations': ["
        f"{{'LambdaFunctionArn': '{ARN}', 'Events': ['s3:ObjectCreated:*']}}]}}\n"
        "    boto3.client('s3').put_bucket_notification_configuration("
        "Bucket='uploads', NotificationConfiguration=configuration)\n"
    )
    served.function(code, "g", Role=served.role(allow=[{"Action": "s3:PutBucketNotification", "Resource": "*"}]))
    assert "Unable to validate the following destination configurations" in served.invoke("g").payload["errorMessage"]


def test_without_iam_a_function_that_exists_is_enough(serve, eventually):
    account = serve("--no-iam")
    account.function(PRINT)
    account.s3.create_bucket(Bucket="uploads")
    assert refusal(account, ARN[:-1] + "gone")["Code"] == "InvalidArgument"
    configure(account)
    account.s3.put_object(Bucket="uploads", Key="k", Body=b"")
    assert eventually(lambda: events(account))
