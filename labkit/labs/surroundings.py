"""What a lesson puts around the learner's function: a bucket, a table, a trigger.

A check makes what is not there, as when a hand-in is graded in an account of its own, and takes that away afterwards.
What the learner has made stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import boto3


@contextmanager
def bucket(name: str) -> Iterator[None]:
    """There is a bucket of this name meanwhile."""
    s3 = boto3.client("s3")
    made = name not in {found["Name"] for found in s3.list_buckets()["Buckets"]}
    if made:
        s3.create_bucket(Bucket=name)
    try:
        yield
    finally:
        if made:
            for key in keys_in(name):
                s3.delete_object(Bucket=name, Key=key)
            s3.delete_bucket(Bucket=name)


def keys_in(bucket: str) -> list[str]:
    """The keys of a bucket's objects."""
    return [found["Key"] for found in boto3.client("s3").list_objects_v2(Bucket=bucket).get("Contents", ())]


@contextmanager
def table(name: str, key: str = "id") -> Iterator[None]:
    """There is a table of this name meanwhile, with a text as its key."""
    client = boto3.client("dynamodb")
    made = name not in client.list_tables()["TableNames"]
    if made:
        client.create_table(
            TableName=name, KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
        )  # fmt: skip
    try:
        yield
    finally:
        if made:
            client.delete_table(TableName=name)


@contextmanager
def uploads_call(function: str, bucket: str) -> Iterator[None]:
    """Each new object of the bucket calls the function meanwhile."""
    if _calls(function, bucket):
        yield
        return
    s3, client = boto3.client("s3"), boto3.client("lambda")
    client.get_waiter("function_active_v2").wait(FunctionName=function)
    arn = client.get_function_configuration(FunctionName=function)["FunctionArn"]
    statement = {"FunctionName": function, "StatementId": f"check-{bucket}"}
    caller = {"Principal": "s3.amazonaws.com", "SourceArn": f"arn:aws:s3:::{bucket}"}
    client.add_permission(**statement, Action="lambda:InvokeFunction", **caller)
    entry = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    notifications = {"LambdaFunctionConfigurations": [entry]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=notifications)
    try:
        yield
    finally:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
        client.remove_permission(**statement)


def _calls(function: str, bucket: str) -> bool:
    found = boto3.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    told = found.get("LambdaFunctionConfigurations", ())
    return any(entry["LambdaFunctionArn"].endswith(f":function:{function}") for entry in told)
