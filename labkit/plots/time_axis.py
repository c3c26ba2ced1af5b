"""A time axis that cuts long idle stretches short, so that millisecond calls minutes apart can still be seen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from labkit.plots.marks import BLACK
from labkit.plots.wording import count_text, number_text, time_text, unit_for

BUSY_SHARE = 0.25  # the axis is cut only when less than this share of it would show any activity
MOST_BREAKS = 50  # more could not be told apart
RESOLUTION = 1e-6  # seconds; below it times since 1970 cannot be told apart as floats
MARGIN = 0.015  # of the axis, left and right
LABEL_SHARE = 0.13  # of the axis that a tick's label needs
BREAK_MARK = Path([(-1.4, -1), (-0.4, 1), (0.4, -1), (1.4, 1)], [Path.MOVETO, Path.LINETO] * 2)
CUT_GREY = "#ECECEC"
MARK_SHARE = 0.02  # of the axis that a break's mark needs
SCALE_BAR_INCHES = -31 / 72  # from the axis, level with its label


@dataclass(frozen=True)
class TimeAxis:
    """Where each second is drawn: one scale everywhere, except for the idle stretches in `breaks` (start, end in s)."""

    seconds: np.ndarray
    drawn: np.ndarray
    breaks: np.ndarray

    def position(self, seconds: np.ndarray) -> np.ndarray:
        """Where these seconds are drawn, in seconds of axis."""
        return np.asarray(np.interp(seconds, self.seconds, self.drawn))

    def second(self, position: np.ndarray) -> np.ndarray:
        """The second that is drawn at these positions."""
        return np.asarray(np.interp(position, self.drawn, self.seconds))

    @property
    def length(self) -> float:
        """From the first second to the last, as drawn."""
        return float(self.drawn[-2] - self.drawn[1])


def time_axis(starts: np.ndarray, ends: np.ndarray) -> TimeAxis:
    """The axis for activities from `starts` to `ends` (s, the first start is 0)."""
    busy = _merged(starts, ends)
    idle = np.column_stack([busy[:-1, 1], busy[1:, 0]])
    breaks, kept = _cut(float(np.sum(busy[:, 1] - busy[:, 0])), idle)
    span = float(busy[-1, 1]) or 1.0
    seconds = np.concatenate([[0.0], breaks.ravel(), [span]])
    steps = np.diff(seconds)
    steps[1::2] = kept
    drawn = np.concatenate([[0.0], np.cumsum(steps)])
    # One more knot at either end continues the scale into the margins.
    seconds = np.concatenate([[-drawn[-1]], seconds, [span + drawn[-1]]])
    drawn = np.concatenate([[-drawn[-1]], drawn, [2 * drawn[-1]]])
    return TimeAxis(seconds, drawn, breaks)


def _merged(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The stretches (start, end) in which at least one activity is going on."""
    order = np.argsort(starts, kind="stable")
    starts, latest = starts[order], np.maximum.accumulate(ends[order])
    first = np.concatenate([[True], starts[1:] > latest[:-1]])
    last = np.concatenate([first[1:], [True]])
    return np.column_stack([starts[first], latest[last]])


def _cut(busy: float, idle: np.ndarray) -> tuple[np.ndarray, float]:
    """The idle stretches to cut, and the length (s) at which each of them is drawn."""
    gaps = idle[:, 1] - idle[:, 0]
    whole = np.sort(gaps)[:-MOST_BREAKS]
    short = max((busy + whole.sum()) / np.clip(len(gaps), 8, MOST_BREAKS), whole.max(initial=0.0))
    long = gaps > 2 * short
    if busy >= BUSY_SHARE * (busy + gaps.sum()) or busy < RESOLUTION or not long.any():
        return idle[:0], 0.0
    to_scale = busy + gaps[~long].sum()
    return idle[long], min(to_scale / max(long.sum(), 8), gaps[long].min() / 2)


