"""What Lambda is used for, from the first call to the last effect: pictures, tables, fan-out, a daily job."""

from __future__ import annotations

import io
import json
import urllib.request

import pytest
from apis import RestApi
from PIL import Image
from served import Served

import labkit

REGION = "us-east-1:123456789012"


def permit(account: Served, service: str, source: str, function: str = "f") -> None:
    account.awslambda.add_permission(
        FunctionName=function, StatementId=service, Action="lambda:InvokeFunction",
        Principal=f"{service}.amazonaws.com", SourceArn=source,
    )  # fmt: skip


def uploads_invoke(account: Served, suffix: str) -> None:
    """The bucket uploads, whose new objects with this suffix invoke f."""
    account.s3.create_bucket(Bucket="uploads")
    permit(account, "s3", "arn:aws:s3:::uploads")
    entry = {
        "LambdaFunctionArn": f"arn:aws:lambda:{REGION}:function:f", "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": suffix}]}},
    }  # fmt: skip
    account.s3.put_bucket_notification_configuration(
        Bucket="uploads", NotificationConfiguration={"LambdaFunctionConfigurations": [entry]}
    )


def table(account: Served, name: str, *keys: str) -> str:
    account.dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
    )  # fmt: skip
    return f"arn:aws:dynamodb:{REGION}:table/{name}"


THUMBNAIL = """
import io, os, urllib.parse
import boto3
from PIL import Image

s3 = boto3.client("s3")

def lambda_handler(event, context):
    for record in event["Records"]:
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        picture = Image.open(s3.get_object(Bucket=record["s3"]["bucket"]["name"], Key=key)["Body"])
        picture.thumbnail((64, 64))
        small = io.BytesIO()
        picture.convert("RGB").save(small, "JPEG")
        s3.put_object(Bucket=os.environ["SMALL"], Key=f"{key}.jpg", Body=small.getvalue(), ContentType="image/jpeg")
"""


@pytest.fixture(scope="module")
def pillow():
    return labkit.layer("pillow")


