"""Which environment serves an invocation; environments are stand-ins, so no process starts."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import facts
from labkit.clock import Clock
from labkit.runtime.concurrency import ScalingRate, Throttled
from labkit.runtime.control import SpawnError
from labkit.runtime.environment import PROVISIONED
from labkit.runtime.function import Function, InvocationRequest
from labkit.runtime.pool import Pool
from labkit.runtime.report import Completion

KEEP_ALIVE = 600.0


def function(name="f", **changed):
    defaults = dict(
        account="123456789012", region="us-east-1", name=name, version="$LATEST", handler="m.h", runtime="python3.13",
        role="arn:aws:iam::123456789012:role/r", timeout=3.0, memory=128, ephemeral_storage=512, code_sha256="a",
    )  # fmt: skip
    return Function(**(defaults | changed))


class StandIn:
    """An environment whose handler runs until `gate` opens."""

    def __init__(self, pool, function, initialization_type):
        self.id = f"environment-{next(pool.numbers)}"
        self.function = function
        self.initialization_type = initialization_type
        self.initialised = False
        self.log_stream = self.id
        self.last_used = pool.clock.time()
        self.ended = 0
        self._pool = pool
        self._used = False
        self._alone = threading.Lock()

    def run(self, request):
        assert self._alone.acquire(blocking=False), "an environment serves one invocation at a time"
        self._pool.entered.release()
        try:
            assert self._pool.gate.wait(60)
            if self._pool.crash:
                raise OSError("no disk left")
        finally:
            self._alone.release()
        first = "provisioned" if self.initialization_type == PROVISIONED else "cold"
        start_type = "warm" if self._used and first == "cold" else first
        self._used, self.initialised = True, not self._pool.dies
        self.last_used = self._pool.clock.time()
        return Completion(b"null", None, "ok", start_type, 0.0, 0.001, 0.001, 40.0, 0.0, ())

    def initialise(self):
        self._pool.initialising.release()
        assert self._pool.init_gate.wait(60)
        self.initialised = not self._pool.init_fails
        return (None if self.initialised else "a failure"), ()

    def terminate(self):
        self.ended += 1


class Bench:
    """A pool of stand-ins, with all that it told."""

    def __init__(self, quota=1000, capacity=16, scaling=1000):
        self.now = 1_000_000.0
        self.clock = Clock(lambda: self.now)
        self.numbers = itertools.count()
        self.entered = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()
        self.crash = self.dies = self.init_fails = False
        self.init_gate = threading.Event()
        self.init_gate.set()
        self.initialising = threading.Semaphore(0)
        self.launched, self.completed, self.records, self.waits = [], [], [], []
        self.reserved = {}
        self.pool = Pool(
            self.launch, lambda environment, *_: self.completed.append(environment), self.records.append,
            self.waits.append, lambda region: self.reserved, self.clock,
            concurrency_quota=quota, scaling=ScalingRate(scaling, 10), machine_capacity=capacity,
            keep_alive=KEEP_ALIVE,
        )  # fmt: skip
        self.threads = ThreadPoolExecutor(max_workers=32)

    def launch(self, function, initialization_type):
        self.launched.append(StandIn(self, function, initialization_type))
        return self.launched[-1]

    def invoke(self, function):
        request = InvocationRequest(f"request-{next(self.numbers)}", b"{}", function.arn, self.clock.time())
        return self.pool.invoke(function, request)

    def begin(self, function, times=1):
        """Invocations under way in threads, their handlers running."""
        self.gate.clear()
        futures = [self.threads.submit(self.invoke, function) for _ in range(times)]
        for _ in range(times):
            assert self.entered.acquire(timeout=60)
        return futures

    def finish(self, futures):
        self.gate.set()
        return [future.result(10) for future in futures]


@pytest.fixture
def bench():
    made = []

    def make(**options):
        made.append(Bench(**options))
        return made[-1]

    yield make
    for each in made:
        each.gate.set()
        each.init_gate.set()
        each.pool.close()  # frees whoever waits for room
        each.threads.shutdown()


def test_the_second_invocation_is_warm_and_in_the_same_environment(bench):
    b = bench()
    assert [b.invoke(function()).start_type for _ in range(3)] == ["cold", "warm", "warm"]
    assert {record.environment for record in b.records} == {b.launched[0].id}


def test_invocations_at_once_get_an_environment_each(bench):
    b = bench()
    started = b.begin(function(), 5)
    assert b.pool.environments() == 5 and not b.pool.is_idle()
    assert [done.start_type for done in b.finish(started)] == ["cold"] * 5
    assert b.pool.is_idle()


def test_the_most_recently_used_environment_goes_first(bench):
    b = bench()
    b.finish(b.begin(function(), 2))
    last = b.completed[-1]
    for _ in range(3):
        b.invoke(function())
    assert b.completed[2:] == [last] * 3


@pytest.mark.parametrize(
    "change", [{"code_sha256": "b"}, {"memory": 256}, {"environment": (("A", "1"),)}, {"role": "other"}]
)
def test_new_code_or_configuration_starts_cold_and_ends_the_old(bench, change):
    b = bench()
    b.invoke(function())
    assert b.invoke(function(**change)).start_type == "cold"
    assert [environment.ended for environment in b.launched] == [1, 0]


def test_reserved_concurrency_is_no_reason_for_a_cold_start(bench):
    b = bench()
    b.invoke(function())
    assert b.invoke(function(reserved_concurrency=5)).start_type == "warm"


def test_versions_and_functions_do_not_share_environments(bench):
    b = bench()
    for each in (function(), function(version="1"), function("g")):
        assert b.invoke(each).start_type == "cold"
    assert [environment.ended for environment in b.launched] == [0, 0, 0]
    assert b.invoke(function(version="1")).start_type == "warm"


@pytest.mark.parametrize(("idle", "start"), [(KEEP_ALIVE, "warm"), (KEEP_ALIVE + 1, "cold")])
def test_an_idle_environment_expires_when_the_clock_is_moved(bench, idle, start):
    b = bench()
    b.invoke(function())
    b.clock.advance(seconds=idle)
    assert b.pool.environments() == (1 if start == "warm" else 0)
    assert b.invoke(function()).start_type == start


def test_an_idle_environment_expires_as_time_goes_by(bench):
    b = bench()
    b.invoke(function())
    b.now += KEEP_ALIVE + 1
    assert b.invoke(function()).start_type == "cold"
    assert [environment.ended for environment in b.launched] == [1, 0]


def test_a_busy_environment_does_not_expire(bench):
    b = bench()
    started = b.begin(function())
    b.clock.advance(hours=2)
    b.finish(started)
    assert b.invoke(function()).start_type == "warm"


@pytest.mark.parametrize("reserved", [0, 1, 3])
def test_reserved_concurrency_is_a_ceiling(bench, reserved):
    b = bench()
    f = function(reserved_concurrency=reserved)
    started = b.begin(f, reserved)
    with pytest.raises(Throttled) as refused:
        b.invoke(f)
    assert refused.value.reason == "ReservedFunctionConcurrentInvocationLimitExceeded"
    b.finish(started)
    throttled = [record for record in b.records if record.outcome == "throttled"]
    assert len(throttled) == 1 and throttled[0].start_type == "" and throttled[0].environment == ""
    if reserved:
        assert b.invoke(f).start_type == "warm"


def test_the_quota_is_the_accounts(bench):
    b = bench(quota=2)
    started = [*b.begin(function("f")), *b.begin(function("g"))]
    with pytest.raises(Throttled) as refused:
        b.invoke(function("h"))
    assert refused.value.reason == "ConcurrentInvocationLimitExceeded"
    b.finish(started)
    assert b.invoke(function("h")).outcome == "ok"


def test_new_environments_come_at_the_scaling_rate(bench):
    b = bench(scaling=20)
    cold = [function(version=str(number)) for number in range(30)]  # each of its own environment
    assert {b.invoke(each).start_type for each in cold[:20]} == {"cold"}
    with pytest.raises(Throttled) as refused:
        b.invoke(cold[20])
    assert refused.value.reason == "FunctionInvocationRateLimitExceeded"
    with pytest.raises(Throttled) as refused:
        b.invoke(replace(cold[20], reserved_concurrency=5))
    assert refused.value.reason == "ReservedFunctionInvocationRateLimitExceeded"
    assert b.invoke(cold[19]).start_type == "warm"
    assert b.invoke(function("g")).start_type == "cold"
    b.now += 1
    assert [b.invoke(each).start_type for each in cold[20:22]] == ["cold", "cold"]
    with pytest.raises(Throttled):
        b.invoke(cold[22])
    assert [record.outcome for record in b.records].count("throttled") == 3
    b.pool.end_all()
    assert b.invoke(cold[22]).start_type == "cold"


def test_those_that_wait_for_the_machine_count_as_new_environments(bench):
    b = bench(capacity=1, scaling=3)
    started = b.begin(function())
    waiting = [b.threads.submit(b.invoke, function()) for _ in range(2)]
    while len(b.waits) < 2:
        assert not any(each.done() for each in waiting)
    with pytest.raises(Throttled):
        b.invoke(function())
    b.finish([*started, *waiting])


@given(st.lists(st.floats(0, 2), min_size=1, max_size=300), st.integers(1, 50), st.integers(1, 20))
def test_within_any_time_no_more_is_started_than_the_rate_allows(gaps, most, period):
    rate, now, granted = ScalingRate(most, period), 0.0, []
    for gap in gaps:
        now += gap
        if rate.take("f", now):
            granted.append(now)
    for first, start in enumerate(granted):
        for last in range(first, len(granted)):
            assert last - first + 1 <= most + (granted[last] - start) * most / period + 1e-6


def test_lambdas_rate_is_a_thousand_at_once_and_a_hundred_a_second():
    quotas = facts.QUOTAS
    rate = ScalingRate(quotas["scaling"].maximum, quotas["scaling_period"].maximum)
    assert sum(rate.take("f", 0.0) for _ in range(5000)) == 1000
    accepted = [sum(rate.take("f", second + step / 1000) for step in range(1000)) for second in range(1, 41)]
    assert 4000 <= sum(accepted) <= 4200 and accepted[20:] == [100] * 20


def test_what_is_reserved_is_taken_from_the_others_until_it_is_given_back(bench):
    b = bench(quota=2)
    b.reserved = {function("f").arn: 1}  # which need not have been invoked
    started = b.begin(function("g"))
    with pytest.raises(Throttled):
        b.invoke(function("g"))
    b.finish(started)
    b.reserved = {}
    assert len(b.finish(b.begin(function("g"), 2))) == 2


def test_a_quota_is_a_regions(bench):
    b = bench(quota=1)
    started = b.begin(function("f"))
    assert b.threads.submit(b.invoke, function("f", region="eu-west-1")) and b.entered.acquire(timeout=60)
    with pytest.raises(Throttled):
        b.invoke(function("g"))
    b.finish(started)


def test_past_the_machines_capacity_an_invocation_waits(bench):
    b = bench(capacity=2)
    started = b.begin(function(), 2)
    third = b.threads.submit(b.invoke, function())
    while not b.waits:
        assert not third.done()
    assert b.waits[0] == 2 and len(b.launched) == 2
    b.finish(started)
    assert third.result(10).start_type == "warm"


def test_the_longest_idle_environment_makes_room(bench):
    b = bench(capacity=2)
    for name in ("f", "g", "h"):
        b.invoke(function(name))
    assert [environment.ended for environment in b.launched] == [1, 0, 0]
    assert not b.waits and b.pool.environments() == 2


def test_a_failed_launch_leaves_room_and_concurrency(bench):
    b = bench(quota=1, capacity=1)
    launch, b.pool._launch = b.pool._launch, lambda *_: (_ for _ in ()).throw(OSError("no disk left"))
    with pytest.raises(OSError, match="no disk left"):
        b.invoke(function())
    b.pool._launch = launch
    assert b.threads.submit(b.invoke, function()).result(5).start_type == "cold"


def test_an_environment_that_failed_the_kit_is_not_used_again(bench):
    b = bench()
    b.crash = True
    with pytest.raises(OSError, match="no disk left"):
        b.invoke(function())
    b.crash = False
    assert b.invoke(function()).start_type == "cold"
    assert b.launched[0].ended == 1 and b.pool.environments() == 1


def test_the_idle_environments_of_what_is_no_longer_wanted_end(bench):
    b = bench()
    b.invoke(function("f"))
    b.invoke(function("g"))
    b.pool.keep(lambda each: each.name != "f")
    assert [environment.ended for environment in b.launched] == [1, 0]


def test_an_invocation_that_a_reset_ended_leaves_no_trace(bench):
    b = bench()
    b.invoke(function())
    started = b.begin(function("g"))
    b.pool.end_all()
    assert [environment.ended for environment in b.launched] == [1, 1]
    b.finish(started)
    assert [record.function for record in b.records] == ["f"] and len(b.completed) == 1
    assert b.pool.environments() == 0 and b.pool.is_idle()


def test_an_environment_that_was_starting_during_a_reset_is_not_kept(bench):
    b = bench()
    launch = b.pool._launch
    b.pool._launch = lambda *launched: (b.pool.end_all(), launch(*launched))[1]
    b.invoke(function())
    b.pool._launch = launch
    assert b.pool.environments() == 0 and b.launched[0].ended and not b.records


def test_who_waits_for_room_when_the_pool_closes_starts_nothing(bench):
    b = bench(capacity=1)
    b.begin(function("f"))
    waiting = b.threads.submit(b.invoke, function("g"))
    while not b.waits:
        assert not waiting.done()
    b.pool.close()
    with pytest.raises(SpawnError, match="stopping"):
        waiting.result(5)
    assert len(b.launched) == 1


def test_a_closed_pool_no_longer_follows_the_clock(bench):
    b = bench()
    b.pool.close()
    b.pool.expire_idle = lambda: pytest.fail("still called")
    b.clock.advance(seconds=1)
    assert not b.clock._listeners


@given(st.lists(st.tuples(st.sampled_from("fgh"), st.floats(0, 2 * KEEP_ALIVE)), max_size=40))
def test_one_at_a_time_a_start_is_cold_exactly_when_the_last_is_longer_ago_than_kept(arrivals):
    b, last = Bench(), {}
    for name, gap in arrivals:
        b.clock.advance(seconds=gap)
        kept = name in last and b.clock.time() - last[name] <= KEEP_ALIVE
        assert b.invoke(function(name)).start_type == ("warm" if kept else "cold")
        last[name] = b.clock.time()
    assert sum(record.start_type == "cold" for record in b.records) == len(b.launched)
    assert b.pool.environments() == len(b.launched) - sum(environment.ended for environment in b.launched)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 12))
def test_whatever_comes_at_once_capacity_and_quota_hold(capacity, quota, callers):
    b = Bench(quota=quota, capacity=capacity)

    def call(number):
        try:
            return b.invoke(function("fg"[number % 2])).outcome
        except Throttled:
            return "throttled"

    with b.threads:
        outcomes = list(b.threads.map(call, range(callers)))
    assert len(b.records) == callers
    assert sorted(record.outcome for record in b.records) == sorted(outcomes)
    assert b.pool.environments() <= capacity and b.pool.is_idle()


def test_the_wait_is_from_arrival_to_the_environment(bench):
    b = bench()
    f = function()
    b.pool.invoke(f, InvocationRequest("r", b"{}", f.arn, b.clock.time() - 2.5))
    assert b.records[0].wait == pytest.approx(2.5)


def test_a_record_says_what_ran_where(bench):
    b = bench()
    f = function(memory=512)
    b.pool.invoke(f, replace(InvocationRequest("r", b"{}", f.arn, b.clock.time()), source="s3"))
    (record,) = b.records
    assert (record.request_id, record.function, record.version, record.source) == ("r", "f", "$LATEST", "s3")
    assert (record.memory, record.max_memory, record.start_type, record.outcome) == (512.0, 40.0, "cold", "ok")
