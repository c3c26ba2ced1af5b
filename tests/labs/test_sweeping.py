"""Many configurations at once, in processes and on a cluster of real workers: the same comes out."""

from __future__ import annotations

import numpy as np
import pytest
from distributed import LocalCluster

import labkit
from labkit import fleet
from labkit.fleet.arrivals import poisson
from labkit.mistake import BadValue

ARRIVALS = poisson(2.0, 500.0, seed=3)
EVERY = [
    {
        "service": fleet.Exponential(0.5),
        "init": 0.3,
        "keep_alive": keep_alive,
        "provisioned": provisioned,
        "memory": 1024,
    }
    for keep_alive in (10.0, 60.0, 600.0)
    for provisioned in (0, 2)
]


@pytest.fixture(scope="module")
def swept():
    return labkit.sweep(ARRIVALS, EVERY, bill={"times": 30})


def test_each_is_what_simulate_gives_in_their_order(swept):
    assert [one.settings for one in swept] == EVERY
    for one in swept:
        trace = fleet.simulate(ARRIVALS, **one.settings)
        assert one.counts == trace.counts() and one.environments == len(trace.lives)
        assert one.usd == fleet.cost(trace, times=30, provisioned=one.settings["provisioned"]).total
        assert one.p99 == pytest.approx(1000 * np.quantile(trace.wait + trace.init + trace.duration, 0.99))
    shares = [one.cold_share for one in swept if not one.settings["provisioned"]]
    assert shares == sorted(shares, reverse=True)  # the longer they are kept, the fewer


def test_workers_of_a_cluster_give_the_same(swept):
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        told = []
        there = labkit.sweep(
            ARRIVALS, EVERY, bill={"times": 30}, scheduler=cluster.scheduler_address, progress=told.append
        )
    assert there == swept and sum(told) == len(EVERY)


def test_a_configuration_that_can_not_be_is_named():
    with pytest.raises(BadValue, match=r"configuration 1, .*'reserved': 2.*provisioned=9 is more than reserved=2"):
        labkit.sweep(ARRIVALS, [{"service": 1.0}, {"service": 1.0, "reserved": 2, "provisioned": 9}])
    with pytest.raises(BadValue, match=r"configuration 0, .*'servise'"):
        labkit.sweep(ARRIVALS, [{"servise": 1.0}])
    with pytest.raises(BadValue, match="no configuration"):
        labkit.sweep(ARRIVALS, [])


def test_where_there_is_no_scheduler_one_message_says_so(monkeypatch):
    monkeypatch.setattr("labkit.labs.cluster.PATIENCE", 0.2)
    with pytest.raises(BadValue, match="there is no scheduler at"):
        labkit.sweep(ARRIVALS, EVERY, scheduler="tcp://127.0.0.1:9")
