"""The time for a question is that since the answer before, unless somebody went away."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from labkit.classroom.times import STEP, Times, seconds_on


def at(**times):
    return {name: SimpleNamespace(at=f"2026-11-27T18:{time}+00:00") for name, time in times.items()}


def test_it_is_the_time_since_the_answer_before():
    assert seconds_on(at(b="01:30", a="00:00", c="02:00")) == {"b": 90, "c": 30}


def test_a_pause_is_no_time_on_task():
    assert seconds_on(at(a="00:00", b="40:00", c="41:00")) == {"c": 60}


def test_nothing_is_known_of_one_answer():
    assert seconds_on(at(a="00:00")) == {} and Times().median is None


@pytest.mark.parametrize("seconds", [[60], [10, 60, 800], [59, 60, 61]])
def test_the_median_is_that_of_the_middle_one(seconds):
    times = Times()
    for one in seconds:
        times.add(one)
    assert abs(times.median - sorted(seconds)[len(seconds) // 2]) <= STEP
