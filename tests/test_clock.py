"""Account time: the machine's, and what was advanced."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.clock import Clock


def test_it_runs_with_the_machines_time():
    now = [1000.0]
    clock = Clock(lambda: now[0])
    clock.advance(seconds=50)
    now[0] += 7
    assert clock.time() == 1057.0
    assert clock.now() == datetime.fromtimestamp(1057, UTC)
    assert clock.offset == 50


def test_advance_adds_up_its_units_and_returns_the_new_time():
    clock = Clock(lambda: 0.0)
    assert clock.advance(days=1, hours=2, minutes=3, seconds=4.5) == datetime.fromtimestamp(93_784.5, UTC)


@given(st.lists(st.floats(0, 1e7), max_size=20))
def test_it_never_goes_back_and_steps_add_up(steps):
    clock = Clock(lambda: 0.0)
    for step in steps:
        before = clock.time()
        clock.advance(seconds=step)
        assert clock.time() >= before
    assert clock.time() == pytest.approx(sum(steps), abs=1e-4)


def test_listeners_hear_of_each_step_after_it_was_made():
    clock, heard = Clock(lambda: 0.0), []
    end = clock.subscribe(lambda: heard.append(clock.time()))
    clock.advance(seconds=1)
    clock.advance(seconds=2)
    end()
    end()
    clock.advance(seconds=3)
    assert heard == [1.0, 3.0]


@pytest.mark.parametrize("step", [-1, -1e-6, float("nan"), float("inf"), 1e12, 1e300])
def test_a_step_back_or_out_of_the_calendar_changes_nothing(step):
    clock, heard = Clock(lambda: 1000.0), []
    clock.subscribe(lambda: heard.append(1))
    with pytest.raises((ValueError, OverflowError)):
        clock.advance(seconds=step)
    assert clock.time() == 1000.0 and not heard
    assert clock.now() == datetime.fromtimestamp(1000, UTC)


def test_the_message_says_what_was_given_and_how_to_go_back():
    with pytest.raises(ValueError, match=r"-5 s was given.*reset"):
        Clock().advance(seconds=-5)
    with pytest.raises(ValueError, match=r"year 9999"):
        Clock().advance(seconds=300_000_000_000)


def test_reset_is_the_machines_time_again():
    clock = Clock(lambda: 5.0)
    clock.advance(hours=1)
    clock.reset()
    assert clock.time() == 5.0 and clock.offset == 0
