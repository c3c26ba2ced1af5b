"""The lab of the first lesson: each criterion is met for its own reason."""

from __future__ import annotations

import boto3
import pytest

from labkit.labs import start_here

GOOD = """
def lambda_handler(event, context):
    print("Reading from", event["station"])
    return {"fahrenheit": event["celsius"] * 9 / 5 + 32}
"""
EXISTS, CONVERTS, PRINTS, STOPS = range(4)


def unmet(draw):
    return [i for i, criterion in enumerate(start_here.criteria(draw)) if not criterion.met]


def seen(draw, criterion):
    return start_here.criteria(draw)[criterion].seen


def test_a_good_function_passes(deploy, draw):
    deploy("fahrenheit --timeout 10", GOOD)
    assert unmet(draw) == []


def test_without_the_function_nothing_is_met_and_the_way_is_told(account, draw):
    assert unmet(draw) == [EXISTS, CONVERTS, PRINTS, STOPS]
    assert "%%function fahrenheit" in seen(draw, EXISTS)


@pytest.mark.parametrize(
    "line, cell, expected",
    [
        ("fahrenheit", GOOD, [STOPS]),
        ("fahrenheit --timeout 10", GOOD.replace('print("Reading from", event["station"])', "pass"), [PRINTS]),
        ("fahrenheit --timeout 10", GOOD.replace("* 9 / 5", "* 2"), [CONVERTS]),
        ("fahrenheit --timeout 10", GOOD.replace('{"fahrenheit": ', "").replace("+ 32}", "+ 32"), [CONVERTS]),
        ("fahrenheit --timeout 10", GOOD.replace('event["celsius"] * 9 / 5 + 32', "70.7"), [CONVERTS]),
        ("fahrenheit --timeout 10", GOOD.replace('["celsius"]', '["Celsius"]'), [CONVERTS]),
    ],
    ids=[
        "timeout left at the default",
        "prints nothing",
        "wrong formula",
        "no dictionary",
        "one answer by heart",
        "fails",
    ],
)
def test_each_fault_is_found_alone(deploy, draw, line, cell, expected):
    deploy(line, cell)
    assert unmet(draw) == expected


def test_an_error_is_shown_as_the_caller_sees_it(deploy, draw):
    deploy("fahrenheit", GOOD.replace('["celsius"]', '["Celsius"]'))
    assert "KeyError: 'Celsius'" in seen(draw, CONVERTS)


def test_a_role_that_may_not_log_leaves_the_name_unprinted(deploy, draw):
    deploy("fahrenheit --timeout 10", GOOD)
    policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    boto3.client("iam").detach_role_policy(RoleName="fahrenheit-role", PolicyArn=policy)
    assert unmet(draw) == [PRINTS]
    assert "/aws/lambda/fahrenheit" in seen(draw, PRINTS)


def test_what_an_earlier_call_printed_does_not_count(deploy, draw):
    deploy("fahrenheit --timeout 10", GOOD)
    assert unmet(draw) == []
    deploy("fahrenheit --timeout 10", GOOD.replace('print("Reading from", event["station"])', "pass"))
    draw.seed(7)
    assert unmet(draw) == [PRINTS]
