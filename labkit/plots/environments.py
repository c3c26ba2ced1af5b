"""The timeline: one row for each execution environment, with all that it did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from labkit.plots.bars import draw_bars
from labkit.plots.figure import Figure, check_trace, head, house_style, new_axes
from labkit.plots.marks import FAILURE_LOOKS, FAILURES, PHASES, failures_in_words
from labkit.plots.time_axis import TimeAxis, cuts_in_words, draw_time_axis, time_axis
from labkit.plots.wording import count_text, shortened, time_text
from labkit.records import Trace

MOST_ENVIRONMENTS = 30
MOST_INVOCATIONS = 2000  # more would run together and look like one busy stretch
NO_ENVIRONMENT = "no environment"


@dataclass(frozen=True)
class Rows:
    """A trace laid out for drawing: one element an invocation, in the order in which environments took them up.

    `row` is the environment's row from the top and `labels` the rows' labels. Times are seconds since the first
    arrival; `idle_from` is the end of the environment's invocation before, or `taken_up` for its first.
    """

    trace: Trace
    row: np.ndarray
    labels: list[str]
    arrival: np.ndarray
    taken_up: np.ndarray
    handler: np.ndarray
    end: np.ndarray
    idle_from: np.ndarray

    @property
    def environments(self) -> int:
        """How many environments there are."""
        return len(self.labels) - self.labels.count(NO_ENVIRONMENT)

    @property
    def drawn(self) -> int:
        """How many rows fit; those after them are left out."""
        return min(self.environments, MOST_ENVIRONMENTS) + self.labels.count(NO_ENVIRONMENT)

    @property
    def spans(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """From when to when each phase of each invocation went on."""
        return {
            "wait": (self.arrival, self.taken_up),
            "init": (self.taken_up, self.handler),
            "invoke": (self.handler, self.end),
            "frozen": (self.idle_from, self.taken_up),
        }


def timeline(trace: Trace, source: str = "measured on this machine") -> Figure:
    """What each execution environment did and when: waiting, init, invoke, frozen; failures are marked.

    One row an environment, in order of first use; invocations that never got one share the last row. Only the first
    2,000 invocations and 30 environments are drawn; the title and the alt text say when some are left out. `source` is
    the line below the chart: "measured on this machine" or "simulated". `TypeError` and `ValueError` when there is
    nothing to draw.
    """
    check_trace(trace, "timeline")
    rows = laid_out(trace[np.sort(np.argsort(trace.arrival, kind="stable")[:MOST_INVOCATIONS])])
    parts = _parts_drawn(len(trace), rows.environments)
    axis = time_axis(rows.arrival, rows.end)
    with house_style():
        figure, axes = new_axes(1.5 + (0.44 if rows.drawn <= 12 else 0.3) * rows.drawn, source)
        handles = [*_draw_phases(axes, rows), *_draw_failures(axes, rows)]
        axes.set_yticks(range(rows.drawn), rows.labels[: rows.drawn], parse_math=False)
        axes.set_ylim(rows.drawn - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        draw_time_axis(axes, axis)
        head(figure, "\n".join(["What each execution environment did", *parts]), handles)
    return Figure(figure, f"{_in_words(rows, axis, parts)} {source[:1].upper()}{source[1:]}.")


def laid_out(trace: Trace) -> Rows:
    """The rows of the timeline and what goes on in them."""
    wait, init, duration = (np.nan_to_num(column) for column in (trace.wait, trace.init, trace.duration))
    order = np.argsort(trace.arrival + wait, kind="stable")
    trace, wait, init, duration = trace[order], wait[order], init[order], duration[order]
    arrival = trace.arrival - trace.arrival.min()
    taken_up = arrival + wait
    end = taken_up + init + duration
    row, labels = _numbered(trace)
    return Rows(trace, row, labels, arrival, taken_up, taken_up + init, end, _idle_from(trace, row, taken_up, end))


def _numbered(trace: Trace) -> tuple[np.ndarray, list[str]]:
    """Each invocation's row, and the rows' labels; the row of those without an environment is always drawn."""
    keys = list(zip(trace.function, trace.environment, strict=True))
    number = {key: i for i, key in enumerate(dict.fromkeys(key for key in keys if key[1]))}
    several = len(set(trace.function)) > 1
    labels = [(f"{shortened(f)}: " if several else "") + f"environment {i + 1}" for (f, _), i in number.items()]
    if all(trace.environment):
        return np.array([number[key] for key in keys]), labels
    none = min(len(labels), MOST_ENVIRONMENTS)
    labels.insert(none, NO_ENVIRONMENT)
    return np.array([number[key] + (number[key] >= none) if key[1] else none for key in keys]), labels


def _idle_from(trace: Trace, row: np.ndarray, taken_up: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Since when each invocation's environment had been frozen when it was taken up."""
    idle_from = taken_up.copy()
    order = np.argsort(row, kind="stable")
    before, after = order[:-1], order[1:]
    same = (row[before] == row[after]) & (trace.environment[after] != "")
    idle_from[after[same]] = np.minimum(end[before[same]], taken_up[after[same]])
    return idle_from


def _draw_phases(axes: Axes, rows: Rows) -> list[Patch]:
    drawn = []
    for name, (start, end) in rows.spans.items():
        phase = PHASES[name]
        some = (end > start) & (rows.row < rows.drawn)
        if not some.any():
            continue
        drawn.append(draw_bars(axes, name, phase, start[some], end[some], rows.row[some]))
    return drawn


def _draw_failures(axes: Axes, rows: Rows) -> list[Line2D]:
    outcomes, drawn = rows.trace.words("outcome"), []
    for outcome, (marker, word, _) in FAILURES.items():
        some = (outcomes == outcome) & (rows.row < rows.drawn)
        if some.any():
            looks = FAILURE_LOOKS | {"marker": marker, "gid": outcome, "label": word}
            drawn += axes.plot(rows.end[some], rows.row[some] - 0.11, zorder=4, clip_on=False, **looks)
    return drawn


def _parts_drawn(invocations: int, environments: int) -> list[str]:
    limits = [(MOST_INVOCATIONS, invocations, "invocations"), (MOST_ENVIRONMENTS, environments, "environments")]
    return [f"the first {most:,} of {count:,} {what}" for most, count, what in limits if count > most]


def _in_words(rows: Rows, axis: TimeAxis, parts: list[str]) -> str:
    drawn = [f"only {part} are drawn" for part in parts]
    failed = failures_in_words(rows.trace.words("outcome"))
    over = time_text(float(rows.end.max()))
    what = f"Timeline of {count_text(rows.environments, 'execution environment')} over {over}: {_starts_in_words(rows)}"
    return "; ".join([what, *failed, *_frozen_in_words(rows), *cuts_in_words(axis), *drawn]) + "."


def _starts_in_words(rows: Rows) -> str:
    counts = rows.trace.counts()
    inits = (rows.handler - rows.taken_up)[rows.trace.words("start_type") == "cold"]
    median = f" (median init {time_text(float(np.median(inits)))})" if len(inits) else ""
    others = [f"{counts[kind]:,} {kind}" for kind in ("warm", "provisioned", "restored") if counts[kind]]
    return ", ".join([count_text(counts["cold"], "cold start") + median, *others])


def _frozen_in_words(rows: Rows) -> list[str]:
    frozen = np.bincount(rows.row, rows.taken_up - rows.idle_from)
    most = int(frozen.argmax())
    if not frozen[most]:
        return []
    longest = "longest, " if np.count_nonzero(frozen) > 1 else ""
    return [f"{rows.labels[most]} is frozen {longest}for {time_text(frozen[most])} in all"]
