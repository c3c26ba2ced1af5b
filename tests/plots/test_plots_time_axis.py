from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.plots.time_axis import MOST_BREAKS, time_axis


def axis_of(*spans):
    return time_axis(*np.array(spans, dtype=float).T)


def test_without_long_idle_stretches_a_second_is_a_second():
    axis = axis_of((0, 1), (1.5, 3))
    assert len(axis.breaks) == 0
    assert axis.position(np.array([0, 1, 2.5])) == pytest.approx([0, 1, 2.5])


def test_a_long_idle_stretch_is_drawn_short_and_all_else_to_scale():
    axis = axis_of((0, 1), (0.5, 2), (1000, 1002))
    assert axis.breaks.tolist() == [[2, 1000]]
    positions = axis.position(np.array([0, 2, 1000, 1002]))
    assert np.diff(positions) == pytest.approx([2, 0.5, 2])


def test_a_stretch_in_which_another_environment_is_busy_is_not_idle():
    assert len(axis_of((0, 0.001), (0, 100), (100, 100.001)).breaks) == 0


def test_one_pause_among_many_calls_is_cut_and_the_calls_are_not():
    starts = np.concatenate([np.arange(100.0), 4000 + np.arange(100.0)])
    axis = time_axis(starts, starts + 0.01)
    assert axis.breaks == pytest.approx(np.array([[99.01, 4000]]))


spans = st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1000)), min_size=1, max_size=80)


@given(spans)
def test_the_axis_keeps_order_can_be_read_back_and_never_stretches_time(spans):
    starts, lengths = np.array(spans).T
    starts -= starts.min()
    axis = time_axis(starts, starts + lengths)
    seconds = np.sort(np.concatenate([starts, starts + lengths]))
    steps = np.diff(axis.position(seconds))
    assert len(axis.breaks) <= MOST_BREAKS
    assert (steps >= 0).all()
    assert (steps <= np.diff(seconds) + 1e-6).all()
    assert axis.second(axis.position(seconds)) == pytest.approx(seconds, abs=1e-3)
