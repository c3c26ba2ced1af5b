"""What waits in a queue: asynchronous events that are throttled, and messages that pollers hold back."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import fleet
from labkit.fleet.arrivals import poisson
from labkit.fleet.theory import erlang_b
from labkit.mistake import BadValue

NUMBA = pytest.mark.skipif(not importlib.util.find_spec("numba"), reason="numba is not installed")
TIMES = st.lists(st.integers(0, 400), min_size=1, max_size=80).map(lambda times: np.sort(times) / 4)
COLUMNS = ("arrival", "wait", "start_type", "outcome", "environment", "init", "duration", "billed")


def running(trace, time):
    start = trace.arrival + trace.wait
    served = trace.words("outcome") == "ok"
    return int((served & (start <= time) & (start + trace.init + trace.duration > time)).sum())


def same(one, other, columns=COLUMNS):
    return all(np.array_equal(getattr(one, column), getattr(other, column)) for column in columns)


# Asynchronous events.


def test_a_throttled_event_comes_again_after_one_three_and_seven_seconds():
    trace = fleet.simulate([0, 0, 0, 0], service=[2.5, 3, 3, 3], account_limit=1, source="async")
    assert trace.wait.tolist() == [0, 3, 7, 15]
    assert trace.words("start_type").tolist() == ["cold", "warm", "warm", "warm"]


def test_an_event_is_given_up_when_it_is_too_old():
    trace = fleet.simulate([0, 0], service=[1000, 1], account_limit=1, source="async", event_age=60)
    assert trace.words("outcome").tolist() == ["ok", "throttled"]
    trace = fleet.simulate([0, 0], service=[1000, 1], account_limit=1, source="async", event_age=3600)
    assert trace.words("outcome").tolist() == ["ok", "ok"]
    assert trace.wait[1] == 1 + 2 + 4 + 8 + 16 + 32 + 64 + 128 + 256 + 300 + 300  # five minutes at most


def test_without_reserved_concurrency_nothing_is_tried_again():
    trace = fleet.simulate([0, 5], service=1.0, reserved=0, source="async")
    assert trace.counts()["throttled"] == 2


@given(TIMES, st.floats(0, 20), st.integers(1, 5))
def test_every_event_is_served_once_or_given_up_and_the_limit_holds(times, service, limit):
    trace = fleet.simulate(times, service=service, account_limit=limit, source="async", event_age=120)
    assert sum(trace.counts().values()) == len(times)
    assert (trace.wait >= 0).all() and (trace.wait <= 120).all()
    assert all(running(trace, time) <= limit for time in trace.arrival + trace.wait)


@given(TIMES, st.floats(0, 20), st.integers(0, 3))
def test_where_nothing_is_refused_it_is_as_if_it_were_called(times, service, provisioned):
    settings = {"service": service, "init": 0.5, "provisioned": provisioned, "seed": 1}
    called = fleet.simulate(times, **settings)
    assert same(called, fleet.simulate(times, source="async", **settings), COLUMNS)


@NUMBA
@given(TIMES, st.floats(0, 20), st.integers(1, 5), st.sampled_from(["async", "sqs"]))
def test_both_engines_serve_a_queue_alike(times, service, limit, source):
    plain, compiled = (
        fleet.simulate(times, service=service, init=0.25, account_limit=limit, source=source, engine=engine)
        for engine in ("python", "numba")
    )
    assert same(plain, compiled)


# Messages.


def test_five_pollers_begin_and_more_are_added_while_messages_wait():
    """300 more a minute is one every fifth of a second."""
    trace = fleet.simulate(np.zeros(10), service=100.0, source="sqs")
    assert trace.wait.tolist() == pytest.approx([0, 0, 0, 0, 0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert trace.counts()["throttled"] == 0


def test_pollers_are_at_most_1250_and_never_more_than_the_concurrency():
    trace = fleet.simulate(np.zeros(3000), service=10_000.0, source="sqs", account_limit=5000)
    assert running(trace, 9000.0) == 1250
    trace = fleet.simulate(np.zeros(300), service=10_000.0, source="sqs", reserved=20)
    assert running(trace, 9000.0) == 20


def test_while_nobody_waits_no_pollers_are_added():
    sparse = np.arange(0, 300, 10.0)
    trace = fleet.simulate(np.r_[sparse, np.full(6, 300.0)], service=1.0, source="sqs")
    assert trace.wait[-6:].tolist() == pytest.approx([0, 0, 0, 0, 0, 0.2])


@given(TIMES, st.floats(0.01, 20), st.integers(1, 8))
def test_messages_are_invoked_in_their_order_and_none_is_lost(times, service, limit):
    trace = fleet.simulate(times, service=service, init=0.5, account_limit=limit, source="sqs")
    starts = trace.arrival + trace.wait
    assert (np.diff(starts) >= 0).all() and (trace.words("outcome") == "ok").all()
    assert all(running(trace, time) <= limit for time in starts)


def test_the_wait_is_that_of_erlangs_formula():
    """M/M/5: pollers that may not grow are servers in front of one line."""
    rate, service, servers = 4.0, 1.0, 5
    trace = fleet.simulate(
        poisson(rate, 400_000 / rate, seed=5),
        service=fleet.Exponential(service),
        account_limit=servers,
        source="sqs",
        seed=6,
    )
    load = rate * service / servers
    blocked = erlang_b(rate * service, servers)
    waits = blocked / (1 - load * (1 - blocked))
    assert (trace.wait > 0).mean() == pytest.approx(waits, rel=0.03)
    assert trace.wait.mean() == pytest.approx(waits * service / (servers * (1 - load)), rel=0.06)


def test_a_polled_environment_lives_until_its_keep_alive_is_over():
    trace = fleet.simulate([0, 1, 700], service=2.0, init=0.5, keep_alive=60, source="sqs")
    assert trace.lives.births.tolist() == [0, 1, 700]
    assert trace.lives.deaths.tolist() == [62.5, 63.5, 762.5]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"source": "asynchronous"}, "async"),
        ({"source": "async", "event_age": 10}, "60 to 21600 s"),
        ({"source": "sqs", "provisioned": 1}, "leave it out"),
        ({"source": "sqs", "reserved": 0}, "allow one at least"),
    ],
)
def test_what_is_not_modelled_is_told(settings, message):
    with pytest.raises(BadValue, match=message):
        fleet.simulate([0], service=1.0, **settings)
