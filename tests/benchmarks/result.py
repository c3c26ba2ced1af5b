"""One measurement against its bound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.table import Table

SHORT = 1e-4  # seconds, below which they are told in microseconds
FAR_BELOW = 0.2
COLUMNS = ("what", "measured", "floor", "× floor", "bound", "of bound", "ok")


@dataclass(frozen=True)
class Result:
    """A measurement in `unit`s; the bound is `most`, or `most` times the floor when there is one."""

    name: str
    measured: float
    most: float
    floor: float | None = None
    floor_name: str = ""
    unit: str = "s"

    @property
    def bound(self) -> float:
        return self.most if self.floor is None else self.most * self.floor

    @property
    def ok(self) -> bool:
        return self.measured <= self.bound

    def row(self) -> list[str]:
        """The cells of its table row: name, measured, floor, times the floor, bound, share of the bound, ok."""
        floor = "" if self.floor is None else f"{self._text(self.floor)} ({self.floor_name})"
        times = "" if self.floor is None else _times(self.measured / self.floor)
        bound = self._text(self.bound) + ("" if self.floor is None else f" ({_times(self.most)} × floor)")
        share = f"{self.measured / self.bound:.2f}"
        return [self.name, self._text(self.measured), floor, times, bound, share, "✔ yes" if self.ok else "✘ no"]

    def _text(self, value: float) -> str:
        if self.unit != "s":
            return f"{value:,.0f} {self.unit}"
        return f"{1000 * value:,.1f} ms" if value >= SHORT else f"{1e6 * value:,.3g} µs"


def _times(ratio: float) -> str:
    """A ratio that reads well: 2.00, or 1/30 for one that is far below 1."""
    return f"{ratio:.2f}" if ratio > FAR_BELOW else f"1/{1 / ratio:,.0f}"


def table_of(results: Iterable[Result], title: str) -> Table:
    """The results as a table."""
    table = Table(*COLUMNS, title=title)
    for result in results:
        table.add_row(*result.row())
    return table
