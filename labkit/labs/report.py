"""What a lab asked, and what was seen."""

from __future__ import annotations

import html
from dataclasses import dataclass


@dataclass(frozen=True)
class Criterion:
    """One thing that a lab asks for. `seen` says what the check saw, and what to do when it is not met."""

    asked: str
    met: bool
    seen: str


@dataclass(frozen=True)
class Report:
    """The outcome of a lab. `score` is the share of its criteria that are met, 0 to 1."""

    lab: str
    criteria: tuple[Criterion, ...]

    @property
    def score(self) -> float:
        return sum(criterion.met for criterion in self.criteria) / len(self.criteria)

    @property
    def passed(self) -> bool:
        return all(criterion.met for criterion in self.criteria)

    def __str__(self) -> str:
        lines = [f"{_sign(c.met)} {c.asked}\n    {c.seen}" for c in self.criteria]
        return "\n".join([self._headline(), *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li><b>{_sign(c.met)}</b> {html.escape(c.asked)}<br>{html.escape(c.seen)}</li>" for c in self.criteria
        )
        return f"<div role='status'><p><b>{html.escape(self._headline())}</b></p><ul>{items}</ul></div>"

    def _headline(self) -> str:
        met = sum(criterion.met for criterion in self.criteria)
        state = "done" if self.passed else "not done yet"
        return f"Lab {self.lab}: {state}, {met} of {len(self.criteria)} met."


def _sign(met: bool) -> str:
    return "✔ met" if met else "✘ not met"
