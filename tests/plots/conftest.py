from __future__ import annotations

import pytest

from labkit.records import Invocation, Trace

MIDNIGHT = 1_760_000_000.0


def invocation(environment, at, wait, init, duration, start="warm", outcome="ok", function="resize"):
    return Invocation(
        "request", function, "$LATEST", environment, "invoke", start, outcome,
        MIDNIGHT + at, wait, init, duration, duration, 128.0, 40.0,
    )  # fmt: skip


@pytest.fixture
def call():
    """Makes an invocation: environment, seconds after the first arrival, wait, init, duration (s)."""
    return invocation


@pytest.fixture
def mixed():
    """Three environments; a queued event, an error, a timeout and two throttled invocations among them."""
    return Trace.of([
        invocation("a", 0.0, 0.020, 0.048, 0.004, "cold"),
        invocation("b", 0.1, 0.018, 0.040, 0.300, "cold"),
        invocation("a", 0.2, 0.001, 0.0, 0.400),
        invocation("a", 0.3, 0.301, 0.0, 0.050),
        invocation("c", 0.4, 0.030, 0.400, 0.100, "cold", "error"),
        invocation("c", 1.5, 0.001, 0.0, 0.600, outcome="timeout"),
        invocation("", 0.5, 0.0, 0.0, 0.0, "", "throttled"),
        invocation("", 0.6, 0.0, 0.0, 0.0, "", "throttled"),
    ])  # fmt: skip
