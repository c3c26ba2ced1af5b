"""The rows of the tables: a fact, and the numbers that belong to one."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from labkit.mistake import BadValue


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement about AWS, with its source and the date for which it holds.

    `exam` is what the study notes or exam material say, and `notes` how that compares with today: agrees, imprecise,
    outdated, or not in the notes. `unverified` names a part of the statement that no source confirmed.
    """

    id: str
    topic: str
    subject: str
    statement: str
    notes: str
    source: str
    as_of: str
    confidence: str
    value: Any = None
    unit: str | None = None
    exam: str | None = None
    unverified: str | None = None

    @property
    def differs(self) -> bool:
        """Whether the study notes say something else than what is true today."""
        return self.notes in ("imprecise", "outdated")

    def __str__(self) -> str:
        return "\n".join(f"{name}: {text}" for name, text in self._lines())

    def _repr_html_(self) -> str:
        row = "<tr><th scope='row'>{}</th><td>{}</td></tr>"
        rows = "".join(row.format(name, html.escape(text)) for name, text in self._lines())
        return f"<table><tbody>{rows}</tbody></table>"

    def _lines(self) -> list[tuple[str, str]]:
        lines = [(self.id, self.subject), ("Today", self.statement), ("Study notes and exam", self.exam)]
        lines += [("Not confirmed", self.unverified), ("Source", f"{self.source}, as of {self.as_of}")]
        return [(name, text) for name, text in lines if text]


@dataclass(frozen=True, slots=True)
class Quota:
    """The bounds of one setting or size, in `unit`; `fact` is the id of the fact that states them.

    `managed_minimum` and `managed_maximum` hold for Lambda Managed Instances where they differ, and `exam` is the
    maximum in exam material where that does.
    """

    name: str
    fact: str
    unit: str
    minimum: float = 0
    maximum: float = math.inf
    default: float | None = None
    step: float | None = None
    managed_minimum: float | None = None
    managed_maximum: float | None = None
    exam: float | None = None

    def allows(self, value: float) -> bool:
        """Whether a value lies within the bounds, both included."""
        return self.minimum <= value <= self.maximum


@dataclass(frozen=True, slots=True)
class Price:
    """What `per` units cost in USD in us-east-1, in tiers: (up to this amount a month, USD); the last has no bound."""

    name: str
    fact: str
    unit: str
    per: float
    tiers: tuple[tuple[float, float], ...]
    source: str
    as_of: str

    def cost(self, amount: float) -> float:
        """USD for this amount in one month, each tier at its own price; `ValueError` when the amount is negative."""
        if amount < 0:
            raise BadValue(f"an amount of {self.unit} is not negative: {amount:g} was given")
        total = below = 0.0
        for bound, usd in self.tiers:
            total += max(0.0, min(amount, bound) - below) * usd / self.per
            below = bound
        return total


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """How long idle environments were seen to live: (share gone, after seconds). AWS publishes no number."""

    name: str
    fact: str
    gone: tuple[tuple[float, float], ...]
    statement: str
    as_of: str


@dataclass(frozen=True, slots=True)
class ColdStarts:
    """How long the Init phase of a hello-world function was seen to take on AWS: (share of them, up to ms).

    `memory` is MB, `count` how many cold starts were measured. Large dependencies take longer than this.
    """

    runtime: str
    package: str
    memory: int
    architecture: str
    count: int
    init: tuple[tuple[float, float], ...]
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A policy that AWS keeps, with its document as IAM returns it."""

    name: str
    path: str
    version: str
    updated: str
    document: Mapping[str, Any]

    @property
    def arn(self) -> str:
        """The ARN, which contains the path."""
        return f"arn:aws:iam::aws:policy{self.path}{self.name}"


@dataclass(frozen=True, slots=True)
class Runtime:
    """A runtime identifier and the days from which it is deprecated, refused to new functions, refused to updates.

    A date is None where AWS has announced none. `snapstart` says whether SnapStart works with it.
    """

    name: str
    snapstart: bool
    source: str
    as_of: str
    deprecated: date | None = None
    create_block: date | None = None
    update_block: date | None = None
    successor: str | None = None
