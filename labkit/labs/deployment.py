"""Lab: a function that releases another: some calls to the new version first, then all, or back to the old one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3

from labkit.labs.beside import deployed_beside, set_memory
from labkit.labs.deployed import when_deployed
from labkit.labs.functions import call
from labkit.labs.report import Criterion

NAME = "release"
RELEASED, ALIAS = "storefront", "live"
CODE = "def lambda_handler(event, context):\n    return context.function_version\n"
SIZES = 128, 256  # MB, of which a version each is published
OLD, NEW = "1", "2"
Routing = tuple[str, dict[str, float]]  # the version that an alias points to, and the shares of others

TRY = "On try, that share of the calls goes to the new version, and the rest stays."
KEEP = "On keep, all calls go to the new version."
BACK = "On back, all calls go to the old version again."


@when_deployed(NAME, TRY, KEEP, BACK)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether the alias of a function that the check makes points where it should after each order."""
    share = draw.randrange(5, 50) / 100
    mixed = (OLD, {NEW: share})
    with deployed_beside(NAME, RELEASED, CODE, SIZES[0]), _versions():
        return (
            _judged(TRY, "try", share, (OLD, {}), mixed),
            _judged(KEEP, "keep", share, mixed, (NEW, {})),
            _judged(BACK, "back", share, mixed, (OLD, {})),
        )


@contextmanager
def _versions() -> Iterator[None]:
    """The function has two versions meanwhile, and an alias."""
    client = boto3.client("lambda")
    for size in SIZES:
        set_memory(RELEASED, size)
        client.publish_version(FunctionName=RELEASED)
    client.create_alias(FunctionName=RELEASED, Name=ALIAS, FunctionVersion=OLD)
    yield  # the alias and the versions go with the function


def _judged(asked: str, order: str, share: float, before: Routing, wanted: Routing) -> Criterion:
    _set(before)
    event = {"do": order, "version": NEW, "share": share}
    answer, found = call(NAME, event), _routing()
    if found == wanted:
        return Criterion(asked, True, f"After {event} {_told(found)}.")
    why = f" It failed: {answer.error}" if answer.error else ""
    return Criterion(asked, False, f"After {event} {_told(found)}; right is that {_told(wanted)}.{why}")


def _set(routing: Routing) -> None:
    version, weights = routing
    boto3.client("lambda").update_alias(**_alias(), FunctionVersion=version, RoutingConfig=_config(weights))


def _routing() -> Routing:
    found: dict[str, Any] = boto3.client("lambda").get_alias(**_alias())
    weights = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return found["FunctionVersion"], {version: round(share, 6) for version, share in weights.items() if share}


def _alias() -> dict[str, str]:
    return {"FunctionName": RELEASED, "Name": ALIAS}


def _config(weights: dict[str, float]) -> dict[str, Any]:
    return {"AdditionalVersionWeights": weights}


def _told(routing: Routing) -> str:
    version, weights = routing
    others = "".join(f", and {share:.0%} of the calls to {other}" for other, share in weights.items())
    return f"{ALIAS} points to version {version}{others}"
