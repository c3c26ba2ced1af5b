"""The fleet's rules one by one, its bad input, and that engines and stretches do not change what comes out."""

from __future__ import annotations

import importlib.util
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import fleet
from labkit.fleet.arrivals import bursts, constant, daily, per_minute, poisson
from labkit.mistake import BadArgument, BadValue

COLUMNS = ("arrival", "start_type", "outcome", "environment", "init", "duration", "billed")
TIMES = st.lists(st.integers(0, 400), min_size=1, max_size=120).map(lambda times: np.sort(times) / 4)
SECONDS = st.floats(0, 30) | st.sampled_from([0.0, 0.25, 5.0])
SETTINGS = st.fixed_dictionaries({
    "service": SECONDS | st.just(fleet.Exponential(2)), "init": SECONDS,
    "keep_alive": SECONDS | st.just(fleet.Exponential(5)),
    "reserved": st.none() | st.integers(4, 8), "scaling": st.booleans(), "seed": st.integers(0, 3),
    "provisioned": st.integers(0, 4) | st.just([(10, 2), (30, 4), (50, 0)]), "snapstart": st.booleans(),
})  # fmt: skip


def words(trace):
    return trace.words("start_type").tolist()


def same(one, other):
    return all(np.array_equal(getattr(one, column), getattr(other, column)) for column in COLUMNS)


def test_the_last_used_environment_comes_first():
    trace = fleet.simulate([0, 0.1, 5, 10], service=[2.0, 1.0, 1.0, 1.0], init=0.0)
    assert trace.environment.tolist() == ["e0", "e1", "e0", "e0"]


def test_an_idle_environment_is_kept_so_long_and_no_longer():
    assert words(fleet.simulate([0, 11, 22.5], service=1.0, keep_alive=10)) == ["cold", "warm", "cold"]


def test_a_cold_start_takes_the_init_phase_longer():
    trace = fleet.simulate([0, 1.2, 1.6], service=1.0, init=0.5)
    assert words(trace) == ["cold", "cold", "warm"]
    assert trace.init.tolist() == [0.5, 0.5, 0]
    assert trace.billed.tolist() == pytest.approx([1.5, 1.5, 1.0])


def test_billed_time_is_rounded_up_to_the_millisecond():
    trace = fleet.simulate([0, 10, 20], service=[0.1, 0.1001, 0.0])
    assert trace.billed.tolist() == pytest.approx([0.1, 0.101, 0.0])


def test_provisioned_environments_come_first_and_the_rest_spills_over():
    trace = fleet.simulate([0, 0, 0], service=1.0, provisioned=2)
    assert words(trace) == ["provisioned", "provisioned", "cold"]
    assert set(trace.environment[:2]) == {"p0", "p1"}


def test_provisioned_concurrency_follows_its_schedule():
    trace = fleet.simulate([0, 10, 10, 20, 21, 30], service=[1, 1, 1, 15, 1, 1], provisioned=[(5, 2), (20.5, 0)])
    assert words(trace) == ["cold", "provisioned", "provisioned", "provisioned", "warm", "warm"]


def test_reserved_concurrency_includes_what_is_provisioned():
    trace = fleet.simulate(np.zeros(5), service=1.0, reserved=3, provisioned=2)
    assert trace.counts() == {"cold": 1, "warm": 0, "provisioned": 2, "restored": 0, "throttled": 2}


def test_other_functions_take_from_the_account():
    assert fleet.simulate(np.zeros(5), service=1.0, account_limit=10, used_by_others=7).counts()["throttled"] == 2


def test_snapstart_restores():
    trace = fleet.simulate([0, 5], service=1.0, init=0.3, snapstart=True)
    assert words(trace) == ["restored", "warm"]


def test_lives_of_environments():
    trace = fleet.simulate([0, 0, 100], service=1.0, init=0.5, keep_alive=10)
    assert trace.lives.births.tolist() == [0, 0, 100]
    assert trace.lives.deaths.tolist() == [11.5, 11.5, 111.5]
    assert trace.lives.living([0, 5, 50, 105]).tolist() == [2, 2, 0, 1]


@given(TIMES, SETTINGS)
def test_every_arrival_is_counted_once(times, settings):
    trace = fleet.simulate(times, **settings)
    assert sum(trace.counts().values()) == len(times)


@given(TIMES, SETTINGS)
def test_no_environment_serves_two_at_once_nor_beyond_its_keep_alive(times, settings):
    trace = fleet.simulate(times, **settings)
    for name in set(trace.environment) - {""}:
        own = trace[trace.environment == name]
        ends = own.arrival + own.init + own.duration
        assert all(later >= end - 1e-9 for end, later in zip(ends, own.arrival[1:], strict=False))
        if name.startswith("e"):
            assert words(own)[0] in ("cold", "restored") and set(words(own)[1:]) <= {"warm"}
            assert (
                len(words(own)) == 1
                or not isinstance(settings["keep_alive"], float)
                or all(
                    later - end <= settings["keep_alive"] + 1e-9
                    for end, later in zip(ends, own.arrival[1:], strict=False)
                )
            )


