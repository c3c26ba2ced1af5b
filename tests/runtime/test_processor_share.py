"""The share of a processor, with an invented processor: what is used beyond the quota is waited off."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import labkit.runtime

sys.path.insert(0, str(Path(labkit.runtime.__file__).parent / "supervisor"))

from share import PERIOD, ProcessorShare


def run(share, seconds, step=0.001, wants=1.0):
    """The processor time that something gets which wants `wants` of a processor for so many seconds."""
    held, used, now = ProcessorShare(share, 0.0, 0.0), 0.0, 0.0
    while now < seconds:
        wait = max(held.next_look(), step)
        used += 0.0 if held.paused else wants * wait
        now += wait
        held.look(used, now)
    return used, now


@given(st.floats(0.05, 0.95))
def test_over_time_it_gets_its_share_and_no_more(share):
    used, now = run(share, 10.0)
    assert used == pytest.approx(share * now, rel=0.05, abs=PERIOD)


@given(st.floats(0.05, 0.95))
def test_who_wants_less_than_the_share_is_never_paused(share):
    held, used, now = ProcessorShare(share, 0.0, 0.0), 0.0, 0.0
    for _ in range(1000):
        now += 0.001
        used += 0.001 * share * 0.9
        assert not held.look(used, now)


def test_a_first_burst_of_one_quota_is_free():
    held = ProcessorShare(0.5, 0.0, 0.0)
    assert not held.look(0.0099, 0.0099)
    assert held.look(0.021, 0.021)


def test_two_processors_are_a_share_too():
    used, now = run(2.0, 10.0, wants=4.0)
    assert used == pytest.approx(2.0 * now, rel=0.1)
