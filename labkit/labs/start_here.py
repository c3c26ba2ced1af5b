"""Lab of the first lesson: a function that converts a temperature, prints a line and has a timeout."""

from __future__ import annotations

import json
import random
from typing import Any

import boto3

import labkit
from labkit.labs.deployed import when_deployed
from labkit.labs.functions import Call, call, logged
from labkit.labs.report import Criterion

NAME = "fahrenheit"
TIMEOUT = 10  # seconds
EVENTS = 3

CONVERTS = "It answers with the temperature in Fahrenheit."
PRINTS = "It prints the name of the station."
STOPS = f"It may run up to {TIMEOUT} seconds."


@when_deployed(NAME, CONVERTS, PRINTS, STOPS)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether the function exists, converts, prints the station's name and has the timeout that was asked for."""
    since = int(1000 * labkit.clock.time())
    answers = [(event, call(NAME, event)) for event in (_event(draw) for _ in range(EVENTS))]
    stations = [event["station"] for event, _ in answers]
    return (
        _converts(answers),
        _prints(stations, since),
        _stops(),
    )


def _event(draw: random.Random) -> dict[str, Any]:
    return {"station": f"Station {draw.randrange(1000, 10_000)}", "celsius": draw.randrange(-400, 450) / 10}


def _converts(answers: list[tuple[dict[str, Any], Call]]) -> Criterion:
    for event, answer in answers:
        wanted = round(event["celsius"] * 9 / 5 + 32, 2)
        if answer.error:
            return Criterion(CONVERTS, False, f"For {json.dumps(event)} it failed: {answer.error}")
        if not _is_close(answer.result, wanted):
            seen = f"For {json.dumps(event)} it answered {json.dumps(answer.result)}"
            return Criterion(CONVERTS, False, f"{seen}; {json.dumps({'fahrenheit': wanted})} is right.")
    return Criterion(CONVERTS, True, f"It was right for {len(answers)} temperatures.")


def _is_close(result: object, wanted: float) -> bool:
    answer = result.get("fahrenheit") if isinstance(result, dict) else None
    return isinstance(answer, (int, float)) and abs(answer - wanted) < 0.01


def _prints(stations: list[str], since: int) -> Criterion:
    log = "".join(logged(NAME, since))
    if not log:
        return Criterion(PRINTS, False, f"Nothing is in /aws/lambda/{NAME}: may its role write logs?")
    if missing := [station for station in stations if station not in log]:
        return Criterion(PRINTS, False, f"The log does not name {missing[0]}. Print event['station'] in the handler.")
    return Criterion(PRINTS, True, f"The log names {', '.join(stations)}.")


def _stops() -> Criterion:
    timeout = boto3.client("lambda").get_function_configuration(FunctionName=NAME)["Timeout"]
    advice = "" if timeout == TIMEOUT else f" Write --timeout {TIMEOUT} behind the function's name."
    return Criterion(STOPS, timeout == TIMEOUT, f"Its timeout is {timeout} s.{advice}")