@given(TIMES, SETTINGS, st.lists(st.integers(0, 120), max_size=4))
def test_a_stream_decides_as_the_whole_does(times, settings, cuts):
    whole = fleet.simulate(times, **settings)
    edges = sorted({0, len(times), *(cut for cut in cuts if cut < len(times))})
    parts = list(fleet.stream([times[a:b] for a, b in pairwise(edges)], **settings))
    assert sum(map(len, parts)) == len(whole)
    for column in COLUMNS:
        assert np.array_equal(np.concatenate([getattr(part, column) for part in parts]), getattr(whole, column))


@pytest.mark.skipif(not importlib.util.find_spec("numba"), reason="numba is not installed (the extra fast)")
@given(TIMES, SETTINGS)
def test_both_engines_decide_the_same(times, settings):
    plain, compiled = (fleet.simulate(times, engine=engine, **settings) for engine in ("python", "numba"))
    assert same(plain, compiled)
    assert np.array_equal(plain.lives.deaths, compiled.lives.deaths)


def test_the_same_seed_gives_the_same_and_another_another():
    times = poisson(5, 100, 1)
    law = fleet.Exponential(1)
    one, again, other = (fleet.simulate(times, service=law, seed=seed) for seed in (1, 1, 2))
    assert same(one, again) and not same(one, other)


def test_a_record_is_small():
    trace = fleet.simulate(poisson(100, 1000, 1), service=0.1)
    kept = {id(array): array for array in trace._columns.values()}.values()
    size = sum(a.numbers.nbytes if hasattr(a, "numbers") else a.nbytes if all(a.strides) else 0 for a in kept)
    assert size / len(trace) <= 64


def test_progress_is_told():
    told = []
    fleet.simulate(poisson(100, 1000, 1), service=0.1, progress=told.append)
    assert len(told) > 1 and sum(told) == len(poisson(100, 1000, 1))


@pytest.mark.parametrize(
    ("arrivals", "settings", "message"),
    [
        ([3, 2, 4], {}, r"arrivals\[1\] = 2.0 comes before .* numpy.sort"),
        ([-1, 2], {}, r"arrivals\[0\] is -1.0"),
        ([1, float("nan")], {}, r"arrivals\[1\] is nan"),
        ([[1, 2], [3, 4]], {}, "one row"),
        ([1], {"service": -2}, "service is -2"),
        ([1], {"service": "fast"}, "service='fast' is no time"),
        ([1, 2], {"service": [1.0]}, "service has 1 values for 2 arrivals"),
        ([1], {"keep_alive": float("inf")}, "keep_alive"),
        ([1], {"reserved": 5, "provisioned": 6}, "provisioned=6 is more than reserved=5"),
        ([1], {"reserved": 950}, "at most 900 can be reserved"),
        ([1], {"provisioned": [(5, 1), (5, 2)]}, "must grow"),
        ([1], {"provisioned": "many"}, "is no schedule"),
        ([1], {"provisioned": 2.5}, "is no schedule"),
        ([1], {"account_limit": 0}, "account_limit=0 is not possible"),
        ([1], {"used_by_others": 2000}, "more than the account_limit"),
        ([1], {"engine": "nunba"}, "did you mean numba"),
    ],
)
def test_what_cannot_be_is_told_in_one_message(arrivals, settings, message):
    with pytest.raises((BadValue, BadArgument), match=message):
        fleet.simulate(arrivals, **{"service": 1.0, **settings})


def test_no_arrivals_are_no_invocations():
    assert len(fleet.simulate([], service=1.0)) == 0


@pytest.mark.parametrize("bad", ["Exponential(0)", "Lognormal(1, -1)", "Gamma(0, 1)", "Uniform(3, 1)", "Empirical([])"])
def test_an_impossible_law_is_refused(bad):
    with pytest.raises(BadValue, match=bad.partition("(")[0]):
        eval(f"fleet.{bad}", {"fleet": fleet})


@pytest.mark.parametrize(
    "law",
    [fleet.Exponential(2), fleet.Lognormal(1, 0.5), fleet.Gamma(2, 3), fleet.Uniform(1, 3), fleet.Empirical([1, 3])],
)
def test_a_law_has_the_mean_it_says(law):
    drawn = law.draw(np.random.default_rng(0), 40_000)
    assert drawn.mean() == pytest.approx(law.mean, abs=3 * drawn.std() / 200)


def test_arrivals_have_their_rates():
    day = 86_400
    assert len(poisson(2, day, 1)) == pytest.approx(2 * day, abs=3 * (2 * day) ** 0.5)
    assert constant(4, 1).tolist() == [0, 0.25, 0.5, 0.75]
    assert bursts(3, 10, 25).tolist() == [0, 0, 0, 10, 10, 10, 20, 20, 20]
    waves = daily(1, day, peak=2, peak_hour=14, seed=1)
    assert len(waves) == pytest.approx(day, abs=4 * day**0.5)
    by_hour = np.bincount((waves // 3600).astype(int), minlength=24)
    assert by_hour.argmax() in (12, 13, 14, 15) and by_hour[2] < by_hour.max() / 10
    minutes = per_minute([0, 3, 1])
    assert (minutes // 60).tolist() == [1, 1, 1, 2]


@pytest.mark.parametrize("call", [lambda: poisson(0, 1), lambda: constant(1, -1), lambda: bursts(1, 5, 9, spread=6),
                                  lambda: daily(1, 9, peak=3), lambda: per_minute([-1])])  # fmt: skip
def test_impossible_arrivals_are_refused(call):
    with pytest.raises(BadValue):
        call()
