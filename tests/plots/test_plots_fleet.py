"""Concurrency, latencies, the share of cold starts and bills as they are drawn of simulated fleets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import fleet, plots
from labkit.fleet.theory import cold_share as exact_share
from labkit.mistake import BadValue
from labkit.plots.concurrency import counted


def curve(figure, gid):
    (line,) = [line for line in figure.figure.axes[0].lines if line.get_gid() == gid]
    return line.get_xydata()


@given(st.lists(st.floats(0, 100), min_size=1, max_size=40), st.floats(0.01, 30))
def test_the_most_that_ran_is_found_whatever_the_steps(times, service):
    arrivals = np.sort(times)
    trace = fleet.simulate(arrivals, service=service)
    most = max(int(((arrivals <= t) & (arrivals + service > t)).sum()) for t in arrivals)
    counts = counted(trace)
    assert counts.running.max() == most
    assert counts.environments.max() <= len(np.unique(trace.environment.tolist()))


def test_a_spike_above_the_limit_shows_its_throttles():
    trace = fleet.simulate(np.sort(np.r_[np.arange(60.0), np.full(50, 30.0)]), service=0.5, account_limit=20)
    figure = plots.concurrency(trace, source="simulated")
    assert trace.counts()["throttled"] > 0
    assert f"{trace.counts()['throttled']} throttled" in figure.alt and "at most 20 ran at once" in figure.alt
    (marks,) = [one for one in figure.figure.axes[0].collections if one.get_gid() == "throttled"]
    assert len(marks.get_offsets()) == 1


def test_a_latency_curve_has_the_quantiles_of_its_group():
    trace = fleet.simulate(np.arange(500.0), service=fleet.Exponential(0.2), init=0.5, seed=1)
    times, shares = curve(plots.latencies(trace), "warm latency").T
    warm = trace.duration[trace.words("start_type") == "warm"] * 1000
    assert np.interp(0.5, shares, times) == pytest.approx(np.median(warm), rel=0.02)
    assert "half within" in plots.latencies(trace).alt


def test_simulated_points_lie_on_the_exact_curve():
    rates, service = [0.01, 0.1, 1.0], 2.0
    shares = {60.0: [], 600.0: []}
    for keep_alive, points in shares.items():
        for rate in rates:
            arrivals = np.cumsum(np.random.default_rng(3).exponential(1 / rate, 40_000))
            trace = fleet.simulate(arrivals, service=fleet.Exponential(service), keep_alive=keep_alive, seed=4)
            points.append(trace.counts()["cold"] / len(trace))
    figure = plots.cold_share(rates, shares, service=service)
    for keep_alive, points in shares.items():
        assert curve(figure, f"simulated {keep_alive:g}")[:, 1].tolist() == points
        assert curve(figure, f"exact {keep_alive:g}")[0, 1] == pytest.approx(exact_share(rates[0], service, keep_alive))
        assert points == pytest.approx([exact_share(rate, service, keep_alive) for rate in rates], rel=0.15, abs=2e-3)
    assert "kept for 60 s" in figure.alt and "kept for 10 min" in figure.alt


def test_a_bar_is_as_long_as_its_bill():
    trace = fleet.simulate(np.arange(1000.0), service=1.0, memory=1024)
    on_demand, ready = fleet.cost(trace, times=2000), fleet.cost(trace, times=30, provisioned=2)
    figure = plots.bills({"on demand": on_demand, "provisioned": ready})
    bars = [bar for bar in figure.figure.axes[0].patches if bar.get_y() == pytest.approx(-0.3)]
    assert sum(bar.get_width() for bar in bars) == pytest.approx(float(on_demand.total), abs=0.005)
    assert f"on demand: {on_demand.total:,} USD" in figure.alt
    assert "prices of us-east-1 as of 2026-09-28" in figure.figure.get_supxlabel()


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.bills({}), "nothing to draw"),
        (lambda: plots.cold_share([1.0], {}, service=1.0), "one to 6 keep-alives"),
        (lambda: plots.cold_share([1.0, 2.0], {60.0: [0.1]}, service=1.0), "each of the 2 rates"),
    ],
)
def test_nothing_to_draw_is_told(draw, message):
    with pytest.raises(BadValue, match=message):
        draw()
