"""Provisioned environments in the pool: started ahead, used first, kept, replaced. Environments are stand-ins."""

from __future__ import annotations

import pytest
from test_pool import KEEP_ALIVE, bench, function  # noqa: F401 - a fixture

from labkit.runtime.concurrency import Throttled
from labkit.runtime.provisioned import FAILED, IN_PROGRESS, INIT_FAILED, READY

V1 = function(version="1")
KEY = f"{V1.arn}:1"


def put(b, requested, provisioned=V1, key=KEY):
    b.pool.provisioned.put(key, provisioned, requested, b.clock.time())


def allocation(b, key=KEY):
    return next(each for each in b.pool.provisioned.allocations() if each.key == key)


@pytest.fixture
def ready(bench, eventually):  # noqa: F811
    """`ready(requested)`: a bench on which so many environments of version 1 are provisioned."""

    def make(requested=2, provisioned=V1, **options):
        b = bench(**options)
        put(b, requested, provisioned)
        eventually(lambda: allocation(b).status == READY)
        return b

    return make


def test_environments_are_initialised_ahead_in_the_background(bench, eventually):  # noqa: F811
    b = bench()
    b.init_gate.clear()
    put(b, 2)
    assert b.initialising.acquire(timeout=60)
    begun = allocation(b)
    assert (begun.status, begun.requested, begun.allocated, begun.available) == (IN_PROGRESS, 2, 0, 0)
    assert not b.pool.is_idle()
    b.init_gate.set()
    eventually(lambda: allocation(b).status == READY)
    assert (allocation(b).allocated, allocation(b).available, b.pool.environments()) == (2, 2, 2)
    assert b.pool.is_idle()


def test_they_serve_their_version_first_and_others_never(ready):
    b = ready(2)
    assert [b.invoke(V1).start_type for _ in range(3)] == ["provisioned"] * 3
    assert {record.start_type for record in b.records} == {"provisioned"}
    assert b.invoke(function()).start_type == "cold"
    assert b.invoke(function(version="2")).start_type == "cold"


def test_what_is_above_them_spills_over_to_cold_starts(ready):
    b = ready(2)
    started = b.begin(V1, 3)
    assert allocation(b).available == 0 and allocation(b).allocated == 2
    assert sorted(done.start_type for done in b.finish(started)) == ["cold", "provisioned", "provisioned"]
    assert b.invoke(V1).start_type == "provisioned"


def test_they_do_not_expire_and_make_no_room(ready):
    b = ready(2, capacity=4)
    b.clock.advance(seconds=10 * KEEP_ALIVE)
    assert b.invoke(V1).start_type == "provisioned"
    for name in ("g", "h", "i", "j"):
        b.invoke(function(name))
    assert allocation(b).available == 2 and b.pool.environments() == 4


def test_one_that_dies_is_replaced(ready, eventually):
    b = ready(1)
    b.dies = True
    b.invoke(V1)
    b.dies = False
    eventually(lambda: allocation(b).status == READY)
    first, second = b.launched
    assert (first.ended, second.ended) == (1, 0)
    assert b.invoke(V1).start_type == "provisioned"


def test_an_init_that_fails_is_the_configurations_end(bench, eventually):  # noqa: F811
    b = bench()
    b.init_fails = True
    put(b, 2)
    eventually(lambda: allocation(b).status == FAILED)
    assert allocation(b).reason == INIT_FAILED and allocation(b).allocated == 0
    assert [environment.ended for environment in b.launched] == [1]
    b.init_fails = False
    put(b, 1)
    eventually(lambda: allocation(b).status == READY)
    assert allocation(b).reason is None


def test_the_machine_carries_fewer_and_says_so(bench, eventually):  # noqa: F811
    b = bench(capacity=4)
    put(b, 10)
    eventually(lambda: allocation(b).status == FAILED)
    assert allocation(b).allocated == 3 and "3 provisioned environments" in allocation(b).reason
    assert [b.invoke(V1).start_type for _ in range(2)] == ["provisioned"] * 2
    assert b.invoke(function("g")).outcome == "ok"  # there is always a place for others


@pytest.mark.parametrize(("requested", "left"), [(1, 1), (5, 5)])
def test_the_number_can_be_changed(ready, eventually, requested, left):
    b = ready(3)
    put(b, requested)
    eventually(lambda: allocation(b).allocated == left)
    assert sum(not environment.ended for environment in b.launched) == left


def test_a_busy_one_ends_after_its_answer_when_fewer_are_wanted(ready):
    b = ready(2)
    started = b.begin(V1, 2)
    put(b, 1)
    assert [environment.ended for environment in b.launched] == [0, 0]
    b.finish(started)
    assert sorted(environment.ended for environment in b.launched) == [0, 1]


@pytest.mark.parametrize("end", ["delete", "reset"])
def test_they_end_with_the_configuration_and_with_the_account(ready, end):
    b = ready(2)
    if end == "delete":
        b.pool.provisioned.delete(KEY)
    else:
        b.pool.end_all()
    assert [environment.ended for environment in b.launched] == [1, 1]
    assert not b.pool.provisioned.allocations() and b.pool.environments() == 0


def test_one_that_is_initialised_while_its_configuration_goes_is_ended(bench, eventually):  # noqa: F811
    b = bench()
    b.init_gate.clear()
    put(b, 1)
    assert b.initialising.acquire(timeout=60)
    b.pool.provisioned.delete(KEY)
    b.init_gate.set()
    eventually(lambda: b.launched[0].ended)
    assert b.pool.environments() == 0


def test_all_of_a_reservation_provisioned_leaves_nothing_for_other_versions(ready):
    b = ready(2, provisioned=function(version="1", reserved_concurrency=2))
    with pytest.raises(Throttled) as refused:
        b.invoke(function(reserved_concurrency=2))
    assert refused.value.reason == "ReservedFunctionConcurrentInvocationLimitExceeded"
    started = b.begin(function(version="1", reserved_concurrency=2), 2)
    with pytest.raises(Throttled):
        b.invoke(function(version="1", reserved_concurrency=2))
    b.finish(started)


def test_what_is_provisioned_is_taken_from_the_account(ready):
    b = ready(2, quota=3)
    started = b.begin(function("g"))
    with pytest.raises(Throttled) as refused:
        b.invoke(function("h"))
    assert refused.value.reason == "ConcurrentInvocationLimitExceeded"
    b.finish(started)
    assert b.invoke(V1).start_type == "provisioned"


def test_a_new_version_behind_the_same_name_takes_over(ready, eventually):
    b = ready(1)
    put(b, 1, function(version="2"))
    eventually(lambda: allocation(b).status == READY)
    assert b.invoke(function(version="2")).start_type == "provisioned"
    assert b.invoke(V1).start_type == "cold"
    assert b.launched[0].ended
