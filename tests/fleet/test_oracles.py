"""The simulated fleet against what can be known exactly: path by path, and by theory within three standard errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

from labkit import fleet
from labkit.fleet.arrivals import poisson
from labkit.fleet.theory import cold_share, erlang_b

UNLIMITED = {"account_limit": 10**9, "scaling": False}
WARM_UP = 0.2  # of the time
BATCHES = 40  # whose means tell the standard error


def after_warm_up(trace):
    return trace[trace.arrival > WARM_UP * trace.arrival[-1]]


def agrees(values, expected):
    """Whether the mean of values in the order of time is within three standard errors (by batch means)."""
    means = np.array([batch.mean() for batch in np.array_split(values, BATCHES)])
    return abs(means.mean() - expected) < 3 * means.std(ddof=1) / math.sqrt(BATCHES)


def is_cold(trace):
    return trace.words("start_type") == "cold"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("law", [fleet.Exponential(2), fleet.Lognormal(0.5, 1.5), fleet.Uniform(0, 3), 1.0])
def test_an_arrival_is_cold_when_more_run_than_at_any_time_within_the_keep_alive(law, seed):
    keep = 15.0
    trace = fleet.simulate(poisson(3, 1200, seed), service=law, init=0.4, keep_alive=keep, seed=seed, **UNLIMITED)
    begins, ends = trace.arrival, trace.arrival + trace.init + trace.duration
    times = np.concatenate([ends, begins])
    steps = np.concatenate([-np.ones(len(ends)), np.ones(len(begins))])
    order = np.lexsort((steps, times))
    times, running = times[order], np.cumsum(steps[order])
    cold = is_cold(trace)
    for i in range(len(begins)):
        now = begins[i]
        after = np.searchsorted(times, now, "right") - 1
        window = np.searchsorted(times, now - keep, "right") - 1
        before = running[max(window, 0) : after]
        highest = before.max(initial=0) if window >= 0 else max(before.max(initial=0), 0)
        assert cold[i] == (running[after] > highest), i


@pytest.mark.parametrize(
    ("rate", "service", "keep", "known", "hours"),
    [(0.9, 1.991, 600, 0.0013293, 400), (1, 2, 60, 0.015272, 100), (10, 1, 600, 0.0002072, 60),
     (0.001, 2, 600, 0.54971, 4000)],
)  # fmt: skip
def test_the_share_of_cold_starts_is_the_exact_one(rate, service, keep, known, hours):
    assert cold_share(rate, service, keep) == pytest.approx(known, rel=2e-4)
    trace = fleet.simulate(
        poisson(rate, 3600 * hours, 7), service=fleet.Exponential(service), keep_alive=keep, seed=3, **UNLIMITED
    )
    assert agrees(is_cold(after_warm_up(trace)).astype(float), known)


@pytest.mark.parametrize("law", [fleet.Exponential(2), fleet.Gamma(2, 4), 2.0])
def test_one_reserved_environment(law):
    rate, keep = 0.3, 4.0
    trace = fleet.simulate(
        poisson(rate, 400_000, 1), service=law, keep_alive=keep, reserved=1, account_limit=1000, scaling=False, seed=2
    )
    throttled = trace.words("outcome") == "throttled"
    load = rate * 2
    assert agrees(throttled.astype(float), load / (1 + load))
    assert agrees(is_cold(trace[~throttled]).astype(float), math.exp(-rate * keep))


@pytest.mark.parametrize(("servers", "load", "known"), [(100, 100, 0.0757), (12, 10, 0.1197)])
@pytest.mark.parametrize("law", [fleet.Exponential(1), 1.0, fleet.Lognormal(math.exp(-0.5), 1)])
def test_blocking_is_erlangs_whatever_the_law(servers, load, known, law):
    assert erlang_b(load, servers) == pytest.approx(known, abs=1e-4)
    trace = fleet.simulate(poisson(load, 12_000, 5), service=law, reserved=servers, scaling=False, seed=4)
    blocked = (after_warm_up(trace).words("outcome") == "throttled").astype(float)
    assert agrees(blocked, erlang_b(load, servers))


def test_a_thousand_may_start_at_once():
    trace = fleet.simulate(np.zeros(5000), service=60.0, account_limit=10_000)
    assert trace.counts() == {"cold": 1000, "warm": 0, "provisioned": 0, "restored": 0, "throttled": 4000}


def test_then_a_hundred_a_second():
    trace = fleet.simulate(np.repeat(np.arange(40), 1000), service=900.0, account_limit=10_000)
    started = (trace.words("outcome") == "ok").reshape(40, 1000).sum(axis=1).cumsum()
    assert started.tolist() == [1000 + 100 * second for second in range(40)]


def test_what_is_not_used_does_not_add_up():
    quiet = fleet.simulate(np.concatenate([[0.0], np.full(3000, 1000.0)]), service=1.0, account_limit=10_000)
    assert quiet.counts()["throttled"] == 2000


def test_the_published_case_of_simfaas():
    """Mahmoudi and Khazaei 2021: arrivals 0.9/s, warm 1.991 s, cold 2.244 s, kept 600 s."""
    trace = fleet.simulate(
        poisson(0.9, 2_000_000, 11), service=fleet.Exponential(1.991), init=0.253, keep_alive=600, seed=6, **UNLIMITED
    )
    settled = after_warm_up(trace)
    assert agrees(is_cold(settled).astype(float), cold_share(0.9, 1.991, 600))
    assert is_cold(settled).mean() == pytest.approx(0.0014, abs=0.0002)
    times = np.linspace(400_000, 1_900_000, 4000)
    servers = trace.lives.living(times)
    ends = np.sort(trace.arrival + trace.init + trace.duration)
    running = np.searchsorted(trace.arrival, times, "right") - np.searchsorted(ends, times)
    assert servers.mean() == pytest.approx(7.66, rel=0.02)
    assert running.mean() == pytest.approx(1.788, rel=0.05)
    assert (servers - running).mean() == pytest.approx(5.873, rel=0.02)
