"""The notes lab: each kind of request that is answered wrongly is found, and nothing of the check stays behind."""

from __future__ import annotations

import json

import boto3
import pytest

from labkit.labs import rest_api
from labkit.labs.rest_api import NAME, TABLE

GOOD = """
import json
import boto3
table = boto3.resource("dynamodb").Table("notes")
def answer(status, body):
    return {"statusCode": status, "body": json.dumps(body)}
def lambda_handler(event, context):
    if event["pathParameters"] is None:
        return answer(200, table.scan()["Items"])
    key = {"id": event["pathParameters"]["id"]}
    if event["httpMethod"] == "PUT":
        try:
            text = json.loads(event["body"] or "")["text"]
        except ValueError:
            return answer(400, {"message": "no JSON"})
        note = {**key, "text": text}
        table.put_item(Item=note)
        return answer(200, note)
    found = table.get_item(Key=key).get("Item")
    return answer(200, found) if found else answer(404, {"message": "no such note"})
"""
START = """
import json
import boto3
table = boto3.resource("dynamodb").Table("notes")
def lambda_handler(event, context):
    note = event["pathParameters"]["id"]
    if event["httpMethod"] == "PUT":
        text = json.loads(event["body"])["text"]
        table.put_item(Item={"id": note, "text": text})
        return {"statusCode": 200, "body": {"id": note, "text": text}}
    return {"statusCode": 200, "body": table.get_item(Key={"id": note})["Item"]}
"""
EXISTS, ONE, ALL, STORED, UNKNOWN, NO_JSON = range(6)


@pytest.fixture
def put(deploy):
    """Deploys a cell as the function, with a role that may use the table."""

    def deployed(cell, actions=("GetItem", "PutItem", "Scan")):
        deploy(f"{NAME} --memory 1769 --timeout 10", cell)
        allowed = [f"dynamodb:{action}" for action in actions]
        statement = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        boto3.client("iam").put_role_policy(RoleName=f"{NAME}-role", PolicyName="table", PolicyDocument=document)

    return deployed


def unmet(draw):
    return [i for i, criterion in enumerate(rest_api.criteria(draw)) if not criterion.met]


def make_table(key="id"):
    boto3.client("dynamodb").create_table(
        TableName=TABLE, KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
    )  # fmt: skip


def test_nothing_is_there_at_first(account, draw):
    assert unmet(draw) == [EXISTS, ONE, ALL, STORED, UNKNOWN, NO_JSON]


def test_the_first_cell_has_much_to_mend(put, draw):
    put(START)
    assert unmet(draw) == [ONE, ALL, STORED, UNKNOWN, NO_JSON]
    told = [criterion.seen for criterion in rest_api.criteria(draw)]
    assert "a body that is text" in told[ONE]
    assert "TypeError: 'NoneType' object is not subscriptable" in told[ALL]
    assert "KeyError: 'Item'" in told[UNKNOWN]


@pytest.mark.parametrize(
    ("changed", "into", "expected"),
    [
        ("import json", "import json", []),
        ('table.scan()["Items"]', "table.scan()", [ALL]),
        ('table.scan()["Items"]', '[item["id"] for item in table.scan()["Items"]]', [ALL]),
        ('event["body"] or ""', 'event["body"]', [NO_JSON]),
        ('["text"]\n', '\n', [STORED]),
        ("answer(400, ", "answer(200, ", [NO_JSON]),
        ("answer(404, ", "answer(200, ", [UNKNOWN]),
        ("table.put_item(Item=note)", "pass", [STORED]),
        ("table.put_item(Item=note)", 'table.get_item(Key=key).get("Item") or table.put_item(Item=note)', [STORED]),
        ("json.dumps(body)}", "body}", [ONE, ALL, STORED, UNKNOWN, NO_JSON]),
    ],
)  # fmt: skip
def test_each_way_is_judged(put, draw, changed, into, expected):
    assert changed in GOOD
    put(GOOD.replace(changed, into))
    assert unmet(draw) == expected


def test_a_role_without_the_right_is_told_of(put, draw):
    put(GOOD, actions=["GetItem", "PutItem"])
    assert unmet(draw) == [ALL]
    assert "AccessDenied" in rest_api.criteria(draw)[ALL].seen


def test_what_the_learner_has_stays_and_nothing_else(put, draw):
    put(GOOD)
    make_table()
    table = boto3.resource("dynamodb").Table(TABLE)
    table.put_item(Item={"id": "mine", "text": "milk"})
    assert unmet(draw) == []
    assert table.scan()["Items"] == [{"id": "mine", "text": "milk"}]
    assert not boto3.client("apigateway").get_rest_apis()["items"]
    with pytest.raises(boto3.client("lambda").exceptions.ResourceNotFoundException):
        boto3.client("lambda").get_policy(FunctionName=NAME)


def test_a_table_of_the_checks_own_goes_again(put, draw):
    put(GOOD)
    assert unmet(draw) == []
    assert not boto3.client("dynamodb").list_tables()["TableNames"]


def test_a_table_with_another_key_is_told_of(put, draw):
    put(GOOD)
    make_table("name")
    told = rest_api.criteria(draw)
    assert [criterion.met for criterion in told] == [True, *[False] * 5]
    assert "Missing the key name" in told[ONE].seen
