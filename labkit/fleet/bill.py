"""A bill: what was used, what of it was free, what the rest costs."""

from __future__ import annotations

import html
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

CENT = Decimal("0.01")
HEAD = ("item", "amount", "free", "unit", "USD")


@dataclass(frozen=True, slots=True)
class Line:
    """One item: how much of it there was, how much of that was free, and what the rest costs in USD, exactly."""

    item: str
    amount: Fraction
    free: Fraction
    unit: str
    usd: Fraction
    as_of: str

    def cells(self) -> tuple[str, ...]:
        """The line as text; USD to a thousandth of a cent."""
        return self.item, f"{float(self.amount):,.6g}", f"{float(self.free):,.6g}", self.unit, f"{float(self.usd):,.5f}"


@dataclass(frozen=True, slots=True)
class Bill:
    """The lines of a month, and their total in USD, to the cent."""

    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        """USD, rounded to the cent once all is added up."""
        exact = sum((line.usd for line in self.lines), Fraction(0))
        return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(CENT, ROUND_HALF_UP)

    @property
    def as_of(self) -> str:
        """The date of the oldest price in it."""
        return min(line.as_of for line in self.lines)

    def usd(self, item: str) -> float:
        """What one item costs, 0 where it is not on the bill."""
        return float(sum((line.usd for line in self.lines if line.item == item), Fraction(0)))

    def __str__(self) -> str:
        rows = [HEAD, *(line.cells() for line in self.lines)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        return "\n".join([*lines, self._headline()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th scope='col'>{name}</th>" for name in HEAD)
        rows = "".join(
            f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in line.cells())}</tr>" for line in self.lines
        )
        caption = f"<caption>{html.escape(self._headline())}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def _headline(self) -> str:
        return f"Total: {self.total} USD a month, us-east-1, prices as of {self.as_of}"
