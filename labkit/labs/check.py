"""Finds a lab's check and runs it against the running account."""

from __future__ import annotations

import random
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

from labkit import facts
from labkit.account import current
from labkit.labs.report import Criterion, Report
from labkit.mistake import Mistake

LABS = (  # in the lessons' order; a lab's check is the module here of the same name, by its `criteria(draw)`
    "start-here",
    "life-of-an-invocation",
    "invocation-types",
    "cold-starts",
    "concurrency",
    "push-triggers",
    "polled-sources",
    "writing-a-function",
    "limits",
    "execution-roles",
    "deployment",
    "file-pipeline",
    "rest-api",
    "scheduled-job",
    "cost-and-tuning",
    "choosing-a-service",
)


class UnknownLab(Mistake, LookupError):
    """No lab has this id."""


def check(lab: str) -> Report:
    """Check hands-on work from the account's state and the function's behaviour on inputs drawn afresh.

    `UnknownLab` suggests the nearest id; `NotStarted` when there is no account.
    """
    return checked(lab, random.Random())


def checked(lab: str, draw: random.Random) -> Report:
    """The same on inputs that `draw` draws."""
    criteria: Callable[[random.Random], tuple[Criterion, ...]] = _module_of(lab).criteria
    current()
    return Report(lab, criteria(draw))


def labs() -> tuple[str, ...]:
    """The ids of all labs."""
    return LABS


def functions_of(lab: str) -> tuple[str, ...]:
    """The names of the functions that a lab asks for."""
    return (_module_of(lab).NAME,)


def _module_of(lab: str) -> ModuleType:
    if lab not in LABS:
        raise UnknownLab(facts.unknown("lab", lab, LABS))
    return import_module(f"labkit.labs.{lab.replace('-', '_')}")
