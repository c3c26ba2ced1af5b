"""What is true of AWS Lambda, each statement with its source and date: facts, quotas, prices, runtimes, policies.

A number stands in one place, beside the fact that states it (`facts.json`); the tables here are read from there.
    facts.get("NOTES-03").statement        facts.QUOTAS["timeout"].maximum        facts.PRICES["requests"].cost(3e6)
Prices change and differ by Region: show the date (`as_of`) beside each figure.
"""

from __future__ import annotations

from labkit.facts.load import (
    COLD_STARTS,
    FACTS,
    KEEP_ALIVE,
    MANAGED_POLICIES,
    PRICES,
    QUOTAS,
    RUNTIMES,
    get,
    listed_runtimes,
    topic,
)
from labkit.facts.rows import ColdStarts, Fact, KeepAlive, ManagedPolicy, Price, Quota, Runtime
from labkit.facts.table import Table, UnknownName, close_matches, unknown

__all__ = [
    "COLD_STARTS", "FACTS", "KEEP_ALIVE", "MANAGED_POLICIES", "PRICES", "QUOTAS", "RUNTIMES", "ColdStarts", "Fact",
    "KeepAlive", "ManagedPolicy", "Price", "Quota", "Runtime", "Table", "UnknownName", "close_matches", "get",
    "listed_runtimes", "topic", "unknown",
]  # fmt: skip
