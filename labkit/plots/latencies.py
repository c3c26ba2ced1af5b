"""Which share of the invocations was answered within a time, cold, restored and warm apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator, PercentFormatter

from labkit.plots.figure import Figure, check_trace, head, house_style, new_axes
from labkit.plots.marks import START_COLOURS
from labkit.plots.start_types import Group, grouped
from labkit.plots.wording import count_text, number_text, time_text
from labkit.records import Trace

POINTS = 1000  # of a curve: more than can be told apart
STYLES = {"cold": "-", "restored": "-.", "provisioned": ":", "warm": "--", "": (0, (1, 3))}
SHORTEST = 1e-3  # milliseconds; a logarithmic axis has no zero
QUANTILES = (0.5, 0.99)


def latencies(trace: Trace, source: str = "measured on this machine") -> Figure:
    """The cumulative distribution of the time from arrival to answer (wait + init + duration), by the way of starting.

    Throttled invocations have none and are only counted. `TypeError` and `ValueError` when there is nothing to draw.
    """
    check_trace(trace, "latencies")
    groups, throttled = grouped(trace)
    groups = [group for group in groups if len(group.latency)]
    with house_style():
        figure, axes = new_axes(3.4, source)
        handles = [_draw(axes, group) for group in groups]
        _draw_axes(axes)
        head(figure, "Share of invocations answered within a time", handles)
    return Figure(figure, _in_words(groups, throttled, source))


def _draw(axes: Axes, group: Group) -> Line2D:
    shares = np.linspace(0, 1, min(POINTS, max(len(group.latency), 2)))
    times = np.maximum(np.quantile(group.latency, shares, method="higher"), SHORTEST)
    label = f"{group.label} ({len(group.latency):,})"
    style: dict[str, Any] = {
        "color": START_COLOURS[group.kind],
        "linestyle": STYLES[group.kind],
        "linewidth": 1.8,
        "label": label,
    }
    axes.step(times, shares, where="post", gid=f"{group.kind} latency", **style)
    return Line2D([], [], **style)


def _draw_axes(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda ms, _: number_text(ms)))
    axes.set_xlabel("wait + init + handler (ms, logarithmic axis)", loc="left")
    axes.set_ylim(0, 1.02)
    axes.set_yticks(np.linspace(0, 1, 5))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(color="#DDDDDD", linewidth=0.8)
    axes.set_axisbelow(True)


def _in_words(groups: list[Group], throttled: int, source: str) -> str:
    words = []
    for group in groups:
        half, nearly_all = (time_text(ms / 1000) for ms in np.quantile(group.latency, QUANTILES))
        words.append(f"{len(group.latency):,} {group.label}, half within {half}, 99 % within {nearly_all}")
    words += [f"{throttled:,} throttled, not drawn"] if throttled else []
    shown = sum(len(group.latency) for group in groups)
    return (
        f"Share of {count_text(shown, 'invocation')} answered within a time: {'; '.join(words) or 'none'}. "
        f"{source[:1].upper()}{source[1:]}."
    )
