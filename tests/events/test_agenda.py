"""What happens at which account time, on a clock that only the test moves."""

from __future__ import annotations

import queue
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.clock import Clock
from labkit.events.agenda import AT_ONCE, Agenda

START = 1000.0


@pytest.fixture
def clock():
    return Clock(lambda: START)


@pytest.fixture
def agenda(clock):
    made = Agenda(clock)
    yield made
    made.close()


def test_an_action_runs_when_its_time_has_come(agenda, clock):
    seen = []
    agenda.at(START + 5, lambda: seen.append(clock.time()))
    assert agenda.settle(10) and not seen
    clock.advance(seconds=4)
    assert agenda.settle(10) and not seen
    clock.advance(seconds=10)
    assert agenda.settle(10) and seen == [START + 5]


def test_a_step_stops_where_something_falls_due_and_what_that_leads_to_happens_at_its_own_time(agenda, clock):
    seen = []

    def every_day():
        seen.append(clock.time())
        agenda.after(86_400, every_day)

    agenda.after(3600, every_day)
    clock.advance(days=3)
    assert seen == [START + 3600 + day * 86_400 for day in range(3)]
    assert clock.time() == START + 3 * 86_400


@given(st.lists(st.floats(0, 1e6), max_size=12))
def test_each_runs_once_at_its_time_and_in_order(delays):
    clock, seen = Clock(lambda: START), []
    agenda = Agenda(clock)
    for delay in delays:
        agenda.after(delay, lambda delay=delay: seen.append((delay, clock.time())))
    clock.advance(seconds=2e6)
    agenda.close()
    assert sorted(delay for delay, _ in seen) == sorted(delays)
    assert [time for _, time in seen] == sorted(time for _, time in seen)
    assert all(time == pytest.approx(START + delay) for delay, time in seen)


def test_what_is_due_together_is_begun_in_order_and_runs_together(agenda):
    begun, gate = queue.SimpleQueue(), threading.Event()

    def wait(number):
        begun.put(number)
        assert gate.wait(60)

    for number in range(AT_ONCE + 3):
        agenda.at(START, lambda number=number: wait(number))
    assert sorted(begun.get(timeout=60) for _ in range(AT_ONCE)) == list(range(AT_ONCE))
    assert not agenda.settle(0.05) and begun.empty()
    gate.set()
    assert agenda.settle(10) and begun.qsize() == 3


def test_settle_waits_for_what_is_under_way_elsewhere(agenda):
    with agenda.under_way():
        assert not agenda.settle(0.01)
    assert agenda.settle(10)


def test_what_is_cleared_does_not_happen_nor_what_follows_from_what_was_under_way(agenda, clock):
    seen, begun, gate = [], threading.Event(), threading.Event()

    def under_way():
        begun.set()
        assert gate.wait(60)
        agenda.after(1, lambda: seen.append("followed"))

    agenda.at(START, under_way)
    agenda.after(5, lambda: seen.append("later"))
    assert begun.wait(60)
    agenda.clear()
    gate.set()
    assert agenda.settle(10)
    agenda.after(7, lambda: seen.append("new"))
    clock.advance(days=1)
    assert agenda.settle(10) and seen == ["new"]


def test_an_action_that_fails_does_not_stop_the_others(agenda, monkeypatch):
    failures, seen = queue.SimpleQueue(), []
    monkeypatch.setattr(threading, "excepthook", lambda failure: failures.put(failure.exc_value))

    def fail():
        raise OSError("no disk left")

    agenda.at(START, fail)
    assert str(failures.get(timeout=60)) == "no disk left"
    agenda.at(START, lambda: seen.append(1))
    assert agenda.settle(10) and seen == [1]


def test_a_closed_agenda_runs_nothing_and_its_thread_has_ended(clock):
    agenda, seen = Agenda(clock), []
    agenda.after(5, lambda: seen.append(1))
    agenda.close()
    clock.advance(seconds=10)
    assert not agenda._thread.is_alive() and not seen


def test_a_step_whose_handlers_do_not_end_goes_to_its_target_all_the_same():
    clock, gate = Clock(lambda: START, longest_wait=0.05), threading.Event()
    agenda = Agenda(clock)
    agenda.at(START, lambda: gate.wait(60))
    agenda.after(60, lambda: None)
    clock.advance(hours=1)
    assert clock.time() == START + 3600
    gate.set()
    agenda.close()
