from __future__ import annotations

from itertools import combinations

import pytest

from labkit.records import Invocation, Trace

MIDNIGHT = 1_760_000_000.0


def invocation(environment, at, wait, init, duration, start="warm", outcome="ok", function="resize"):
    return Invocation(
        "request", function, "$LATEST", environment, "invoke", start, outcome,
        MIDNIGHT + at, wait, init, duration, duration, 128.0, 40.0,
    )  # fmt: skip


@pytest.fixture
def call():
    """Makes an invocation: environment, seconds after the first arrival, wait, init, duration (s)."""
    return invocation


@pytest.fixture
def mixed():
    """Three environments; a queued event, an error, a timeout and two throttled invocations among them."""
    return Trace.of([
        invocation("a", 0.0, 0.020, 0.048, 0.004, "cold"),
        invocation("b", 0.1, 0.018, 0.040, 0.300, "cold"),
        invocation("a", 0.2, 0.001, 0.0, 0.400),
        invocation("a", 0.3, 0.301, 0.0, 0.050),
        invocation("c", 0.4, 0.030, 0.400, 0.100, "cold", "error"),
        invocation("c", 1.5, 0.001, 0.0, 0.600, outcome="timeout"),
        invocation("", 0.5, 0.0, 0.0, 0.0, "", "throttled"),
        invocation("", 0.6, 0.0, 0.0, 0.0, "", "throttled"),
    ])  # fmt: skip


@pytest.fixture(scope="session")
def check_readable():
    """Asserts that all text of a figure is large enough, inside it, and beside other text."""
    return readable


def readable(figure):
    figure.draw_without_rendering()
    (axes,) = figure.axes
    low, high = axes.get_xlim()
    ticks = [label for label in axes.get_xticklabels() if low <= label.get_position()[0] <= high]
    shown = [*ticks, *axes.get_yticklabels(), *axes.texts, axes.xaxis.label, *figure.texts]
    shown += [*figure.legends[0].get_texts(), figure.legends[0].get_title()]
    shown = [text for text in shown if text.get_text()]
    boxes = {text: text.get_window_extent() for text in shown}
    assert min(text.get_fontsize() for text in shown) >= 9
    assert [(a.get_text(), b.get_text()) for a, b in combinations(shown, 2) if boxes[a].overlaps(boxes[b])] == []
    assert [text.get_text() for text, box in boxes.items() if box.x0 < 0 or box.x1 > figure.bbox.x1] == []
