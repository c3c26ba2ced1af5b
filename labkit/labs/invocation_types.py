"""Lab: a function that waits for one function's answer, hands an event to another, and sees when a call failed."""

from __future__ import annotations

import json
import random
import string
import textwrap
from contextlib import ExitStack
from typing import Any

import labkit
from labkit.account import invocations
from labkit.labs.beside import deployed_beside
from labkit.labs.deployed import when_deployed
from labkit.labs.functions import Call, call, exists, logged
from labkit.labs.report import Criterion
from labkit.records import Invocation

NAME = "till"
ASKED, TOLD = "warehouse", "mailer"
GIVEN = {  # what the lesson gives; taken from here where an account has none
    ASKED: """
def lambda_handler(event, context):
    if event["item"].startswith("old "):
        raise ValueError("We no longer sell " + event["item"])
    return {"left": sum(event["item"].encode()) % 50}
""",
    TOLD: """
import time


def lambda_handler(event, context):
    time.sleep(1)
    print("MAIL", event["item"])
""",
}
MEMORY = 512  # MB
SALES = 3
SHOWN = 100  # characters of an answer

ANSWERS = f"It answers with what the {ASKED} says is left."
TELLS = f"The {TOLD} gets each sale."
FAST = f"It does not wait for the {TOLD}."
FAILS = f'When the {ASKED} fails, it answers {{"left": null}}, and nothing is mailed.'


@when_deployed(NAME, ANSWERS, TELLS, FAST, FAILS)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether sales that were not shown are answered and mailed without waiting, and failed ones are not mailed."""
    sold, failing = [_item(draw) for _ in range(SALES)], f"old {_item(draw)}"
    with ExitStack() as beside:
        for name in (ASKED, TOLD):
            if not exists(name):
                beside.enter_context(deployed_beside(NAME, name, GIVEN[name], MEMORY))
        wanted = {item: call(ASKED, {"item": item}).result for item in sold}
        since, before = int(1000 * labkit.clock.time()), len(invocations())
        answers = {item: call(NAME, {"item": item}) for item in (*sold, failing)}
        labkit.settle()
        mailed, records = _mailed(since), list(invocations()[before:])
    return (
        _answers(answers, wanted),
        _tells(sold, mailed),
        _fast(records),
        _fails(answers[failing], failing in mailed),
    )


def _item(draw: random.Random) -> str:
    return "".join(draw.choices(string.ascii_lowercase, k=8))


def _mailed(since: int) -> list[str]:
    """The items that the mailer's log names."""
    return [line.strip().removeprefix("MAIL ") for line in logged(TOLD, since, "MAIL")]


def _answers(answers: dict[str, Call], wanted: dict[str, Any]) -> Criterion:
    for item, right in wanted.items():
        answer = answers[item]
        if answer.result != right:
            return Criterion(ANSWERS, False, f"For {item} it {answer}; {json.dumps(right)} is right.")
    return Criterion(ANSWERS, True, f"It was right for {', '.join(wanted)}.")


def _tells(sold: list[str], mailed: list[str]) -> Criterion:
    for item in sold:
        if item not in mailed:
            advice = f'Invoke {TOLD} with {{"item": …}} after the {ASKED} has answered; its role has to allow that.'
            return Criterion(TELLS, False, f"No mail names {item}. {advice}")
    return Criterion(TELLS, True, f"Mails name {', '.join(sold)}.")


def _fast(records: list[Invocation]) -> Criterion:
    """Who waits for another cannot be done before it."""
    ends = {name: [_end(record) for record in records if record.function == name] for name in (NAME, TOLD)}
    if not ends[TOLD]:
        return Criterion(FAST, False, f"The {TOLD} was not called.")
    met = any(own < other for own, other in zip(ends[NAME], sorted(ends[TOLD]), strict=False))
    advice = "" if met else " InvocationType Event hands an event over and goes on."
    return Criterion(FAST, met, f"It was done {'before' if met else 'only after'} the {TOLD} was.{advice}")


def _end(record: Invocation) -> float:
    return float(record.arrival + record.wait + record.init + record.duration)


def _fails(answer: Call, mailed: bool) -> Criterion:
    said = textwrap.shorten(f"It {answer}", SHOWN, placeholder=" …")
    met = not mailed and answer.result == {"left": None} and not answer.error
    advice = "" if met else " A call that failed has FunctionError in its answer, and raises nothing."
    return Criterion(FAILS, met, f"{said}, and {'a' if mailed else 'no'} mail was sent.{advice}")