def test_a_picture_that_is_uploaded_gets_a_thumbnail_in_another_bucket(served, eventually, pillow):
    layer = served.awslambda.publish_layer_version(LayerName="pillow", Content={"ZipFile": pillow})
    allow = [
        {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::uploads/*"},
        {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::small/*"},
    ]
    served.function(
        THUMBNAIL, Role=served.role("AWSLambdaBasicExecutionRole", allow=allow), Layers=[layer["LayerVersionArn"]],
        Environment={"Variables": {"SMALL": "small"}}, Timeout=60,
    )  # fmt: skip
    served.s3.create_bucket(Bucket="small")
    uploads_invoke(served, ".png")
    picture = Image.new("RGBA", (640, 320), "white")
    picture.paste("red", (0, 0, 320, 320))
    content = io.BytesIO()
    picture.save(content, "PNG")
    served.s3.put_object(Bucket="uploads", Key="my holiday/été.png", Body=content.getvalue())
    (item,) = eventually(lambda: served.s3.list_objects_v2(Bucket="small").get("Contents"), timeout=60)
    assert item["Key"] == "my holiday/été.png.jpg"
    found = served.s3.get_object(Bucket="small", Key=item["Key"])
    small = Image.open(io.BytesIO(found["Body"].read()))
    assert (small.format, small.size, found["ContentType"]) == ("JPEG", (64, 32), "image/jpeg")
    (left_red, left_green, _), (_, right_green, _) = small.getpixel((5, 16)), small.getpixel((58, 16))
    assert left_red > 200 and left_green < 60 and right_green > 200


ROWS = """
import csv, io, urllib.parse
import boto3

def lambda_handler(event, context):
    record = event["Records"][0]["s3"]
    key = urllib.parse.unquote_plus(record["object"]["key"])
    text = boto3.client("s3").get_object(Bucket=record["bucket"]["name"], Key=key)["Body"].read().decode("utf-8-sig")
    with boto3.resource("dynamodb").Table("orders").batch_writer() as batch:
        for row in csv.DictReader(io.StringIO(text)):
            cents = int(100 * float(row["price"]))
            batch.put_item({"customer": row["customer"], "order": row["order"], "cents": cents})
"""


def test_a_table_of_values_that_is_uploaded_ends_up_in_dynamodb(served, eventually):
    allow = [
        {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::uploads/*"},
        {"Action": "dynamodb:BatchWriteItem", "Resource": table(served, "orders", "customer", "order")},
    ]
    served.function(ROWS, Role=served.role("AWSLambdaBasicExecutionRole", allow=allow))
    uploads_invoke(served, ".csv")
    lines = ["customer,order,price", *(f"Ada,{number:03},{number}.50" for number in range(30)), '"O\'Neil, Zoë",1,2.25']
    served.s3.put_object(Bucket="uploads", Key="orders of today.csv", Body="\n".join(lines).encode("utf-8-sig"))
    items = eventually(lambda: len(found := served.dynamodb.scan(TableName="orders")["Items"]) == 31 and found)
    of_zoe = [item for item in items if item["customer"]["S"] == "O'Neil, Zoë"]
    assert of_zoe == [{"customer": {"S": "O'Neil, Zoë"}, "order": {"S": "1"}, "cents": {"N": "225"}}]
    assert sum(int(item["cents"]["N"]) for item in items) == sum(100 * number + 50 for number in range(30)) + 225


PUBLISH = """
import json, os
import boto3
def lambda_handler(event, context):
    attributes = {"total": {"DataType": "Number", "StringValue": str(event["total"])}}
    boto3.client("sns").publish(TopicArn=os.environ["TOPIC"], Message=json.dumps(event), MessageAttributes=attributes)
"""
KEEP = """
import json, os
import boto3
def lambda_handler(event, context):
    for record in event["Records"]:
        order = json.loads(json.loads(record["body"])["Message"])
        item = {"queue": {"S": os.environ["QUEUE"]}, "order": {"S": order["order"]}}
        boto3.client("dynamodb").put_item(TableName="kept", Item=item)
"""


def test_a_topic_fans_out_to_two_queues_each_with_a_function_of_its_own(served, eventually):
    topic = served.sns.create_topic(Name="orders")["TopicArn"]
    sender = served.role(allow=[{"Action": "sns:Publish", "Resource": topic}], name="sender")
    served.function(PUBLISH, "publish", Role=sender, Environment={"Variables": {"TOPIC": topic}})
    allow = [
        {"Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], "Resource": "*"},
        {"Action": "dynamodb:PutItem", "Resource": table(served, "kept", "queue", "order")},
    ]
    keeper = served.role("AWSLambdaBasicExecutionRole", allow=allow, name="keeper")
    for name, policy in (("all", {}), ("large", {"FilterPolicy": json.dumps({"total": [{"numeric": [">", 100]}]})})):
        served.sqs.create_queue(QueueName=name)
        served.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{name}", Attributes=policy)
        served.function(KEEP, name, Role=keeper, Environment={"Variables": {"QUEUE": name}})
        served.awslambda.create_event_source_mapping(FunctionName=name, EventSourceArn=f"arn:aws:sqs:{REGION}:{name}")
    for order, total in (("a", 50), ("b", 500)):
        assert served.invoke("publish", {"order": order, "total": total}).error is None
    kept = eventually(lambda: len(found := served.dynamodb.scan(TableName="kept")["Items"]) == 3 and found)
    assert {(item["queue"]["S"], item["order"]["S"]) for item in kept} == {("all", "a"), ("all", "b"), ("large", "b")}


SUMMARY = """
import boto3
def lambda_handler(event, context):
    orders = boto3.client("dynamodb").scan(TableName="orders")["Items"]
    total = sum(int(order["cents"]["N"]) for order in orders) / 100
    boto3.client("ses").send_email(
        Source="shop@example.com", Destination={"ToAddresses": ["owner@example.com"]},
        Message={
            "Subject": {"Data": f"Orders until {event['time'][:10]}"},
            "Body": {"Text": {"Data": f"{len(orders)} orders, {total:.2f} € in all"}},
        },
    )
"""


def outbox(account: Served) -> list[dict]:
    """What SES has sent."""
    with urllib.request.urlopen(f"{account.endpoint}/moto-api/data.json") as answer:
        return json.load(answer)["ses"]["Message"]


def test_a_summary_is_sent_by_mail_every_morning(served):
    allow = [
        {"Action": "dynamodb:Scan", "Resource": table(served, "orders", "order")},
        {"Action": "ses:SendEmail", "Resource": f"arn:aws:ses:{REGION}:identity/shop@example.com"},
    ]
    served.function(SUMMARY, Role=served.role("AWSLambdaBasicExecutionRole", allow=allow))
    served.ses.verify_email_identity(EmailAddress="shop@example.com")
    rule = served.events.put_rule(Name="morning", ScheduleExpression="cron(0 7 * * ? *)")["RuleArn"]
    permit(served, "events", rule)
    served.events.put_targets(Rule="morning", Targets=[{"Id": "1", "Arn": f"arn:aws:lambda:{REGION}:function:f"}])
    for number in range(3):
        item = {"order": {"S": str(number)}, "cents": {"N": "1250"}}
        served.dynamodb.put_item(TableName="orders", Item=item)
    served.advance(86_400)
    (mail,) = outbox(served)
    assert (mail["source"], mail["destinations"]) == ("shop@example.com", {"ToAddresses": ["owner@example.com"]})
    assert mail["body"] == "3 orders, 37.50 € in all" and mail["subject"].startswith("Orders until 20")
    served.advance(2 * 86_400)
    assert len({mail["subject"] for mail in outbox(served)}) == 3


TABLE_OF_NOTES = """
import json
import boto3
table = boto3.resource("dynamodb").Table("notes")
def lambda_handler(event, context):
    key = {"id": event["pathParameters"]["proxy"]}
    if event["httpMethod"] == "PUT":
        table.put_item(Item={**key, **json.loads(event["body"])})
        return {"statusCode": 201, "body": json.dumps(key)}
    item = table.get_item(Key=key).get("Item")
    return {"statusCode": 200 if item else 404, "body": json.dumps(item)}
"""


def test_a_rest_api_with_a_table_behind_it(served):
    served.dynamodb.create_table(
        TableName="notes", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    table = f"arn:aws:dynamodb:{REGION}:table/notes"
    allowed = [{"Action": ["dynamodb:PutItem", "dynamodb:GetItem"], "Resource": table}]
    served.function(TABLE_OF_NOTES, Role=served.role("AWSLambdaBasicExecutionRole", allow=allowed))
    api = RestApi(served).method().permit()
    api.deploy()
    assert api.get("/dev/1").status == 404
    assert api.get("/dev/1", "PUT", json.dumps({"text": "h\u00e9"}).encode()).status == 201
    found = api.get("/dev/1")
    assert (found.status, json.loads(found.body)) == (200, {"id": "1", "text": "h\u00e9"})
    assert served.dynamodb.get_item(TableName="notes", Key={"id": {"S": "1"}})["Item"]["text"] == {"S": "h\u00e9"}
