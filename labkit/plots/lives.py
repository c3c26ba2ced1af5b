"""What happened to messages of a queue or records of a stream: a row each, from the sending to the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from labkit.plots.bars import draw_bars
from labkit.plots.figure import Figure, check_messages, head, house_style, new_axes
from labkit.plots.marks import FAILURE_LOOKS, MESSAGE_MARKS, MESSAGE_STATES
from labkit.plots.time_axis import TimeAxis, cuts_in_words, draw_time_axis, time_axis
from labkit.plots.wording import count_text, shortened, time_text
from labkit.records import MessageStep, MessageTrace
from labkit.records.messages import short_id

MOST_ROWS = 30
STATE_AFTER = {  # in which state a message is from this step to its next
    "sent": "queued", "visible again": "queued", "dead-lettered": "queued", "received": "batched",
    "batched": "batched", "invoked": "invoke", "failed": "retry", "throttled": "retry",
}  # fmt: skip


@dataclass(frozen=True)
class Life:
    """One row: what happened to a message, or to a record on its way to one of several functions."""

    label: str
    steps: tuple[MessageStep, ...]

    def spans(self, state: str) -> list[tuple[float, float]]:
        """From when to when it was in a state, through steps that do not change it."""
        states = [STATE_AFTER.get(step.step) for step in self.steps]
        changes = [n for n, found in enumerate(states) if n == 0 or found != states[n - 1]]
        ends = [*changes[1:], len(self.steps) - 1]
        times = [(self.steps[n].time, self.steps[end].time) for n, end in zip(changes, ends, strict=True)]
        return [span for span, n in zip(times, changes, strict=True) if states[n] == state and span[0] < span[1]]


@dataclass(frozen=True)
class Rows:
    """The lives to draw, times in seconds since `first`; `of` is how many there are."""

    lives: list[Life]
    first: float
    of: int

    def spans(self, state: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """From when to when messages were in a state, and in which rows."""
        found = [
            (begin - self.first, end - self.first, row)
            for row, life in enumerate(self.lives)
            for begin, end in life.spans(state)
        ]
        left, right, row = np.array(found).reshape(-1, 3).T
        return left, right, row

    def moments(self, *steps: str) -> tuple[np.ndarray, np.ndarray]:
        """When one of these steps happened (any, when none is named), and in which rows."""
        found = [
            (step.time - self.first, row)
            for row, life in enumerate(self.lives)
            for step in life.steps
            if not steps or step.step in steps
        ]
        at, row = np.array(found).reshape(-1, 2).T
        return at, row


def messages(trace: MessageTrace, source: str = "measured on this machine") -> Figure:
    """What happened to each message of a queue or record of a stream and when: waiting, in a batch, invoked, hidden.

    One row a message, in the order of their first steps; a record that several functions get has a row for each. Marks
    tell how an attempt or a message ended. Only the first 30 rows are drawn; the title and the alt text say so.
    `source` is the line below the chart. `TypeError` and `ValueError` when there is nothing to draw.
    """
    check_messages(trace, "messages")
    rows = laid_out(trace)
    parts = [f"the first {MOST_ROWS} of {rows.of:,}"] if rows.of > MOST_ROWS else []
    axis = _axis_of(rows)
    with house_style():
        figure, axes = new_axes(1.8 + (0.44 if len(rows.lives) <= 12 else 0.3) * len(rows.lives), source)
        handles = [*_draw_states(axes, rows), *_draw_marks(axes, rows)]
        axes.set_yticks(range(len(rows.lives)), [life.label for life in rows.lives], parse_math=False)
        axes.set_ylim(len(rows.lives) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        draw_time_axis(axes, axis)
        head(figure, "\n".join(["What happened to each message", *parts]), handles)
    return Figure(figure, f"{_in_words(trace, rows, axis, parts)} {source[:1].upper()}{source[1:]}.")


def laid_out(trace: MessageTrace) -> Rows:
    """The rows of the chart."""
    steps: dict[str, list[MessageStep]] = {}
    for step in trace:
        steps.setdefault(step.message, []).append(step)
    lives = [life for message, own in steps.items() for life in _lives(message, own)]
    return Rows(lives[:MOST_ROWS], trace[0].time, len(lives))


def _lives(message: str, steps: list[MessageStep]) -> list[Life]:
    """One life; several of a record that several functions get, which is told by who has received it."""
    name = shortened(short_id(message))
    readers = dict.fromkeys(step.function for step in steps if step.step == "received" and step.function)
    if len(readers) < 2:
        return [Life(name, tuple(steps))]
    return [
        Life(f"{name}: {shortened(reader)}", tuple(step for step in steps if step.function in ("", reader)))
        for reader in readers
    ]


def _axis_of(rows: Rows) -> TimeAxis:
    """Something goes on while a handler runs, and at each step; the waiting between may be cut short."""
    begun, ended, _ = rows.spans("invoke")
    at, _ = rows.moments()
    return time_axis(np.concatenate([at, begun]), np.concatenate([at, ended]))


def _draw_states(axes: Axes, rows: Rows) -> list[Patch]:
    drawn = []
    for name, phase in MESSAGE_STATES.items():
        left, right, row = rows.spans(name)
        if len(left):
            drawn.append(draw_bars(axes, name, phase, left, right, row))
    return drawn


def _draw_marks(axes: Axes, rows: Rows) -> list[Line2D]:
    drawn = []
    for step, (marker, colour, height, word) in MESSAGE_MARKS.items():
        at, row = rows.moments(step)
        if len(at):
            looks: dict[str, Any] = FAILURE_LOOKS | {"marker": marker, "markerfacecolor": colour}
            drawn += axes.plot(at, row + height, gid=step, label=word, zorder=4, clip_on=False, **looks)
    return drawn


def _in_words(trace: MessageTrace, rows: Rows, axis: TimeAxis, parts: list[str]) -> str:
    counts = trace.counts()
    ends = [f"{counts[step]:,} {word}" for step, (*_, word) in MESSAGE_MARKS.items() if step in counts]
    many = count_text(len(trace.messages()), "message")
    over = time_text(trace[-1].time - trace[0].time)
    told = [f"What happened to {many} over {over}: {', '.join(ends) or 'nothing has ended'}"]
    drawn = [f"only {part} are drawn" for part in parts]
    return "; ".join([*told, *_longest_wait_in_words(rows), *cuts_in_words(axis), *drawn]) + "."


def _longest_wait_in_words(rows: Rows) -> list[str]:
    """The longest time from the sending to the first invocation."""
    waits = {}
    for life in rows.lives:
        first = {step.step: step.time for step in reversed(life.steps)}
        if "sent" in first and "invoked" in first:
            waits[life.label] = first["invoked"] - first["sent"]
    if not waits:
        return []
    longest = max(waits, key=waits.__getitem__)
    return [f"{longest} waits longest for its first invocation, {time_text(waits[longest])}"]
