"""Lab: a function that is denied gets exactly the permissions it needs, and no more."""

from __future__ import annotations

import random

import boto3

from labkit.labs.deployed import when_deployed
from labkit.labs.functions import call
from labkit.labs.report import Criterion
from labkit.labs.surroundings import bucket, table

NAME = "clerk"
BUCKET, TABLE = "labkit-inbox", "orders"
FILE, ORDERS = f"arn:aws:s3:::{BUCKET}/new.txt", f"arn:aws:dynamodb:us-east-1:123456789012:table/{TABLE}"
TOO_MUCH = (  # what a policy that is too wide allows as well
    ("s3:DeleteObject", FILE),
    ("s3:PutObject", FILE),
    ("s3:GetObject", "arn:aws:s3:::another-bucket/new.txt"),
    ("dynamodb:Scan", ORDERS),
    ("dynamodb:DeleteTable", ORDERS),
    ("dynamodb:PutItem", f"{ORDERS}-of-others"),
)

WORKS = "It copies files from the bucket into the table."
LEAST = "Its role allows nothing more of S3 and DynamoDB."
LOGS = "It may still write its logs."


@when_deployed(NAME, WORKS, LEAST, LOGS)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether the function does its work on files not shown, and its role allows that and its logs only."""
    with bucket(BUCKET), table(TABLE):
        works = _works(draw)
    least = _least() if works.met else Criterion(LEAST, False, "It is looked at once the function works.")
    return works, least, _logs()


def _works(draw: random.Random) -> Criterion:
    key, text = f"order {draw.randrange(10_000)}.txt", f"{draw.randrange(1, 100)} teas"
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=text.encode())
    answer = call(NAME, {"key": key})
    if answer.error:
        return Criterion(WORKS, False, f"For {key} it failed: {answer.error}")
    item = boto3.client("dynamodb").get_item(TableName=TABLE, Key={"id": {"S": key}}).get("Item", {})
    met = item.get("text") == {"S": text}
    return Criterion(WORKS, met, f"For {key} the table has {item.get('text', 'nothing')}.")


def _least() -> Criterion:
    found = [f"{action} on {resource}" for action, resource in TOO_MUCH if _may(action, resource)]
    advice = " Name the action and the ARN of the one resource." if found else ""
    return Criterion(LEAST, not found, f"Allowed beyond its need: {', '.join(found) or 'nothing'}.{advice}")


def _logs() -> Criterion:
    met = _may("logs:PutLogEvents", f"arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/{NAME}:log-stream:new")
    return Criterion(LOGS, met, "It may." if met else "Attach AWSLambdaBasicExecutionRole to its role again.")


def _may(action: str, resource: str) -> bool:
    """What IAM's policy simulator says of the function's role."""
    role = boto3.client("lambda").get_function_configuration(FunctionName=NAME)["Role"]
    asked = {"PolicySourceArn": role, "ActionNames": [action], "ResourceArns": [resource]}
    (result,) = boto3.client("iam").simulate_principal_policy(**asked)["EvaluationResults"]
    return bool(result["EvalDecision"] == "allowed")
