"""How much runs at once over time, how many environments that takes, and when invocations are throttled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from labkit.plots.figure import Figure, check_trace, head, house_style, new_axes
from labkit.plots.marks import BLUE, ORANGE, VERMILLION
from labkit.plots.wording import count_text, time_text, unit_for
from labkit.records import START_TYPES, Trace

STEPS = 600  # of the time axis: more than can be told apart
NEVER = START_TYPES.index("")


@dataclass(frozen=True)
class Counts:
    """For each step of time (s, from the first arrival): the most that ran, the environments, and the throttled."""

    time: np.ndarray
    running: np.ndarray
    environments: np.ndarray
    throttled: np.ndarray


def concurrency(trace: Trace, source: str = "measured on this machine") -> Figure:
    """How many invocations ran at once, and how many environments were there for them, over time.

    An environment counts from its first invocation to the end of its last. Throttled invocations are marked above, as
    many as there were in each step. `TypeError` and `ValueError` when there is nothing to draw.
    """
    check_trace(trace, "concurrency")
    counts = counted(trace)
    with house_style():
        figure, axes = new_axes(3.4, source)
        handles = _draw(axes, counts)
        head(figure, "Concurrent executions and environments", handles)
    return Figure(figure, _in_words(trace, counts, source))


def counted(trace: Trace) -> Counts:
    """What is drawn, in at most 600 steps; within a step the most that ran."""
    begin = float(trace.arrival.min())
    served = trace.start_type != NEVER
    wait, init, duration = (np.nan_to_num(column)[served] for column in (trace.wait, trace.init, trace.duration))
    starts = trace.arrival[served] + wait - begin
    ends = starts + init + duration
    refused = trace.arrival[~served] - begin
    span = max(float(ends.max()) if len(ends) else 0.0, float(refused.max()) if len(refused) else 0.0) or 1.0
    edges = np.linspace(0, span, STEPS + 1)
    first, last = _lives(trace.environment[served], starts, ends)
    throttled, _ = np.histogram(refused, edges)
    return Counts(edges[:-1], _most(starts, ends, edges), _most(first, last, edges), throttled)


def _lives(environments: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, number = np.unique(environments.astype(str), return_inverse=True)
    count = int(number.max()) + 1 if len(number) else 0
    first, last = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(first, number, starts)
    np.maximum.at(last, number, ends)
    return first, last


def _most(starts: np.ndarray, ends: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The most that goes on at any moment within each step."""
    begun, ended = np.sort(starts), np.sort(ends)
    at_starts = np.arange(1, len(begun) + 1) - np.searchsorted(ended, begun, "right")
    at_edges = np.searchsorted(begun, edges[:-1], "right") - np.searchsorted(ended, edges[:-1], "right")
    most = at_edges.astype(np.int64)
    np.maximum.at(most, np.clip(np.searchsorted(edges, begun, "right") - 1, 0, len(most) - 1), at_starts)
    return most


def _draw(axes: Axes, counts: Counts) -> list[Line2D]:
    unit, size = unit_for(float(counts.time[-1]) * STEPS / (STEPS - 1))
    time = counts.time / size
    lines = [
        *axes.step(time, counts.environments, where="post", color=ORANGE, linestyle="--", label="environments"),
        *axes.step(time, counts.running, where="post", color=BLUE, label="running at once"),
    ]
    top = max(int(counts.environments.max()), int(counts.running.max()), 1)
    if counts.throttled.any():
        seen = counts.throttled > 0
        sizes = 12 + 60 * counts.throttled[seen] / counts.throttled.max()
        axes.scatter(time[seen], np.full(seen.sum(), 1.1 * top), s=sizes, marker="s", color=VERMILLION, gid="throttled")
        lines.append(Line2D([], [], linestyle="", marker="s", color=VERMILLION, label="throttled"))
    axes.set_ylim(0, 1.2 * top)
    axes.set_xlim(0, None)
    axes.set_xlabel(f"time from the first arrival ({unit})", loc="left")
    axes.yaxis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.8)
    axes.set_axisbelow(True)
    return lines


def _in_words(trace: Trace, counts: Counts, source: str) -> str:
    throttled = int(counts.throttled.sum())
    span = float(counts.time[-1]) * STEPS / (STEPS - 1)
    words = [
        f"Concurrency of {count_text(len(trace), 'invocation')} over {time_text(span)}: "
        f"at most {int(counts.running.max()):,} ran at once, in at most "
        f"{count_text(int(counts.environments.max()), 'environment')}",
        f"{throttled:,} throttled" if throttled else "none throttled",
    ]
    return f"{'; '.join(words)}. {source[:1].upper()}{source[1:]}."
