"""What a function may use at once: its own reservation, or what its account leaves unreserved in its region."""

from __future__ import annotations

import pytest

from labkit.runtime.concurrency import Concurrency, ScalingRate, Throttled
from labkit.runtime.function import Function

NEVER_SCALES = 1_000_000


def function(name="f", region="us-east-1", reserved=None):
    return Function(
        account="123456789012", region=region, name=name, version="$LATEST", handler="h", runtime="python3.13",
        role="r", timeout=3, memory=128, ephemeral_storage=512, code_sha256="", reserved_concurrency=reserved,
    )  # fmt: skip


def limits(quota, reserved=(), provisioned=()):
    """The limits with these functions' reservations, and so many provisioned environments of these functions."""
    ready = dict(provisioned)
    return Concurrency(
        quota,
        lambda region: {one.arn: one.reserved_concurrency for one in reserved if one.region == region},
        lambda chosen: sum(count for one, count in ready.items() if chosen(one)),
        ScalingRate(NEVER_SCALES, 1),
    )


def served(concurrency, function, most=50):
    """How many run before one is refused, and why that was."""
    for count in range(most):
        try:
            concurrency.refuse_beyond_limits(function)
        except Throttled as refused:
            return count, refused.reason
        concurrency.begin(function)
    return most, ""


def test_provisioned_environments_are_part_of_a_reservation():
    mine = function(reserved=5)
    assert served(limits(100, [mine], {mine: 2}), mine) == (3, "ReservedFunctionConcurrentInvocationLimitExceeded")


def test_what_others_reserve_is_taken_from_the_account_whether_they_run_or_not():
    other = function("other", reserved=4)
    concurrency = limits(10, [other])
    concurrency.begin(other)
    assert served(concurrency, function()) == (6, "ConcurrentInvocationLimitExceeded")


def test_provisioned_environments_of_functions_without_a_reservation_count_too():
    other, reserving = function("other"), function("reserving", reserved=4)
    concurrency = limits(10, [reserving], {other: 2, reserving: 3})
    assert served(concurrency, function())[0] == 10 - 4 - 2


def test_each_region_has_a_quota_of_its_own():
    away = function("other", region="eu-west-1")
    concurrency = limits(10, provisioned={away: 3})
    concurrency.begin(away)
    assert served(concurrency, function())[0] == 10
    assert served(concurrency, away)[0] == 10 - 3 - 1


def test_what_has_ended_makes_room():
    mine = function(reserved=1)
    concurrency = limits(10, [mine])
    concurrency.begin(mine)
    with pytest.raises(Throttled):
        concurrency.refuse_beyond_limits(mine)
    assert concurrency.in_use()
    concurrency.end(mine)
    concurrency.refuse_beyond_limits(mine)
    assert not concurrency.in_use()


def test_the_scaling_rate_refills_and_does_not_add_up():
    rate = ScalingRate(10, 5)
    assert [rate.take("f", 0.0) for _ in range(11)] == [True] * 10 + [False]
    assert [rate.take("f", 1.0) for _ in range(3)] == [True, True, False]
    assert sum(rate.take("f", 1000.0) for _ in range(20)) == 10
    assert rate.take("g", 0.0)


@pytest.mark.parametrize(
    ("reserved", "reason"),
    [(None, "FunctionInvocationRateLimitExceeded"), (9, "ReservedFunctionInvocationRateLimitExceeded")],
)
def test_a_function_that_scales_too_fast_is_refused_until_it_is_forgotten(reserved, reason):
    mine = function(reserved=reserved)
    concurrency = Concurrency(100, lambda region: {}, lambda chosen: 0, ScalingRate(1, 10))
    concurrency.scale(mine, 0.0)
    with pytest.raises(Throttled, match="Rate Exceeded") as refused:
        concurrency.scale(mine, 0.0)
    assert refused.value.reason == reason
    concurrency.forget()
    concurrency.scale(mine, 0.0)
