"""The queue of asynchronous invocations, on a clock that only the test moves."""

from __future__ import annotations

import queue
import threading

import pytest

from labkit.clock import Clock
from labkit.events.dispatcher import DELIVERED_AT_ONCE, AsynchronousEvent, Dispatcher

EVENT = AsynchronousEvent("request-1", "arn:aws:lambda:us-east-1:123456789012:function:f", b"{}", "invoke", 0.0)


class Bench:
    """A dispatcher whose deliveries are recorded; `outcomes` are answered in turn, the last one for ever."""

    def __init__(self, *outcomes):
        self.clock = Clock(lambda: 1000.0)
        self.outcomes = list(outcomes)
        self.delivered = []
        self.gate = threading.Event()
        self.gate.set()
        self.dispatcher = Dispatcher(self.deliver, self.clock)

    def deliver(self, event):
        self.delivered.append((self.clock.time() - 1000, event))
        assert self.gate.wait(10)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def times(self, *steps):
        """When the event was delivered, the clock being moved by these steps."""
        self.dispatcher.send(EVENT)
        assert self.dispatcher.settle(10)
        for step in steps:
            self.clock.advance(seconds=step)
            assert self.dispatcher.settle(10)
        return [time for time, _ in self.delivered]


@pytest.fixture
def bench():
    made = []

    def make(*outcomes):
        made.append(Bench(*outcomes))
        return made[-1]

    yield make
    for each in made:
        each.gate.set()
        each.dispatcher.close()


def test_an_event_that_succeeds_is_delivered_once(bench):
    b = bench("ok")
    assert b.times(1000, 1000) == [0]
    assert b.delivered[0][1] == EVENT


def test_a_failing_event_is_tried_three_times_a_minute_and_two_minutes_apart(bench):
    b = bench("failed")
    assert b.times(59, 1, 119, 1, 100_000) == [0, 60, 180]
    assert {event.request_id for _, event in b.delivered} == {"request-1"}


def test_it_is_not_tried_again_once_it_has_succeeded(bench):
    assert bench("failed", "ok").times(60, 120, 1000) == [0, 60]


def test_an_event_whose_function_is_gone_is_dropped(bench):
    assert bench("gone").times(60, 120, 1000) == [0]


def test_throttled_events_return_after_ever_longer_waits_of_at_most_five_minutes(bench):
    b = bench("throttled")
    assert b.times(1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 299)[:12] == [
        0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1111,
    ]  # fmt: skip


def test_being_throttled_uses_up_no_retry(bench):
    assert bench("throttled", "failed").times(1, 60, 120, 1000) == [0, 1, 61, 181]


def test_what_is_due_together_is_begun_in_order_and_delivered_together(bench):
    b = bench("ok")
    b.gate.clear()
    for number in range(5):
        b.dispatcher.send(AsynchronousEvent(str(number), EVENT.function_arn, b"", "invoke", 0.0))
    while len(b.delivered) < 5:
        assert not b.dispatcher.settle(0.01)
    assert sorted(event.request_id for _, event in b.delivered) == list("01234")


def test_only_so_many_are_delivered_at_once(bench):
    b = bench("ok")
    b.gate.clear()
    for _ in range(DELIVERED_AT_ONCE + 3):
        b.dispatcher.send(EVENT)
    while len(b.delivered) < DELIVERED_AT_ONCE:
        assert not b.dispatcher.settle(0.01)
    assert not b.dispatcher.settle(0.05) and len(b.delivered) == DELIVERED_AT_ONCE
    b.gate.set()
    assert b.dispatcher.settle(10) and len(b.delivered) == DELIVERED_AT_ONCE + 3


def test_settle_waits_for_what_is_due_now_only(bench):
    b = bench("ok")
    b.dispatcher.send(EVENT, delay=5)
    assert b.dispatcher.settle(10) and not b.delivered
    b.clock.advance(seconds=5)
    assert b.dispatcher.settle(10) and len(b.delivered) == 1


def test_what_is_cleared_is_not_delivered_nor_what_was_under_way_tried_again(bench):
    b = bench("failed")
    b.gate.clear()
    b.dispatcher.send(EVENT)
    b.dispatcher.send(EVENT, delay=5)
    while not b.delivered:
        assert not b.dispatcher.settle(0.01)
    b.dispatcher.clear()
    b.gate.set()
    assert b.dispatcher.settle(10)
    b.clock.advance(days=1)
    assert b.dispatcher.settle(10) and len(b.delivered) == 1


def test_a_delivery_that_fails_the_kit_does_not_stop_the_others(bench, monkeypatch):
    failures = queue.SimpleQueue()
    monkeypatch.setattr(threading, "excepthook", lambda failure: failures.put(failure.exc_value))
    b = bench(OSError("no disk left"), "ok")
    assert b.times() == [0]
    assert str(failures.get(timeout=10)) == "no disk left"
    b.dispatcher.send(EVENT)
    assert b.dispatcher.settle(10) and len(b.delivered) == 2


def test_a_closed_dispatcher_delivers_nothing_and_its_thread_has_ended(bench):
    b = bench("ok")
    b.dispatcher.close()
    b.dispatcher.send(EVENT)
    assert not b.dispatcher._thread.is_alive()
    assert not b.delivered and not b.clock._listeners
