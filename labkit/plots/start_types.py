"""Cold against warm: every invocation's end-to-end latency as a point, grouped by how it started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from labkit.plots.figure import Figure, check_trace, head, house_style, new_axes
from labkit.plots.marks import BLACK, FAILURES, START_COLOURS, failures_in_words
from labkit.plots.wording import count_text, number_text, time_text
from labkit.records import Trace

LOGARITHMIC_FROM = 20  # times between the shortest and the longest latency
MARKERS = {"ok": "o"} | {outcome: marker for outcome, (marker, *_) in FAILURES.items()}
POINT_LOOKS: dict[str, Any] = {
    "linestyle": "", "alpha": 0.65, "markersize": 7, "markeredgecolor": "white", "markeredgewidth": 0.5,
}  # fmt: skip
GOLDEN = (5**0.5 - 1) / 2  # its multiples spread evenly, so points fall apart the same way each time


@dataclass(frozen=True)
class Group:
    """The invocations that started in one way: their latencies in ms and their outcomes in words."""

    kind: str
    latency: np.ndarray
    outcome: np.ndarray

    @property
    def label(self) -> str:
        """The way of starting, in words."""
        return self.kind or "start not recorded"


def starts(trace: Trace, source: str = "measured on this machine") -> Figure:
    """How long invocations took from arrival to answer (wait + init + duration), by the way they started.

    Each invocation is a point (failures have their own shapes), each group's median a line with its number. The axis is
    logarithmic when the longest latency is more than 20 times the shortest. Throttled invocations have no latency and
    are only counted. `source` is the line below the chart: "measured on this machine" or "simulated". `TypeError` and
    `ValueError` when there is nothing to draw.
    """
    check_trace(trace, "starts")
    groups, throttled = grouped(trace)
    with house_style():
        figure, axes = new_axes(1.3 + 0.85 * len(groups), source)
        _draw_axis(axes, groups)
        for row, group in enumerate(groups):
            _draw_group(axes, row, group)
        head(figure, "Time from arrival to answer, cold and warm", _failure_handles(groups))
    return Figure(figure, _in_words(groups, throttled, source))


def grouped(trace: Trace) -> tuple[list[Group], int]:
    """The groups to draw (cold and warm even when empty), and how many invocations were throttled."""
    kinds, outcomes = trace.words("start_type"), trace.words("outcome")
    latency = 1000 * sum(np.nan_to_num(column) for column in (trace.wait, trace.init, trace.duration))
    served = outcomes != "throttled"
    members = {kind: served & (kinds == kind) for kind in START_COLOURS}
    drawn = [kind for kind in START_COLOURS if kind in ("cold", "warm") or members[kind].any()]
    return [Group(kind, latency[members[kind]], outcomes[members[kind]]) for kind in drawn], int((~served).sum())


def _draw_axis(axes: Axes, groups: list[Group]) -> None:
    axes.set_yticks(range(len(groups)), [f"{g.label}\n{count_text(len(g.latency), 'invocation')}" for g in groups])
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    latencies = np.concatenate([group.latency for group in groups])
    if not len(latencies):
        axes.set_xticks([])
        return
    low, high = latencies.min(), latencies.max()
    if 0 < LOGARITHMIC_FROM * low < high:
        axes.set_xscale("log")
        axes.set_xlim(low / (high / low) ** 0.06, high * (high / low) ** 0.06)
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 500 * low else (1,)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("wait + init + handler (ms, logarithmic axis)", loc="left")
    else:
        axes.set_xlim(0, 1.08 * high or 1.0)
        axes.set_xlabel("wait + init + handler (ms)", loc="left")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda ms, _: number_text(ms)))
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.8)
    axes.set_axisbelow(True)


def _draw_group(axes: Axes, row: int, group: Group) -> None:
    if not len(group.latency):
        nothing = f"no {group.kind} invocations in these records"
        axes.text(0.5, row, nothing, transform=axes.get_yaxis_transform(), ha="center", va="center")
        return
    heights = row + 0.4 * ((np.arange(len(group.latency)) * GOLDEN + 0.5) % 1 - 0.5)
    for outcome, marker in MARKERS.items():
        some = group.outcome == outcome
        if some.any():
            looks = POINT_LOOKS | {"marker": marker, "color": START_COLOURS[group.kind]}
            axes.plot(group.latency[some], heights[some], gid=f"{group.kind} {outcome}", **looks)
    median = float(np.median(group.latency))
    axes.plot([median, median], [row - 0.26, row + 0.26], color="black", linewidth=2, gid=f"{group.kind} median")
    _label_median(axes, median, row - 0.29)


def _label_median(axes: Axes, median: float, height: float) -> None:
    """The median's number above its line, turned inwards near either end of the axis."""
    left, right = axes.transScale.transform([(x, 0) for x in axes.get_xlim()])[:, 0]
    share = (axes.transScale.transform((median, 0))[0] - left) / (right - left)
    side = "left" if share < 0.12 else "right" if share > 0.88 else "center"
    axes.text(median, height, f"median {time_text(median / 1000)}", ha=side, va="bottom")


def _failure_handles(groups: list[Group]) -> list[Line2D]:
    seen = {outcome for group in groups for outcome in group.outcome}
    shapes = [{"marker": marker, "label": word} for outcome, (marker, word, _) in FAILURES.items() if outcome in seen]
    return [Line2D([], [], color=BLACK, **POINT_LOOKS | shape) for shape in shapes]


def _in_words(groups: list[Group], throttled: int, source: str) -> str:
    shown = sum(len(group.latency) for group in groups)
    words = [f"Time from arrival to answer of {count_text(shown, 'invocation')}: {_group_in_words(groups[0])}"]
    words += map(_group_in_words, groups[1:])
    words += [f"{throttled:,} throttled, not drawn"] if throttled else []
    return f"{'; '.join(words)}. {source[:1].upper()}{source[1:]}."


def _group_in_words(group: Group) -> str:
    if not len(group.latency):
        return f"no {group.kind} ones"
    median, low, high = (time_text(ms / 1000) for ms in np.quantile(group.latency, [0.5, 0, 1]))
    times = f"median {median} (from {low} to {high})" if len(group.latency) > 1 else median
    return ", ".join([f"{len(group.latency):,} {group.label}", times, *failures_in_words(group.outcome)])
