from __future__ import annotations

import numpy as np
import pytest

from labkit.plots import timeline
from labkit.plots.marks import PHASES
from labkit.records import Trace


def bars(figure, phase):
    """The bars of one phase as rows of (left s, right s, row), sorted."""
    (axes,) = figure.figure.axes
    (found,) = [c for c in axes.collections if c.get_gid() == phase]
    corners = np.array([path.vertices[:4] for path in found.get_paths()])
    row = corners[:, 0, 1] - PHASES[phase].top
    return np.array(sorted(zip(corners[:, 0, 0], corners[:, 1, 0], row, strict=True)))


def row_labels(figure):
    return [label.get_text() for label in figure.figure.axes[0].get_yticklabels()]


def legend(figure):
    return [text.get_text() for text in figure.figure.legends[0].get_texts()]


def test_every_bar_is_where_the_record_says(mixed):
    figure = timeline(mixed)
    served = mixed[mixed.environment != ""]
    row = np.array([["a", "b", "c"].index(e) for e in served.environment])
    arrival = served.arrival - mixed.arrival.min()
    taken_up = arrival + served.wait
    handler = taken_up + served.init
    cold = served.init > 0
    expected = {
        "wait": (arrival, taken_up, row),
        "init": (taken_up[cold], handler[cold], row[cold]),
        "invoke": (handler, handler + served.duration, row),
    }
    for phase, columns in expected.items():
        assert bars(figure, phase) == pytest.approx(np.array(sorted(zip(*columns, strict=True))), abs=1e-6)


def test_frozen_is_from_one_end_to_the_next_taking_up_in_the_same_environment(mixed):
    expected = [[0.072, 0.201, 0], [0.601, 0.601, 0], [0.93, 1.501, 2]]
    drawn = bars(timeline(mixed), "frozen")
    assert drawn[drawn[:, 1] - drawn[:, 0] > 1e-6] == pytest.approx(np.array(expected)[[0, 2]], abs=1e-6)


def test_the_alt_text_counts_what_the_records_hold(mixed):
    alt = timeline(mixed).alt
    assert alt.startswith(
        "Timeline of 3 execution environments over 2.1 s: 3 cold starts (median init 48 ms), 3 warm; "
    )
    assert "; 1 error; 1 timeout; 2 throttled; " in alt
    assert "environment 3 is frozen longest, for 571 ms in all" in alt
    assert alt.endswith(". Measured on this machine.")
    assert "cut short" not in alt


def test_rows_are_numbered_in_order_of_first_use_and_name_the_function_only_when_there_are_several(call, mixed):
    assert row_labels(timeline(mixed)) == ["environment 1", "environment 2", "environment 3", "no environment"]
    two = Trace.of([
        call("x", 3.0, 0, 0.1, 0.1, "cold", function="thumbnail"),
        call("y", 0.0, 0, 0.1, 0.1, "cold", function="orders"),
        call("z", 9.0, 0, 0.1, 0.1, "cold", function="orders"),
    ])  # fmt: skip
    assert row_labels(timeline(two)) == ["orders: environment 1", "thumbnail: environment 2", "orders: environment 3"]


def test_failures_have_a_symbol_and_a_word_at_the_end_of_the_invocation(mixed):
    figure = timeline(mixed)
    assert legend(figure)[-3:] == ["error", "timeout", "throttled"]
    marks = {line.get_gid(): line for line in figure.figure.axes[0].lines if line.get_gid()}
    assert len({line.get_marker() for line in marks.values()}) == 3
    assert marks["error"].get_xdata() == pytest.approx([0.93], abs=1e-6)
    assert marks["throttled"].get_xdata() == pytest.approx([0.5, 0.6], abs=1e-6)


def test_each_phase_differs_from_the_others_without_its_colour():
    looks = {(phase.hatch, phase.top, phase.bottom) for phase in PHASES.values()}
    assert len(looks) == len(PHASES)


def test_a_long_idle_stretch_is_cut_so_that_calls_of_milliseconds_stay_visible(call):
    figure = timeline(Trace.of([call("a", 0, 0.02, 0.04, 0.003, "cold"), call("a", 180, 0, 0, 0.002)]))
    assert "1 idle stretch, 3 min in all, cut short" in figure.alt
    (axes,) = figure.figure.axes
    assert "cut short" in axes.get_xlabel()
    figure.figure.draw_without_rendering()
    left, right, _ = bars(figure, "invoke")[1]
    assert (left, right) == pytest.approx((180, 180.002))
    (x0, _), (x1, _) = axes.transData.transform([(left, 0), (right, 0)])
    assert x1 - x0 > 5  # pixels; without the cut 0.006
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0 ms", "3 min"]


def test_an_even_trace_is_not_cut(call):
    figure = timeline(Trace.of([call("a", i, 0, 0, 0.5) for i in range(5)]))
    (axes,) = figure.figure.axes
    assert axes.get_xlabel() == "time since the first arrival (s)"
    assert not [c for c in axes.collections if c.get_gid() == "cut"]


@pytest.mark.parametrize(("duration", "unit"), [(0.3, "ms"), (30, "s"), (600, "min")])
def test_the_axis_has_the_unit_that_fits(call, duration, unit):
    (axes,) = timeline(Trace.of([call("a", 0, 0, 0, duration)])).figure.axes
    assert axes.get_xlabel() == f"time since the first arrival ({unit})"


def test_more_environments_than_fit_are_left_out_and_said_so(call):
    figure = timeline(Trace.of([call(f"e{i}", i * 0.1, 0, 0.1, 0.1, "cold") for i in range(50)]), source="simulated")
    assert len(row_labels(figure)) == 30
    assert bars(figure, "invoke")[:, 2].max() == pytest.approx(29)
    assert "only the first 30 of 50 environments are drawn" in figure.alt
    assert "the first 30 of 50 environments" in figure.figure.legends[0].get_title().get_text()
    assert figure.alt.startswith("Timeline of 50 execution environments")


def test_throttled_invocations_are_drawn_below_the_environments_that_fit(call):
    calls = [call(f"e{i}", i * 0.1, 0, 0.1, 0.1, "cold") for i in range(35)]
    figure = timeline(Trace.of([*calls, call("", 2.0, 0, 0, 0, "", "throttled")]))
    assert row_labels(figure)[29:] == ["environment 30", "no environment"]
    assert len(bars(figure, "invoke")) == 30
    assert legend(figure)[-1] == "throttled"
    assert "Timeline of 35 execution environments" in figure.alt


def test_of_very_many_invocations_the_first_are_drawn_and_counted(call):
    figure = timeline(Trace.of([call("a", i * 0.1, 0, 0, 0.05) for i in reversed(range(2100))]))
    drawn = bars(figure, "invoke")
    assert len(drawn) == 2000
    assert drawn[:, 1].max() == pytest.approx(199.95)
    assert "0 cold starts, 2,000 warm" in figure.alt
    assert "only the first 2,000 of 2,100 invocations are drawn" in figure.alt


def test_only_throttled_invocations_still_draw(call):
    figure = timeline(Trace.of([call("", 0, 0, 0, 0, "", "throttled")] * 3))
    assert figure.alt.startswith("Timeline of 0 execution environments over 0 ms: 0 cold starts; 3 throttled.")
    assert row_labels(figure) == ["no environment"]
