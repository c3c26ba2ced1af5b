"""Times that were measured on AWS, and laws fitted to the learner's own records."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_cost import trace_of

from labkit import facts, fleet
from labkit.mistake import BadValue
from labkit.records import Trace


def test_every_kind_that_was_measured_can_be_drawn():
    assert len(facts.COLD_STARTS) == 620
    for row in facts.COLD_STARTS.values():
        law = fleet.cold_starts(row.runtime, memory=row.memory, architecture=row.architecture, package=row.package)
        drawn = law.draw(np.random.default_rng(0), 2000)
        assert np.median(drawn) == pytest.approx(dict(row.init)[0.5] / 1000, rel=0.1)


def test_draws_follow_the_law():
    law = fleet.cold_starts("python3.13")
    drawn = law.draw(np.random.default_rng(0), 200_000)
    assert np.quantile(drawn, [0.1, 0.5, 0.9]) == pytest.approx([s for _, s in law.known[:3]], rel=0.02)
    assert drawn.mean() == pytest.approx(law.mean, rel=0.02)
    assert "30" not in law.of and "measured 2026-07-23 to 2026-08-22" in law.of


def test_an_image_and_a_jvm_start_slower():
    zip_, image = (fleet.cold_starts("python3.13", package=name).mean for name in ("zip", "image"))
    assert image > zip_ and fleet.cold_starts("java21").mean > zip_


def test_the_nearest_measured_memory_size_is_taken():
    assert fleet.cold_starts("python3.13", memory=600) == fleet.cold_starts("python3.13", memory=512)


@pytest.mark.parametrize("preset", facts.KEEP_ALIVE)
def test_idle_lifetimes_are_those_that_were_seen(preset):
    law = fleet.keep_alive(preset)
    assert [tuple(pair) for pair in law.known] == [tuple(pair) for pair in facts.KEEP_ALIVE[preset].gone]
    drawn = law.draw(np.random.default_rng(1), 1000)
    assert drawn.min() > 60 and drawn.max() < 7200
    assert len(fleet.simulate(np.arange(100.0) * 900, service=0.1, keep_alive=law)) == 100


@given(st.floats(0.001, 10), st.floats(0.05, 1.5))
def test_a_fit_finds_the_law_that_made_the_values(median, sigma):
    values = np.random.default_rng(0).lognormal(np.log(median), sigma, 4000)
    fitted = fleet.fit(Trace.of([trace_of(1, 0.1, start_type="cold", init=value)[0] for value in values[:4000:40]]))
    assert fitted.count == 100
    assert abs(np.log(fitted.law.median / median)) < 4 * sigma / 10
    assert 0.7 < fitted.law.sigma / sigma < 1.4


def test_ten_measured_cold_starts_make_a_million_simulated_ones():
    measured = Trace.of([trace_of(1, 0.1, start_type="cold", init=0.2 + i / 100)[0] for i in range(10)])
    law = fleet.fit(measured)
    assert str(law).startswith("init of cold starts: median 24") and "fitted to 10 measured values" in str(law)
    trace = fleet.simulate(np.arange(1_000_000.0) * 1000, service=0.1, init=law)
    assert trace.counts()["cold"] == 1_000_000
    assert np.median(trace.init) == pytest.approx(law.law.median, rel=0.01)


def test_a_duration_is_fitted_to_warm_starts():
    measured = Trace.of([trace_of(1, 0.1 + i / 100)[0] for i in range(5)] + [trace_of(1, 9.0, start_type="cold")[0]])
    assert fleet.fit(measured, "duration").count == 5


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda: fleet.cold_starts("python3.1"), "did you mean python3"),
        (lambda: fleet.cold_starts("quarkus (prov.al2)", architecture="arm64"), "but as x86_64"),
        (lambda: fleet.keep_alive("seen-2019"), "seen-2019-0"),
        (lambda: fleet.fit(trace_of(9)), "0 cold starts with a measured init; a law needs 5"),
        (lambda: fleet.fit(trace_of(9), "initial"), "init"),
        (lambda: fleet.Quantiles(((0.5, 1.0),)), "two or more pairs"),
        (lambda: fleet.Quantiles(((0.5, 1.0), (0.4, 2.0))), "growing"),
    ],
)
def test_what_can_not_be_is_told_with_what_can(asked, message):
    with pytest.raises((BadValue, KeyError), match=message):
        asked()
