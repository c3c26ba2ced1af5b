"""One measurement against its bound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.table import Table

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
        times = "" if self.floor is None else f"{self.measured / self.floor:.2f}"
        bound = self._text(self.bound) + ("" if self.floor is None else f" ({self.most:g} × floor)")
        share = f"{self.measured / self.bound:.2f}"
        return [self.name, self._text(self.measured), floor, times, bound, share, "✔ yes" if self.ok else "✘ no"]

    def _text(self, value: float) -> str:
        return f"{1000 * value:,.1f} ms" if self.unit == "s" else f"{value:,.0f} {self.unit}"


def table_of(results: Iterable[Result], title: str) -> Table:
    """The results as a table."""
    table = Table(*COLUMNS, title=title)
    for result in results:
        table.add_row(*result.row())
    return table
