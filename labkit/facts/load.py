"""The tables, each read from its file when first used."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from functools import cache
from typing import Any

from labkit.facts.rows import ColdStarts, Fact, KeepAlive, ManagedPolicy, Price, Quota, Runtime
from labkit.facts.table import Table, UnknownName, read, text_of, unknown

# NOTES-13: SnapStart works from these versions on.
SNAPSTART_FROM = {"java": (11,), "python": (3, 12), "dotnet": (8,)}
MEASURED_PERCENTILES = (10, 50, 90, 99)
COLD_STARTS_SOURCE = (
    "https://github.com/maxday/lambda-perf, commit 6070b794, 30 daily measurements (Apache License 2.0)"
)
COLD_STARTS_AS_OF = "2026-07-23 to 2026-08-22"
DAYS = ("deprecated", "create_block", "update_block")


def get(id: str) -> Fact:
    """The fact with this id, such as NOTES-03; `UnknownName` (a `KeyError`) suggests the nearest ids."""
    return FACTS[id]


def topic(name: str) -> list[Fact]:
    """The facts of one topic, such as limits; `UnknownName` (a `KeyError`) suggests the nearest topics."""
    if found := [fact for fact in FACTS.values() if fact.topic == name]:
        return found
    raise UnknownName(unknown("topic", name, dict.fromkeys(fact.topic for fact in FACTS.values())))


@cache
def _fact_rows() -> list[dict[str, Any]]:
    return read("facts.json")  # type: ignore[no-any-return]


def _facts() -> dict[str, Fact]:
    names = {field.name for field in fields(Fact)}
    return {row["id"]: Fact(**{name: _frozen(row[name]) for name in names & row.keys()}) for row in _fact_rows()}


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _beside_facts(key: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for row in _fact_rows():
        for name, numbers in row.get(key, {}).items():
            yield name, row, numbers


def _quotas() -> dict[str, Quota]:
    return {name: Quota(name=name, fact=row["id"], **numbers) for name, row, numbers in _beside_facts("quotas")}


def _prices() -> dict[str, Price]:
    return {
        name: Price(
            name=name,
            fact=row["id"],
            unit=numbers["unit"],
            per=numbers["per"],
            tiers=tuple((math.inf if bound is None else bound, usd) for bound, usd in numbers["tiers"]),
            source=row["source"],
            as_of=row["as_of"],
        )
        for name, row, numbers in _beside_facts("prices")
    }


def _keep_alive() -> dict[str, KeepAlive]:
    return {
        name: KeepAlive(
            name=name,
            fact=row["id"],
            gone=tuple((share, seconds) for share, seconds in seen["gone"]),
            statement=seen["statement"],
            as_of=seen["as_of"],
        )
        for name, row, seen in _beside_facts("keep_alive")
    }


def _cold_starts() -> dict[str, ColdStarts]:
    found = {}
    for row in csv.DictReader(io.StringIO(text_of("cold_starts.csv"))):
        init = tuple((percent / 100, float(row[f"p{percent}"])) for percent in MEASURED_PERCENTILES)
        key = "/".join(row[name] for name in ("runtime", "package", "memory", "architecture"))
        found[key] = ColdStarts(
            row["runtime"], row["package"], int(row["memory"]), row["architecture"], int(row["count"]), init,
            COLD_STARTS_SOURCE, COLD_STARTS_AS_OF,
        )  # fmt: skip
    return found


def _managed_policies() -> dict[str, ManagedPolicy]:
    return {name: ManagedPolicy(name=name, **row) for name, row in read("policies.json").items()}


def _runtimes() -> dict[str, Runtime]:
    table = read("runtimes.json")
    return {name: _runtime(name, table, table["lifecycle"].get(name, {})) for name in table["enum"]}


@cache
def listed_runtimes() -> tuple[str, ...]:
    """The runtimes that AWS's refusal of an unknown one was recorded to list, in its order (`runtimes.json`)."""
    return tuple(read("runtimes.json")["listed"]["names"])


def _runtime(name: str, table: dict[str, Any], cycle: dict[str, str]) -> Runtime:
    days = {key: date.fromisoformat(cycle[key]) for key in DAYS if key in cycle}
    successor = cycle.get("successor")
    return Runtime(name, _has_snapstart(name), table["source"], table["as_of"], successor=successor, **days)


def _has_snapstart(name: str) -> bool:
    found = re.match(r"(java|python|dotnet)(\d+)(?:\.(\d+))?", name)
    if found is None:
        return False
    version = tuple(int(part) for part in found.groups()[1:] if part)
    return version >= SNAPSTART_FROM[found[1]]


FACTS = Table("fact", _facts)
QUOTAS = Table("quota", _quotas)
PRICES = Table("price", _prices)
KEEP_ALIVE = Table("keep-alive preset", _keep_alive)
COLD_STARTS = Table("kind of function whose cold starts were measured", _cold_starts)
MANAGED_POLICIES = Table("managed policy", _managed_policies)
RUNTIMES = Table("runtime", _runtimes)
