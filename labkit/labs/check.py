"""Finds a lab's check and runs it against the running account."""

from __future__ import annotations

import random
from collections.abc import Callable
from importlib import import_module

from labkit import facts
from labkit.account import current
from labkit.labs.report import Criterion, Report
from labkit.mistake import Mistake

LABS = {  # lab id -> the module here whose `criteria(draw)` checks it
    "start-here": "start_here",
    "life-of-an-invocation": "life_of_an_invocation",
    "cold-starts": "cold_starts",
}


class UnknownLab(Mistake, LookupError):
    """No lab has this id."""


def check(lab: str) -> Report:
    """Check hands-on work from the account's state and the function's behaviour on inputs drawn afresh.

    `UnknownLab` suggests the nearest id; `NotStarted` when there is no account.
    """
    if lab not in LABS:
        raise UnknownLab(facts.unknown("lab", lab, LABS))
    current()
    criteria: Callable[[random.Random], tuple[Criterion, ...]] = import_module(f"labkit.labs.{LABS[lab]}").criteria
    return Report(lab, criteria(random.Random()))
