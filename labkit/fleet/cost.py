"""What a month of invocations costs, to the cent, from the dated prices of us-east-1.

Prices, tiers and the free tier are facts (PRC-01 to PRC-06, NOTES-02); the sums are exact. Left out are what the price
list does not know of a trace: data transfer, logs, and the services around a function.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from labkit.facts import PRICES, QUOTAS, unknown
from labkit.fleet.bill import Bill, Line
from labkit.fleet.settings import Schedule, limits, whole
from labkit.mistake import BadValue
from labkit.records import START_TYPES, Trace

ARCHITECTURES = ("x86_64", "arm64")
INIT_BILLING = ("2025-08", "pre-2025-08")  # LIFE-03
MB_PER_GB = 1024
INCLUDED_TMP = int(QUOTAS["ephemeral_storage"].default or 0)  # MB
MS = 1000
ROUNDING = 1e-6  # milliseconds; 100 ms are 100 ms, whatever the last bit of 0.1 s


def cost(
    trace: Trace,
    *,
    times: int = 1,
    architecture: str = "x86_64",
    provisioned: Schedule = 0,
    until: float | None = None,
    tmp: int = INCLUDED_TMP,
    runtime: str = "python3.13",
    cached: float = 0.0,
    init_billing: str = "2025-08",
    free_tier: bool = True,
) -> Bill:
    """The bill of a month in which this trace, measured or simulated, happens `times` times; throttled calls are free.

    `provisioned` is a number or pairs of seconds and numbers as in `simulate`, paid from then (a number: from the first
    arrival) `until` the last one's end or later, in seconds; no free tier applies with it. `tmp` is MB. `cached` is how
    many seconds a SnapStart version of `runtime` is kept in the month, of which three hours are the least that is paid.
    `init_billing="pre-2025-08"` bills the Init phase as it was: not at all for a managed runtime and a zip.

    https://aws.amazon.com/lambda/pricing/; `BadValue` says what can't be.
    """
    _check(architecture, init_billing, tmp, cached)
    whole("times", times, least=1)
    milliseconds = _billed(trace, init_billing)
    memory = np.rint(trace.memory).astype(np.int64)
    ran, ahead, restored = milliseconds >= 0, _started(trace, "provisioned"), _started(trace, "restored")
    extra_tmp = np.full(len(trace), tmp - INCLUDED_TMP)
    kept_ready = _provisioned_gb_seconds(trace, provisioned, until)
    free = free_tier and not kept_ready
    usage = [
        ("Requests", "requests", Fraction(int(ran.sum())), "free_requests" if free else None),
        (
            "Duration", f"duration_{architecture}", _gb_seconds(milliseconds, memory, ran & ~ahead),
            "free_duration" if free else None,
        ),
        ("Provisioned concurrency", f"provisioned_{architecture}", kept_ready, None),
        (
            "Duration on provisioned concurrency", f"provisioned_duration_{architecture}",
            _gb_seconds(milliseconds, memory, ahead), None,
        ),
        (f"/tmp above {INCLUDED_TMP} MB", "ephemeral_storage", _gb_seconds(milliseconds, extra_tmp, ran), None),
        ("SnapStart restores", "snapstart_restore", _restored_gb(runtime, memory[restored]), None),
    ]  # fmt: skip
    lines = [_line(item, price, times * amount, free_quota) for item, price, amount, free_quota in usage]
    lines.append(_line("SnapStart cache", "snapstart_cache", _cached_gb_seconds(runtime, cached, memory)))
    return Bill(tuple(line for line in lines if line.amount or line is lines[0]))


def break_even_provisioned(architecture: str = "x86_64") -> float:
    """From which share of its time in use (0 to 1) a provisioned environment is cheaper than one on demand.

    The price of keeping it ready is won back by the lower price of the duration on it.
    """
    _check(architecture)
    on_demand, kept, used = (
        _price(f"{name}_{architecture}") for name in ("duration", "provisioned", "provisioned_duration")
    )
    return float(kept / (on_demand - used))


def fargate_task(seconds: float, *, vcpu: float, memory: int, tasks: int = 1, architecture: str = "x86_64") -> Bill:
    """The bill of Fargate tasks (Linux, on demand) that run for so many seconds each, for work that Lambda can't do.

    `memory` is MB. A task is billed by the second, one minute at least; 20 GB of storage are included (FGT-01, FGT-02).
    """
    _check(architecture)
    whole("tasks", tasks, least=1)
    if not (seconds >= 0 and vcpu > 0 and memory > 0):
        raise BadValue(f"a task with seconds={seconds}, vcpu={vcpu}, memory={memory} can't be; give numbers above zero")
    hours = tasks * Fraction(max(int(np.ceil(seconds)), int(QUOTAS["fargate_billing"].minimum)), 3600)
    return Bill(
        (
            _line("Fargate vCPU", f"fargate_vcpu_{architecture}", hours * Fraction(str(vcpu))),
            _line("Fargate memory", f"fargate_memory_{architecture}", hours * Fraction(memory, MB_PER_GB)),
        )
    )


def _check(architecture: str, init_billing: str = INIT_BILLING[0], tmp: int = INCLUDED_TMP, cached: float = 0) -> None:
    if architecture not in ARCHITECTURES:
        raise BadValue(unknown("architecture", architecture, ARCHITECTURES))
    if init_billing not in INIT_BILLING:
        raise BadValue(unknown("way of billing Init", init_billing, INIT_BILLING))
    storage = QUOTAS["ephemeral_storage"]
    if not storage.allows(tmp):
        raise BadValue(f"tmp={tmp} is not possible; /tmp has {storage.minimum:.0f} to {storage.maximum:.0f} MB")
    if not cached >= 0:
        raise BadValue(f"cached={cached} is not possible; give seconds, 0 or more")


def _billed(trace: Trace, init_billing: str) -> np.ndarray:
    """Milliseconds of each invocation, -1 for one that never ran."""
    milliseconds = np.rint(trace.billed * MS)
    if init_billing != INIT_BILLING[0]:
        handler = np.ceil(trace.duration * MS - ROUNDING)
        milliseconds = np.where(_started(trace, "cold"), handler, milliseconds)
    return np.where(_started(trace, ""), -1, milliseconds).astype(np.int64)


def _started(trace: Trace, start_type: str) -> np.ndarray:
    return np.asarray(trace.start_type == START_TYPES.index(start_type))


def _gb_seconds(milliseconds: np.ndarray, megabytes: np.ndarray, rows: np.ndarray) -> Fraction:
    return Fraction(int((milliseconds[rows] * megabytes[rows]).sum()), MS * MB_PER_GB)


def _provisioned_gb_seconds(trace: Trace, provisioned: Schedule, until: float | None) -> Fraction:
    """What is configured, each number for its time, rounded up to five minutes."""
    steps = list(limits(reserved=None, provisioned=provisioned, account_limit=1 << 62, used_by_others=0).provisioned)
    if not any(count for _, count in steps):
        return Fraction(0)
    sizes = np.unique(trace.memory)
    if len(sizes) != 1:
        raise BadValue(
            f"provisioned concurrency belongs to one function; the trace has {len(sizes)} memory sizes. "
            "Take the trace of one function first, as in trace.of_function('f')"
        )
    last = float((trace.arrival + trace.wait + trace.init + trace.duration).max())
    end = last if until is None else until
    step = int(QUOTAS["provisioned_billing_step"].step or 1)
    seconds = 0
    for (begin, count), (following, _) in _pairs(steps, end):
        begin = max(begin, float(trace.arrival[0]))
        seconds += count * step * int(np.ceil(max(following - begin, 0.0) / step - ROUNDING))
    return Fraction(seconds * int(sizes[0]), MB_PER_GB)


def _pairs(steps: list[tuple[float, int]], end: float) -> Iterator[tuple[tuple[float, int], tuple[float, int]]]:
    before = [(time, count) for time, count in steps if time < end]
    return zip(before, [*before[1:], (end, 0)], strict=True)


def _restored_gb(runtime: str, memory: np.ndarray) -> Fraction:
    return Fraction(0) if _snapstart_is_free(runtime) else Fraction(int(memory.sum()), MB_PER_GB)


def _cached_gb_seconds(runtime: str, cached: float, memory: np.ndarray) -> Fraction:
    if not cached or _snapstart_is_free(runtime) or not len(memory):
        return Fraction(0)
    seconds = max(int(np.ceil(cached)), int(QUOTAS["snapstart_cache"].minimum))
    return Fraction(seconds * int(memory[0]), MB_PER_GB)


def _snapstart_is_free(runtime: str) -> bool:
    return runtime.startswith("java")  # PRC-06


def _line(item: str, price: str, amount: Fraction, free_quota: str | None = None) -> Line:
    row = PRICES[price]
    free = min(amount, Fraction(int(QUOTAS[free_quota].maximum))) if free_quota else Fraction(0)
    left, below, usd = amount - free, Fraction(0), Fraction(0)
    for bound, rate in row.tiers:
        upper = left if np.isinf(bound) else min(left, Fraction(int(bound)))
        usd += max(upper - below, Fraction(0)) * Fraction(repr(rate)) / int(row.per)
        below = max(upper, below)
    return Line(item, amount, free, row.unit, usd, row.as_of)


def _price(name: str) -> Fraction:
    return Fraction(repr(PRICES[name].tiers[0][1]))
