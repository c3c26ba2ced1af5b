"""The invoice lab: a typed tax, a silent function, and nonsense that is accepted are each found."""

from __future__ import annotations

import boto3
import pytest

from labkit.labs import writing_a_function
from labkit.labs.writing_a_function import NAME

GOOD = """
import json
import os


def lambda_handler(event, context):
    if event["net"] < 0:
        raise ValueError("an amount is not negative")
    print(json.dumps({"order": event["order"], "request_id": context.aws_request_id}))
    percent = int(os.environ["TAX_PERCENT"])
    return {"gross": event["net"] * (100 + percent) // 100}
"""
EXISTS, TAXED, TOLD, REFUSES = range(4)


def unmet(draw):
    return [i for i, criterion in enumerate(writing_a_function.criteria(draw)) if not criterion.met]


def test_nothing_is_there_at_first(account, draw):
    assert unmet(draw) == [EXISTS, TAXED, TOLD, REFUSES]


@pytest.mark.parametrize(
    ("changed", "into", "expected"),
    [
        ("import json\n", "import json\n", []),
        ('os.environ["TAX_PERCENT"]', '"19"', [TAXED]),
        ("    print(", "    str(", [TOLD]),
        ("context.aws_request_id", '"some"', [TOLD]),
        ("json.dumps({", "str({", [TOLD]),
        ('raise ValueError("an amount is not negative")', 'return "no"', [REFUSES]),
        ('event["net"] < 0', "True", [TAXED, TOLD]),
    ],
)
def test_each_way_is_judged(deploy, draw, changed, into, expected):
    assert changed in GOOD
    deploy(f"{NAME} --env TAX_PERCENT=19", GOOD.replace(changed, into))
    assert unmet(draw) == expected


def test_its_variables_are_as_they_were(deploy, draw):
    deploy(f"{NAME} --env TAX_PERCENT=19 --env OTHER=x", GOOD)
    assert unmet(draw) == []
    found = boto3.client("lambda").get_function_configuration(FunctionName=NAME)
    assert found["Environment"]["Variables"] == {"TAX_PERCENT": "19", "OTHER": "x"}