def draw_time_axis(axes: Axes, axis: TimeAxis) -> None:
    """Scale and label the x axis of `axes`, whose data are seconds since the first arrival."""
    axes.set_xscale("function", functions=(axis.position, axis.second))
    margin = MARGIN * axis.length
    axes.set_xlim(*axis.second(np.array([axis.drawn[1] - margin, axis.drawn[-2] + margin])))
    (_cut_ticks if len(axis.breaks) else _round_ticks)(axes, axis)
    axes.set_xticks([], minor=True)


def _round_ticks(axes: Axes, axis: TimeAxis) -> None:
    span = float(axis.seconds[-2])
    unit, size = unit_for(span)
    ticks = np.asarray(MaxNLocator(8, steps=[1, 2, 5, 10]).tick_values(0, span / size))
    ticks = ticks[(ticks >= 0) & (ticks <= span / size)]
    axes.set_xticks(ticks * size, [number_text(tick) for tick in ticks])
    axes.set_xlabel(f"time since the first arrival ({unit})", loc="left")


def _cut_ticks(axes: Axes, axis: TimeAxis) -> None:
    """A tick at zero and one after each break as far as their labels have room, each with its own unit."""
    ticks: dict[str, float] = {}
    for second in _with_room(axis, np.concatenate([[0.0], axis.breaks[:, 1]]), LABEL_SHARE):
        ticks.setdefault(time_text(second), second)
    axes.set_xticks(list(ticks.values()), list(ticks))
    axes.tick_params(axis="x", pad=6)
    axes.set_xlabel("time since the first arrival (grey with //: idle, cut short)", loc="left")
    _draw_breaks(axes, axis)
    _draw_scale_bar(axes, axis)


def _with_room(axis: TimeAxis, seconds: np.ndarray, share: float) -> list[float]:
    """The first of these seconds and, going right, each that is drawn at least `share` of the axis after the last."""
    kept, room_from = [], -math.inf
    for second, position in zip(seconds, axis.position(seconds), strict=True):
        if position >= room_from:
            kept.append(float(second))
            room_from = position + share * axis.length
    return kept


def _draw_breaks(axes: Axes, axis: TimeAxis) -> None:
    whole_height = axes.get_xaxis_transform()
    corners = [[(start, 0), (end, 0), (end, 1), (start, 1)] for start, end in axis.breaks]
    grey = PolyCollection(corners, facecolor=CUT_GREY, linewidth=0, transform=whole_height, zorder=0, gid="cut")
    axes.add_collection(grey, autolim=False)
    middles = _with_room(axis, axis.second(axis.position(axis.breaks).mean(axis=1)), MARK_SHARE)
    marks: dict[str, Any] = {"transform": whole_height, "linestyle": "", "clip_on": False, "zorder": 5}
    axes.plot(middles, [0] * len(middles), marker="s", color=CUT_GREY, markersize=4, **marks)
    axes.plot(middles, [0] * len(middles), marker=BREAK_MARK, color=BLACK, markersize=8, **marks)


def _draw_scale_bar(axes: Axes, axis: TimeAxis) -> None:
    """A bar below the axis that says how long a time is outside the breaks, as on a map."""
    power = 10.0 ** math.floor(math.log10(axis.length / 6))
    length = max(step * power for step in (1, 2, 5) if step * power <= axis.length / 6 or step == 1)
    left = 1 - length / axis.length / (1 + 2 * MARGIN)
    below = axes.transAxes + ScaledTranslation(0, SCALE_BAR_INCHES, axes.figure.dpi_scale_trans)
    axes.plot([left, 1], [0, 0], color=BLACK, marker="|", markersize=8, transform=below, clip_on=False)
    axes.text(left, 0, f"{time_text(length)}  ", transform=below, ha="right", va="center")


def cuts_in_words(axis: TimeAxis) -> list[str]:
    """What of the axis is cut short; empty when nothing is."""
    cut = float(np.sum(axis.breaks[:, 1] - axis.breaks[:, 0]))
    stretches = count_text(len(axis.breaks), "idle stretch", "idle stretches")
    return [f"on the axis {stretches}, {time_text(cut)} in all, cut short"] if cut else []
