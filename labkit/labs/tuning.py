"""Power tuning: a function really runs at several memory sizes, cold and warm, and is as it was afterwards."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import boto3

import labkit
from labkit.account import current, invocations
from labkit.facts import QUOTAS
from labkit.fleet.sizes import Measured, measured
from labkit.labs.beside import set_memory
from labkit.labs.functions import exists
from labkit.mistake import BadValue
from labkit.records import Trace

SIZES = (128, 256, 512, 1024, int(QUOTAS["memory_per_vcpu"].default or 0))  # MB; the last has a whole vCPU
PAUSE = 3600  # seconds of account time, after which no environment is left
HEAD = ("MB", "start", "measured", "median ms", "99 % below ms", "USD a million")


@dataclass(frozen=True)
class Tuning:
    """What was measured: `trace` holds every invocation, `sizes` a row for each memory size and way of starting."""

    function: str
    trace: Trace
    sizes: tuple[Measured, ...]

    @property
    def cheapest(self) -> int:
        """The memory size (MB) whose warm invocations cost least."""
        return min((one for one in self.sizes if one.kind == "warm"), key=lambda one: one.million).memory

    @property
    def fastest(self) -> int:
        """The memory size (MB) whose warm invocations take the shortest time, by their median."""
        return min((one for one in self.sizes if one.kind == "warm"), key=lambda one: one.median).memory

    def rows(self) -> list[tuple[str, ...]]:
        """The table as text."""
        return [
            (
                f"{one.memory}", one.kind, f"{len(one.latency)}", f"{one.median:.1f}", f"{one.nearly_all:.1f}",
                f"{one.million:.2f}",
            )
            for one in self.sizes
        ]  # fmt: skip

    def __repr__(self) -> str:
        return f"<Tuning of {self.function}: fastest at {self.fastest} MB, cheapest at {self.cheapest} MB>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th scope='col'>{name}</th>" for name in HEAD)
        body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in self.rows())
        said = f"{html.escape(self.function)}: fastest at {self.fastest} MB, cheapest at {self.cheapest} MB"
        return f"<table><caption>{said}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def tune(
    name: str, *, memory: Sequence[int] = SIZES, event: Any = None, colds: int = 3, warms: int = 5,
    architecture: str = "x86_64",
) -> Tuning:  # fmt: skip
    """Run a deployed function at each `memory` size (MB): `colds` cold starts, each with `warms` warm calls after it.

    The share of a processor is that of Lambda, so more memory is really faster here. `event` is what it is called with.
    `BadValue` when there is no such function, a size is not allowed, or the function fails.
    """
    current()
    if not exists(name):
        raise BadValue(f"there is no function {name!r} in the account; deploy it, or check its name")
    _check(memory, colds, warms)
    client = boto3.client("lambda")
    before = client.get_function_configuration(FunctionName=name)["MemorySize"]
    first = len(invocations())
    try:
        for size in memory:
            set_memory(name, size)
            _run(client, name, json.dumps(event).encode(), colds, warms)
    finally:
        set_memory(name, before)
    labkit.settle()
    trace = invocations()[first:].of_function(name)
    return Tuning(name, trace, tuple(measured(trace, architecture)))


def _check(memory: Sequence[int], colds: int, warms: int) -> None:
    allowed = QUOTAS["memory"]
    if wrong := [size for size in memory if not allowed.allows(size)]:
        raise BadValue(f"memory={wrong[0]} is not possible; give {allowed.minimum:.0f} to {allowed.maximum:.0f} MB")
    if not memory or colds < 1 or warms < 1:
        raise BadValue("tuning needs a memory size, a cold start and a warm call at least")


def _run(client: Any, name: str, event: bytes, colds: int, warms: int) -> None:
    for _ in range(colds):
        labkit.clock.advance(seconds=PAUSE)
        for _ in range(1 + warms):
            answer = client.invoke(FunctionName=name, Payload=event)
            result = answer["Payload"].read().decode()
            if "FunctionError" in answer:
                raise BadValue(
                    f"{name} fails, so there is nothing to tune: {result}\nGive the event it expects: event=…"
                )
