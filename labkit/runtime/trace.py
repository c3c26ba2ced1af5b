"""The trace header of an invocation: which request it belongs to, and how often its chain has come by each function.

Its Lineage, by which Lambda finds loops, is in the form that was recorded (September 2026): the hops in all, then for
each function eight digits that stand for it and how often it was invoked before.
https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
"""

from __future__ import annotations

import hashlib
import secrets

LINEAGE = "Lineage="


def new_trace(now: float) -> str:
    """A trace header for an invocation that came without one; it is not sampled. `now` is seconds since 1970."""
    unique = secrets.token_hex(20)
    return f"Root=1-{int(now):08x}-{unique[:24]};Parent={unique[24:]};Sampled=0"


def invoked_again(trace: str, function_arn: str) -> str:
    """The trace with one more invocation of this function in its Lineage."""
    counts = _lineage(trace)
    counts[_hash(function_arn)] = counts.get(_hash(function_arn), -1) + 1
    others = [part for part in trace.split(";") if not part.startswith(LINEAGE)]
    hops = sum(counts.values()) + len(counts)
    listed = ",".join(f"{name}:{count}" for name, count in counts.items())
    return ";".join([*others, f"{LINEAGE}{hops}:{listed}"])


def times_invoked(trace: str, function_arn: str) -> int:
    """How often the chain that this trace is of has invoked the function."""
    return _lineage(trace).get(_hash(function_arn), -1) + 1


def _lineage(trace: str) -> dict[str, int]:
    """For each function of the chain, how often it was invoked before its last invocation."""
    listed = next((part.removeprefix(LINEAGE) for part in trace.split(";") if part.startswith(LINEAGE)), "")
    entries = (entry.partition(":") for entry in listed.partition(":")[2].split(","))
    return {name: int(count) for name, _, count in entries if count.isdigit()}


def _hash(function_arn: str) -> str:
    """Eight digits that stand for a function, whatever version of it was called."""
    return hashlib.sha256(":".join(function_arn.split(":")[:7]).encode()).hexdigest()[:8]
