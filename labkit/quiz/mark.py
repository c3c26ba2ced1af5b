"""The mark an answer gets, in words that explain it."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["right", "part", "wrong", "review"]
SIGNS: dict[Verdict, str] = {
    "right": "✔ Right",
    "part": "◐ Partly right",
    "wrong": "✘ Not right",
    "review": "? For review",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What an answer is worth: `score` 0 to 1, `verdict` right, part, wrong or review (a person decides), and why.

    `matched`, `missing` and `contradicted` are statements: those the answer makes, lacks, and gets wrong.
    """

    score: float
    verdict: Verdict
    feedback: str
    matched: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    contradicted: tuple[str, ...] = ()

    def __str__(self) -> str:
        points = "" if self.verdict == "review" else f" ({self.score:g} of 1)"
        return f"{SIGNS[self.verdict]}{points}. {self.feedback}"

    def _repr_html_(self) -> str:
        sign, _, rest = str(self).partition(". ")
        return f"<p><strong>{html.escape(sign)}.</strong> {html.escape(rest)}</p>"


def scored(
    score: float,
    feedback: str = "",
    matched: tuple[str, ...] = (),
    missing: tuple[str, ...] = (),
    contradicted: tuple[str, ...] = (),
) -> Mark:
    """The mark of this score; its feedback names what was found, what is missing and what contradicts."""
    verdict: Verdict = "right" if score >= 1 else "part" if score > 0 else "wrong"
    parts = (
        feedback,
        _sentence("Found", matched),
        _sentence("Missing", missing) if score < 1 else "",
        _sentence("This does not hold", contradicted),
    )
    return Mark(score, verdict, " ".join(filter(None, parts)), matched, missing, contradicted)


def for_review(feedback: str) -> Mark:
    """No score yet: a person decides."""
    return Mark(0.0, "review", feedback)


def _sentence(lead: str, statements: tuple[str, ...]) -> str:
    return f"{lead}: {'; '.join(statement.rstrip('.') for statement in statements)}." if statements else ""
