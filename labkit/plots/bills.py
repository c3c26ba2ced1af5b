"""What bills are made of, one bar each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from labkit.fleet.bill import Bill
from labkit.mistake import BadValue
from labkit.plots.figure import Figure, head, house_style, new_axes
from labkit.plots.marks import BLUE, GREEN, ORANGE, PURPLE, SKY_BLUE, VERMILLION, YELLOW

LOOKS = [
    (BLUE, ""), (ORANGE, "////"), (GREEN, "...."), (PURPLE, "xxxx"), (SKY_BLUE, "\\\\"), (YELLOW, "++"),
    (VERMILLION, "oo"),
]  # fmt: skip


def bills(of: Mapping[str, Bill], source: str = "simulated") -> Figure:
    """A bar for each bill by its name, made of its items in USD a month, its total beside it.

    `ValueError` when there is no bill.
    """
    if not of:
        raise BadValue(
            "bills has nothing to draw: give bills by their names, as in {'on demand': labkit.fleet.cost(trace)}"
        )
    items = list(dict.fromkeys(line.item for bill in of.values() for line in bill.lines))
    looks = dict(zip(items, LOOKS * len(items), strict=False))
    with house_style():
        figure, axes = new_axes(1.2 + 0.6 * len(of), f"{source}, prices of us-east-1 as of {_oldest(of)}")
        for row, bill in enumerate(of.values()):
            _draw(axes, row, bill, looks)
        _draw_axes(axes, of)
        handles = [_patch(item, *looks[item]) for item in items]
        head(figure, "Cost of a month", handles)
    return Figure(figure, _in_words(of, source))


def _draw(axes: Axes, row: int, bill: Bill, looks: dict[str, tuple[str, str]]) -> None:
    left = 0.0
    for item, (colour, hatch) in looks.items():
        usd = bill.usd(item)
        axes.barh(row, usd, left=left, height=0.6, facecolor=colour, edgecolor="black", hatch=hatch, linewidth=0.7)
        left += usd
    axes.annotate(f"{bill.total:,} USD", (left, row), xytext=(4, 0), textcoords="offset points", va="center")


def _draw_axes(axes: Axes, of: Mapping[str, Bill]) -> None:
    axes.set_yticks(np.arange(len(of)), list(of))
    axes.set_ylim(len(of) - 0.5, -0.5)
    axes.set_xlim(0, 1.2 * max(float(bill.total) for bill in of.values()) or 1.0)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("USD a month", loc="left")
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.8)
    axes.set_axisbelow(True)


def _patch(item: str, colour: str, hatch: str) -> Patch:
    return Patch(label=item, facecolor=colour, edgecolor="black", hatch=hatch, linewidth=0.7)


def _oldest(of: Mapping[str, Bill]) -> str:
    return min(bill.as_of for bill in of.values())


def _in_words(of: Mapping[str, Bill], source: str) -> str:
    words = [
        f"{name}: {bill.total:,} USD ({', '.join(f'{line.item} {float(line.usd):,.2f}' for line in bill.lines)})"
        for name, bill in of.items()
    ]
    return f"Cost of a month; {'; '.join(words)}. {source[:1].upper()}{source[1:]}, prices as of {_oldest(of)}."
