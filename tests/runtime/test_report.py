"""What is billed, and what a failure tells of itself."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.runtime import report
from labkit.runtime.report import billed_seconds

MILLISECONDS = st.integers(0, 900_000)


@given(MILLISECONDS, MILLISECONDS)
def test_whole_milliseconds_are_billed_as_they_are(duration, init):
    assert billed_seconds(duration / 1000, init / 1000) == (duration + init) / 1000


@given(st.floats(0, 900), st.floats(0, 10))
def test_the_next_millisecond_is_billed_and_no_more(duration, init):
    billed = 1000 * billed_seconds(duration, init)
    assert billed == pytest.approx(round(billed)) and -1e-5 <= billed - 1000 * (duration + init) < 1


def test_a_microsecond_more_is_a_millisecond_and_a_rounding_error_is_none():
    assert billed_seconds(0.100001, 0) == 0.101
    assert billed_seconds(math.nextafter(0.1, 1), 0) == 0.1


@pytest.mark.parametrize(
    ("failure", "fatal", "reported"),
    [
        (report.raised("E", b"{}"), False, True),
        (report.not_initialised("E", b"{}"), True, True),
        (report.not_startable("E", "no", "r"), True, False),
        (report.timed_out(3, "r"), True, False),
        (report.exited(1, "r", None), True, False),
    ],
)
def test_what_ends_the_process_and_who_has_told_of_it(failure, fatal, reported):
    assert (failure.fatal, failure.reported) == (fatal, reported)


def test_a_process_that_ends_tells_how():
    told = [json.loads(report.exited(status, "r", None).payload)["errorMessage"] for status in (1, 0, -9)]
    assert told == [
        "RequestId: r Error: Runtime exited with error: exit status 1",
        "RequestId: r Error: Runtime exited without providing a reason",
        "RequestId: r Error: Runtime exited with error: signal: killed",
    ]


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(report.timed_out(10, "r"), "SnapStartTimeoutException"), (report.raised("E", b"{}"), "SnapStartException")],
)
def test_a_restore_that_fails_is_told_by_an_exception_of_the_api(failure, kind):
    found = report.not_restored(failure)
    assert (found.error_type, found.outcome) == (kind, failure.outcome)
    assert json.loads(found.payload)["errorType"] == kind
