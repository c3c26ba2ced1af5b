from __future__ import annotations

import numpy as np
import pytest

from labkit.plots import starts
from labkit.records import Trace


def lines(figure):
    return {line.get_gid(): line for line in figure.figure.axes[0].lines}


def texts(figure):
    return [text.get_text() for text in figure.figure.axes[0].texts]


def test_each_invocation_is_a_point_at_its_latency(mixed):
    drawn = lines(starts(mixed))
    assert drawn["cold ok"].get_xdata() == pytest.approx([72, 358])
    assert drawn["cold error"].get_xdata() == pytest.approx([530])
    assert drawn["warm ok"].get_xdata() == pytest.approx([401, 351])
    assert drawn["warm timeout"].get_xdata() == pytest.approx([601])
    assert drawn["cold error"].get_marker() != drawn["cold ok"].get_marker() != drawn["warm timeout"].get_marker()


def test_medians_are_drawn_and_written_with_their_unit(mixed):
    figure = starts(mixed)
    assert lines(figure)["cold median"].get_xdata() == pytest.approx([358, 358])
    assert texts(figure) == ["median 358 ms", "median 401 ms"]


def test_the_alt_text_counts_what_the_records_hold(mixed):
    assert starts(mixed, source="simulated").alt == (
        "Time from arrival to answer of 6 invocations: 3 cold, median 358 ms (from 72 ms to 530 ms), 1 error; "
        "3 warm, median 401 ms (from 351 ms to 601 ms), 1 timeout; 2 throttled, not drawn. Simulated."
    )


def test_counts_stand_in_the_labels(mixed):
    labels = [label.get_text() for label in starts(mixed).figure.axes[0].get_yticklabels()]
    assert labels == ["cold\n3 invocations", "warm\n3 invocations"]


@pytest.mark.parametrize(("longest", "scale"), [(0.019, "linear"), (0.021, "log")])
def test_the_axis_is_logarithmic_when_latencies_differ_more_than_twenty_times(call, longest, scale):
    figure = starts(Trace.of([call("a", 0, 0, 0, longest, "cold"), call("a", 1, 0, 0, 0.001)]))
    (axes,) = figure.figure.axes
    assert axes.get_xscale() == scale
    assert ("logarithmic" in axes.get_xlabel()) == (scale == "log")


@pytest.mark.parametrize(("kind", "other"), [("cold", "warm"), ("warm", "cold")])
def test_a_group_without_invocations_says_so(call, kind, other):
    figure = starts(Trace.of([call("a", 0, 0, 0, 0.05, kind)]))
    assert f"no {other} invocations in these records" in texts(figure)
    assert f"1 {kind}, 50 ms" in figure.alt
    assert f"no {other} ones" in figure.alt


def test_provisioned_restored_and_unrecorded_starts_get_rows_of_their_own(call):
    kinds = ["cold", "restored", "provisioned", "warm", ""]
    figure = starts(Trace.of([call("a", i, 0, 0, 0.05, kind) for i, kind in enumerate(kinds)]))
    labels = [label.get_text().split("\n")[0] for label in figure.figure.axes[0].get_yticklabels()]
    assert labels == ["cold", "restored", "provisioned", "warm", "start not recorded"]


def test_points_are_spread_the_same_way_each_time_and_within_their_row(call):
    trace = Trace.of([call("a", i, 0, 0, 0.05) for i in range(200)])
    first, second = (lines(starts(trace))["warm ok"].get_ydata() for _ in range(2))
    assert (first == second).all()
    assert np.abs(first - 1).max() <= 0.2
    assert len(np.unique(first)) == 200


def test_only_throttled_invocations_still_draw(call):
    figure = starts(Trace.of([call("", 0, 0, 0, 0, "", "throttled")] * 3))
    assert figure.alt.startswith(
        "Time from arrival to answer of 0 invocations: no cold ones; no warm ones; 3 throttled"
    )
    assert len(figure.figure.axes[0].get_xticks()) == 0
