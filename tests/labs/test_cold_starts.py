"""The receipts lab: slow starts, work moved into the first call, and a client in every call are each found."""

from __future__ import annotations

import re
from pathlib import Path

import boto3
import nbformat
import pytest

from labkit.labs import cold_starts
from labkit.labs.cold_starts import GIVEN, GIVEN_CODE, NAME

NOTEBOOK = Path(__file__).parent.parent.parent / "notebooks" / "03-cold-and-warm-starts.ipynb"
GOOD = """
import functools
import json

DISCOUNTS = json.loads('{"basic": 0, "silver": 5, "gold": 10}')


@functools.cache
def s3():
    import boto3

    return boto3.client("s3")


def lambda_handler(event, context):
    if "receipt" in event:
        place = {"Bucket": "receipts", "Key": event["receipt"]}
        return {"link": s3().generate_presigned_url("get_object", Params=place)}
    return {"cents": event["cents"] * (100 - DISCOUNTS[event["tier"]]) // 100}
"""
EXISTS, PRICES, LINKS, COLD, WARM = range(5)


def unmet(draw):
    return [i for i, criterion in enumerate(cold_starts.criteria(draw)) if not criterion.met]


def configuration():
    found = boto3.client("lambda").get_function_configuration(FunctionName=NAME)
    return found["MemorySize"], found["Timeout"], found["Environment"]["Variables"]


def test_a_fast_start_passes_and_the_function_is_as_it_was(deploy, draw):
    deploy(f"{NAME} --memory 256 --timeout 9 --env MODE=live", GOOD)
    assert unmet(draw) == []
    assert configuration() == (256, 9, {"MODE": "live"})
    functions = boto3.client("lambda").list_functions()["Functions"]
    assert [found["FunctionName"] for found in functions] == [NAME], f"{GIVEN} is gone again"


@pytest.mark.parametrize(
    "cell, expected",
    [
        (GIVEN_CODE, [COLD, WARM]),
        (GOOD.replace("import functools", "import boto3\nimport functools"), [COLD]),
        (GOOD.replace('    if "receipt" in event', '    s3()\n    if "receipt" in event'), [COLD]),
        (GOOD.replace("@functools.cache\n", ""), [WARM]),
    ],
    ids=["as given", "imports at the top", "does it in the first call", "a client in every call"],
)
def test_each_slow_way_is_found(deploy, draw, cell, expected):
    deploy(f"{NAME} --memory 1769", cell)
    assert unmet(draw) == expected


@pytest.mark.parametrize(
    "cell, expected",
    [
        (GOOD.replace('"gold": 10', '"gold": 11').replace('"silver": 5', '"silver": 6'), [PRICES, COLD]),
        (GOOD.replace("Params=place)}", "Params=place)[:30]}"), [LINKS, WARM]),
        (GOOD.replace('"Key": event["receipt"]', '"Key": "2026/0042.pdf"'), [LINKS, WARM]),
        ("def lambda_handler(event, context):\n    return {}\n", [PRICES, LINKS, COLD, WARM]),
        ("def lambda_handler(event, context):\n    raise OSError\n", [PRICES, LINKS, COLD, WARM]),
    ],
    ids=["wrong price", "link cut short", "one link by heart", "fast and empty", "fails"],
)
def test_fast_is_not_enough(deploy, draw, cell, expected):
    deploy(f"{NAME} --memory 1769", cell)
    assert unmet(draw) == expected


def test_without_the_function_nothing_is_met_and_the_way_is_told(account, draw):
    criteria = cold_starts.criteria(draw)
    assert not any(criterion.met for criterion in criteria)
    assert f"%%function {NAME}" in criteria[EXISTS].seen


def test_the_lesson_gives_the_version_that_the_check_measures_against():
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    (given,) = [cell.source for cell in cells if cell.source.startswith(f"%%function {NAME}")]
    assert re.sub(r"^%%function .*\n", "", given) == GIVEN_CODE.rstrip("\n")
