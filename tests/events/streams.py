"""Streams whose function tells what it gets: a Kinesis stream with one shard, and a table."""

from __future__ import annotations

import base64
import json

TELL = """
import base64, json
def bodies(event):
    for record in event["Records"]:
        if "kinesis" in record:
            yield base64.b64decode(record["kinesis"]["data"]).decode(), record["kinesis"]["sequenceNumber"]
        else:
            yield record["dynamodb"]["Keys"]["id"]["S"], record["dynamodb"]["SequenceNumber"]
def lambda_handler(event, context):
    print("GOT " + json.dumps(event))
    found = list(bodies(event))
    if any(body == "raise" for body, _ in found):
        raise ValueError("no good")
    return {"batchItemFailures": [{"itemIdentifier": number} for body, number in found if body == "bad"]}
"""
READ = [
    {
        "Action": ["kinesis:*", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"],
        "Resource": "*",
    },
    {"Action": ["sqs:SendMessage", "sns:Publish", "s3:PutObject"], "Resource": "*"},
]


class Source:
    """A stream with a function that tells what it gets."""

    def __init__(self, served, eventually, code=TELL):
        self.served, self.eventually = served, eventually
        role = served.role("AWSLambdaBasicExecutionRole", name="reader", allow=READ)
        served.function(code, Role=role)

    def map(self, **settings):
        return self.served.awslambda.create_event_source_mapping(
            EventSourceArn=self.arn, FunctionName="f", **{"StartingPosition": "TRIM_HORIZON", **settings}
        )["UUID"]

    def events(self):
        return [json.loads(line[4:]) for line in self.served.messages() if line.startswith("GOT ")]

    def got(self, count):
        self.eventually(lambda: sum(len(event["Records"]) for event in self.events()) >= count)
        return [[self.body(record) for record in event["Records"]] for event in self.events()]

    def result(self, mapping):
        return self.served.awslambda.get_event_source_mapping(UUID=mapping)["LastProcessingResult"]


class Kinesis(Source):
    def __init__(self, served, eventually, code=TELL):
        super().__init__(served, eventually, code)
        served.kinesis.create_stream(StreamName="s", ShardCount=1)
        self.arn = "arn:aws:kinesis:us-east-1:123456789012:stream/s"

    def put(self, *bodies, key=None):
        for body in bodies:
            self.served.kinesis.put_record(StreamName="s", Data=body.encode(), PartitionKey=key or body)

    def body(self, record):
        return base64.b64decode(record["kinesis"]["data"]).decode()


class DynamoDB(Source):
    def __init__(self, served, eventually, code=TELL):
        super().__init__(served, eventually, code)
        self.arn = served.dynamodb.create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )["TableDescription"]["LatestStreamArn"]

    def put(self, *bodies, **attributes):
        for body in bodies:
            self.served.dynamodb.put_item(TableName="t", Item={"id": {"S": body}, **attributes})

    def body(self, record):
        return record["dynamodb"]["Keys"]["id"]["S"]
