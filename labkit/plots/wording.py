"""Times and counts in words: three significant digits, the unit that fits, singular and plural."""

from __future__ import annotations

import math

UNITS = (("ms", 0.001), ("s", 1.0), ("min", 60.0), ("h", 3600.0))
LONGEST_NAME = 20


def unit_for(seconds: float) -> tuple[str, float]:
    """The unit in which a time of this many seconds reads best, and how many seconds it has."""
    return UNITS[0 if seconds < 1 else 1 if seconds < 120 else 2 if seconds < 7200 else 3]


def time_text(seconds: float) -> str:
    """This many seconds with their unit, for example "48.2 ms", "2.1 s" or "3 min"."""
    unit, size = unit_for(seconds)
    return f"{number_text(seconds / size)} {unit}"


def number_text(number: float) -> str:
    """A number with three significant digits, at most three of them after the point."""
    decimals = min(3, max(0, 2 - math.floor(math.log10(abs(number))))) if number else 0
    text = f"{number:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text


def count_text(count: int, singular: str, plural: str | None = None) -> str:
    """How many of something, for example "1 error", "3 errors"."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def shortened(name: str) -> str:
    """A name that fits beside a row; a longer one loses its middle."""
    half = LONGEST_NAME // 2
    return name if len(name) <= LONGEST_NAME else f"{name[:half]}…{name[-half + 1 :]}"
