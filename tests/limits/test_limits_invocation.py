"""Payload sizes and the arithmetic of reserved and provisioned concurrency."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import facts, limits

KEPT = facts.QUOTAS["unreserved_concurrency"].minimum


@pytest.mark.parametrize(
    ("invocation_type", "quota", "message"),
    [
        (
            "RequestResponse",
            "sync_request",
            "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
        ),
        (
            "Event",
            "async_request",
            "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)",
        ),
    ],
)
def test_a_payload_one_byte_over_the_limit_is_refused(invocation_type, quota, message):
    maximum = facts.QUOTAS[quota].maximum
    assert not limits.check_payload(bytes(maximum), invocation_type)
    refused = limits.refusal(limits.check_payload(bytes(maximum + 1), invocation_type))
    assert (refused.status, refused.code, refused.message) == (413, "RequestEntityTooLargeException", message)


def test_what_the_exam_expects_of_an_asynchronous_payload_stands_beside_it():
    assert limits.check_payload(bytes(2_000_000), "Event")[0].exam == "256 KB"


def test_an_unknown_invocation_type_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="RequestResponse"):
        limits.check_payload(b"", "RequestRespons")


@given(st.integers(100, 5000), st.integers(0, 3000), st.integers(1, 3000))
def test_a_reservation_leaves_the_minimum_to_the_other_functions(limit, already, reserved):
    findings = limits.check_concurrency(reserved=reserved, account_limit=limit, already_reserved=already)
    assert bool(findings) == (limit - already - reserved < KEPT)


def test_the_refusal_of_a_reservation_is_aws_s():
    assert not limits.check_concurrency(reserved=900)
    refused = limits.refusal(limits.check_concurrency(reserved=901))
    assert (refused.status, refused.code, refused.type) == (400, "InvalidParameterValueException", None)
    assert refused.message == (
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
        "its minimum value of [100]."
    )


def test_a_new_account_keeps_all_of_its_ten():
    assert "[10]" in limits.refusal(limits.check_concurrency(reserved=1, account_limit=10)).message


@given(st.integers(1, 2000), st.integers(0, 2000))
def test_reserving_nothing_is_always_allowed(limit, already):
    assert not limits.check_concurrency(reserved=0, account_limit=limit, already_reserved=already)


def test_a_negative_reservation_is_an_error_of_shape():
    refused = limits.refusal(limits.check_concurrency(reserved=-1))
    assert refused.code == "ValidationException" and "Value '-1' at 'reservedConcurrentExecutions'" in refused.message


def test_provisioned_concurrency_stays_below_the_reservation_or_the_unreserved_rest():
    assert not limits.check_concurrency(reserved=2, provisioned=2)
    assert limits.refusal(limits.check_concurrency(reserved=1, provisioned=2)).message == (
        " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2]."
    )
    assert not limits.check_concurrency(provisioned=500, already_reserved=400)
    assert limits.refusal(limits.check_concurrency(provisioned=600, already_reserved=400)).message == (
        "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its "
        "minimum value of [100]."
    )
    assert limits.refusal(limits.check_concurrency(provisioned=601, already_reserved=400)).message == (
        "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [600]."
    )


def test_what_was_checked_is_named():
    assert "ReservedConcurrentExecutions" in str(limits.check_concurrency(reserved=1))
    assert "Nothing was checked" in str(limits.check_concurrency())
