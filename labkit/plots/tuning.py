"""Power tuning: what more memory does to time and cost, every measured point shown."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from labkit.fleet.sizes import KINDS, Measured, measured
from labkit.plots.figure import Figure, axes_side_by_side, check_trace, head, house_style
from labkit.plots.marks import BLACK, START_COLOURS
from labkit.plots.wording import number_text, time_text
from labkit.records import Trace

MARKERS = {"cold": "s", "warm": "o"}
STYLES: dict[str, Any] = {"cold": "-", "warm": "--"}


def tuning(trace: Trace, source: str = "measured on this machine", *, architecture: str = "x86_64") -> Figure:
    """Time and cost against memory, cold and warm apart; a point is an invocation, a line joins the medians.

    `trace` holds one function at several memory sizes, as `labkit.tune` measures it. Cost is USD for a million such
    invocations, without the free tier. `TypeError` and `ValueError` when there is nothing to draw.
    """
    check_trace(trace, "tuning")
    found = measured(trace, architecture)
    with house_style():
        figure, left, right = axes_side_by_side(3.6, source)
        for kind in KINDS:
            of_kind = [one for one in found if one.kind == kind]
            _draw(left, right, kind, of_kind)
        _axis(left, "wait + init + handler (ms)")
        _axis(right, "USD for a million invocations")
        head(figure, "Memory against time and cost", _handles())
    return Figure(figure, _in_words(found, source))


def _draw(left: Axes, right: Axes, kind: str, of_kind: list[Measured]) -> None:
    colour = START_COLOURS[kind]
    points: dict[str, Any] = {"linestyle": "", "marker": MARKERS[kind], "color": colour, "alpha": 0.5, "markersize": 4}
    line: dict[str, Any] = {"linestyle": STYLES[kind], "color": colour}
    sizes = [one.memory for one in of_kind]
    for one in of_kind:
        left.plot([one.memory] * len(one.latency), one.latency, gid=f"{kind} points {one.memory}", **points)
    left.plot(sizes, [one.median for one in of_kind], gid=f"{kind} medians", **line)
    left.plot(sizes, [one.nearly_all for one in of_kind], linestyle="", marker="_", markersize=12, color=colour)
    right.plot(sizes, [one.million for one in of_kind], marker=MARKERS[kind], gid=f"{kind} cost", **line)


def _axis(axes: Axes, label: str) -> None:
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(LogLocator(base=2, numticks=8))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda mb, _: number_text(mb)))
    axes.set_xlabel("memory (MB, logarithmic axis)", loc="left")
    axes.set_ylabel(label)
    axes.set_ylim(0, None)
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.8)
    axes.set_axisbelow(True)


def _handles() -> list[Line2D]:
    lines = [
        Line2D([], [], color=START_COLOURS[kind], marker=MARKERS[kind], linestyle=STYLES[kind], label=f"{kind}, median")
        for kind in KINDS
    ]
    return [*lines, Line2D([], [], color=BLACK, linestyle="", marker="_", markersize=12, label="99 % are below")]


def _in_words(found: list[Measured], source: str) -> str:
    words = [
        f"{one.memory} MB {one.kind} ({len(one.latency)}): median {time_text(one.median / 1000)}, "
        f"99 % below {time_text(one.nearly_all / 1000)}, {one.million:.2f} USD for a million"
        for one in found
    ]
    return f"Memory against time and cost; {'; '.join(words) or 'none'}. {source[:1].upper()}{source[1:]}."
