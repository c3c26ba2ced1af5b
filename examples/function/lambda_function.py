"""The function of the examples: it greets, and counts how often it has."""

import os

import boto3

TABLE = os.environ["TABLE"]
dynamodb = boto3.client("dynamodb")  # once for each environment, while Init has a whole processor


def lambda_handler(event, context):
    name = event.get("name", "world")
    counted = dynamodb.update_item(
        TableName=TABLE,
        Key={"name": {"S": name}},
        UpdateExpression="ADD greetings :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="UPDATED_NEW",
    )
    return {"greeting": f"hello {name}", "times": int(counted["Attributes"]["greetings"]["N"])}
