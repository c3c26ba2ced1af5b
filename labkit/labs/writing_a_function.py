"""Lab: a function that takes a setting from its environment, tells in its log what it did, and refuses nonsense."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3

import labkit
from labkit.labs.deployed import when_deployed
from labkit.labs.functions import logged
from labkit.labs.report import Criterion

NAME = "invoice"
SETTING = "TAX_PERCENT"
EVENTS = 3

TAXED = f"It adds the tax that the environment variable {SETTING} says, whatever it is."
TOLD = "It prints a line of JSON with the order and the request's id."
REFUSES = "It fails for a negative amount, so that the caller sees an error."


@when_deployed(NAME, TAXED, TOLD, REFUSES)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether gross amounts are right under another tax, the log has a line for each call, and nonsense is refused."""
    percent, since = draw.randrange(1, 40), int(1000 * labkit.clock.time())
    with _setting(str(percent)):
        calls = [(event, *_invoked(event)) for event in (_event(draw) for _ in range(EVENTS))]
        refused = _invoked(_event(draw) | {"net": -draw.randrange(1, 1000)})
    orders = {request: event["order"] for event, request, _, _ in calls}
    return (
        _taxed(calls, percent),
        _told(orders, since),
        _refuses(*refused),
    )


def _event(draw: random.Random) -> dict[str, Any]:
    return {"order": f"A-{draw.randrange(10_000, 100_000)}", "net": draw.randrange(1, 1000) * 100}


def _invoked(event: dict[str, Any]) -> tuple[str, Any, str]:
    """The request's id, the answer, and the error's type if it failed."""
    answer = boto3.client("lambda").invoke(FunctionName=NAME, Payload=json.dumps(event).encode())
    result = json.loads(answer["Payload"].read() or "null")
    failed = result.get("errorType", "an error") if "FunctionError" in answer else ""
    return answer["ResponseMetadata"]["RequestId"], result, failed


def _taxed(calls: list[tuple[dict[str, Any], str, Any, str]], percent: int) -> Criterion:
    for event, _, result, failed in calls:
        wanted = {"gross": event["net"] * (100 + percent) // 100}
        if result != wanted:
            said = f"failed with {failed}" if failed else f"answered {json.dumps(result)}"
            seen = f"With {SETTING}={percent} it {said} for {json.dumps(event)}; {json.dumps(wanted)} is right."
            return Criterion(TAXED, False, seen)
    return Criterion(TAXED, True, f"It was right for {len(calls)} orders with {SETTING}={percent}.")


def _told(orders: dict[str, str], since: int) -> Criterion:
    lines = [line for message in logged(NAME, since) for line in message.splitlines()]
    if not lines:
        return Criterion(TOLD, False, f"Nothing is in /aws/lambda/{NAME}: may its role write logs?")
    told = [values for line in lines if (values := _values(line))]
    for request, order in orders.items():
        if not any(request in values and order in values for values in told):
            return Criterion(TOLD, False, f"No line of JSON has both order {order} and its request's id {request}.")
    return Criterion(TOLD, True, f"There is a line for each of {len(orders)} calls.")


def _values(line: str) -> list[Any]:
    """The values of a line that is a JSON object, one of a structured log or printed."""
    try:
        found = json.loads(line)
    except ValueError:
        return []
    return list(found.values()) if isinstance(found, dict) and "type" not in found else []


def _refuses(_: str, result: Any, failed: str) -> Criterion:
    if failed:
        return Criterion(REFUSES, True, f"It failed with {failed}.")
    said = f"For a negative amount it answered {json.dumps(result)}; raise an exception instead."
    return Criterion(REFUSES, False, said)


@contextmanager
def _setting(value: str) -> Iterator[None]:
    """The environment variable has this value meanwhile, and all are as before afterwards."""
    client = boto3.client("lambda")
    before = client.get_function_configuration(FunctionName=NAME).get("Environment", {}).get("Variables", {})
    _set_variables({**before, SETTING: value})
    try:
        yield
    finally:
        _set_variables(before)


def _set_variables(variables: dict[str, str]) -> None:
    client = boto3.client("lambda")
    client.update_function_configuration(FunctionName=NAME, Environment={"Variables": variables})
    client.get_waiter("function_updated_v2").wait(FunctionName=NAME)
