"""Bills against sums that are worked out by hand, or by other arithmetic."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import fleet
from labkit.mistake import BadValue
from labkit.records import Trace


def trace_of(count=1, seconds=0.1, memory=1024, start_type="warm", init=0.0, billed=None, arrival=0.0):
    return Trace.from_columns(
        request_id=[""] * count, function=["f"] * count, version=[""] * count, environment=[""] * count,
        source=["invoke"] * count, start_type=[start_type] * count,
        outcome=["ok" if start_type else "throttled"] * count,
        arrival=np.full(count, arrival), wait=np.zeros(count), init=np.full(count, init),
        duration=np.full(count, seconds), billed=np.full(count, seconds + init if billed is None else billed),
        memory=np.full(count, float(memory)), max_memory=np.zeros(count),
    )  # fmt: skip


def test_the_worked_example_of_the_pricing_page():
    """PRC-15: three million requests of 120 ms with 1,536 MB cost 2.33 and 0.40 USD."""
    bill = fleet.cost(trace_of(3, 0.12, 1536), times=1_000_000)
    assert [(line.item, float(line.amount), float(line.free)) for line in bill.lines] == [
        ("Requests", 3_000_000, 1_000_000), ("Duration", 540_000, 400_000),
    ]  # fmt: skip
    assert (bill.usd("Requests"), round(bill.usd("Duration"), 2)) == (0.4, 2.33)
    assert bill.total == Decimal("2.73")


def test_within_the_free_tier_nothing_is_paid():
    assert fleet.cost(trace_of(1000, 10.0)).total == 0
    assert fleet.cost(trace_of(1000, 10.0), free_tier=False).total > 0


def test_each_tier_has_its_own_price():
    """Twenty billion GB-seconds: six, nine and five billion of them."""
    bill = fleet.cost(trace_of(1, 200.0, 1024), times=100_000_000, free_tier=False)
    assert bill.usd("Duration") == pytest.approx(6e9 * 16.6667e-6 + 9e9 * 15e-6 + 5e9 * 13.3334e-6, rel=1e-12)


def test_arm_is_a_fifth_cheaper():
    arm, x86 = (fleet.cost(trace_of(), times=10**9, architecture=name).usd("Duration") for name in ("arm64", "x86_64"))
    assert arm / x86 == pytest.approx(0.8, abs=1e-4)


def test_a_throttled_invocation_costs_nothing():
    assert fleet.cost(trace_of(5, 0.0, start_type=""), times=10**9, free_tier=False).total == 0


def test_init_is_billed_since_august_2025_and_was_not_before():
    cold = trace_of(1, 0.1, start_type="cold", init=0.4)
    now, then = (fleet.cost(cold, init_billing=name).lines[1].amount for name in ("2025-08", "pre-2025-08"))
    assert (float(now), float(then)) == (0.5, 0.1)


def test_provisioned_concurrency_is_paid_by_five_minutes_and_without_free_tier():
    """Ten of 1 GB for 301 s, that is 600 s, and a hundred calls of 0.1 s on them."""
    bill = fleet.cost(trace_of(100, 0.1, 1024, "provisioned"), provisioned=10, until=301.0)
    assert {line.item: float(line.amount) for line in bill.lines} == {
        "Requests": 100, "Provisioned concurrency": 6000, "Duration on provisioned concurrency": 10,
    }  # fmt: skip
    assert bill.total == Decimal("0.03")  # 6000 x 4.1667e-6 + 10 x 9.7222e-6 + 100 x 2e-7 = 0.0251


def test_a_schedule_is_paid_step_by_step():
    schedule = [(0, 2), (600, 5), (900, 0)]
    bill = fleet.cost(trace_of(1, 0.1, 2048, "provisioned"), provisioned=schedule, until=3600.0)
    assert next(float(line.amount) for line in bill.lines if line.item == "Provisioned concurrency") == 2 * (
        2 * 600 + 5 * 300
    )


def test_snapstart_is_paid_for_cache_and_restores_but_not_for_java():
    restored = trace_of(10, 0.1, 512, "restored", billed=0.2)
    bill = fleet.cost(restored, cached=60.0)
    assert bill.usd("SnapStart restores") == pytest.approx(10 * 0.5 * 0.0001397998)
    assert bill.usd("SnapStart cache") == pytest.approx(3 * 3600 * 0.5 * 1.5046e-6)  # three hours at least
    free = fleet.cost(restored, cached=60.0, runtime="java21")
    assert (free.usd("SnapStart restores"), free.usd("SnapStart cache")) == (0, 0)


def test_tmp_above_what_is_included_is_paid_while_the_function_runs():
    bill = fleet.cost(trace_of(10, 1.0), tmp=512 + 1024)
    assert bill.usd("/tmp above 512 MB") == pytest.approx(10 * 3.09e-8)


@given(
    st.lists(st.tuples(st.integers(0, 900_000), st.sampled_from([128, 512, 1769, 10240])), min_size=1, max_size=20),
    st.integers(1, 10**6),
)
def test_a_bill_is_the_sum_of_its_invocations(rows, times):
    """By decimal arithmetic, row by row, in the first tier."""
    milliseconds, memory = zip(*rows, strict=True)
    trace = Trace.of([
        trace_of(1, ms / 1000, mb, billed=ms / 1000)[0] for ms, mb in zip(milliseconds, memory, strict=True)
    ])  # fmt: skip
    gb_seconds = sum(Decimal(ms) * mb for ms, mb in rows) * times / 1000 / 1024
    bill = fleet.cost(trace, times=times, free_tier=False)
    if gb_seconds < 6 * 10**9:
        exact = gb_seconds * Decimal("0.0000166667") + Decimal(times) * len(rows) / 10**6 * Decimal("0.2")
        assert abs(bill.total - exact) <= Decimal("0.005")


def test_provisioned_concurrency_breaks_even_at_three_fifths():
    assert fleet.break_even_provisioned() == pytest.approx(0.6, abs=1e-4)
    assert fleet.break_even_provisioned("arm64") == pytest.approx(0.6, abs=1e-3)


def test_a_task_of_twenty_minutes_on_fargate():
    bill = fleet.fargate_task(20 * 60, vcpu=1, memory=2048)
    assert float(sum(line.usd for line in bill.lines)) == pytest.approx((0.04048 + 2 * 0.004445) / 3)
    assert fleet.fargate_task(1, vcpu=1, memory=2048) == fleet.fargate_task(60, vcpu=1, memory=2048)


def test_a_simulated_fleet_has_a_bill():
    trace = fleet.simulate(np.arange(1000.0), service=0.0501, init=0.3, memory=1024)
    bill = fleet.cost(trace, times=30)
    assert float(bill.lines[1].amount) == pytest.approx(30 * (0.351 + 999 * 0.051))


def test_a_bill_reads_as_a_table_and_tells_its_date():
    bill = fleet.cost(trace_of(3, 0.12, 1536), times=1_000_000)
    assert "Total: 2.73 USD a month, us-east-1, prices as of 2026-09-28" in str(bill)
    assert "<td>Requests</td><td>3e+06</td>" in bill._repr_html_().replace("3,000,000", "3e+06")


@pytest.mark.parametrize(
    ("given_settings", "message"),
    [
        ({"architecture": "arm"}, "arm64"),
        ({"init_billing": "2024"}, "pre-2025-08"),
        ({"tmp": 100}, "512 to 10240 MB"),
        ({"cached": -1}, "seconds, 0 or more"),
        ({"times": 0}, "1 or more"),
        ({"provisioned": -1}, "0 or more"),
    ],
)
def test_what_can_not_be_is_told_with_what_can(given_settings, message):
    with pytest.raises(BadValue, match=message):
        fleet.cost(trace_of(), **given_settings)


def test_provisioned_concurrency_belongs_to_one_function():
    both = Trace.of([trace_of(memory=128)[0], trace_of(memory=256)[0]])
    with pytest.raises(BadValue, match="of_function"):
        fleet.cost(both, provisioned=1)
