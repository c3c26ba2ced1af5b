"""Asynchronous invocations: queued, tried again when they fail, told of when they end.

Two retries, a minute after the first failure and two minutes after the second, keep the request id. A throttled event
returns to the queue, ever later, until it is too old.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from labkit.clock import Clock
from labkit.control_plane.loops import goes_round, warn_of_loop
from labkit.events.agenda import Agenda
from labkit.runtime.trace import invoked_again, new_trace

RETRY_DELAYS = (60.0, 120.0)  # seconds, as recorded from AWS
FIRST_THROTTLED_DELAY = 1.0  # seconds; doubled each time (fact ASY-02)
LONGEST_THROTTLED_DELAY = 300.0


@dataclass(frozen=True)
class AsynchronousEvent:
    """An event in the queue. `function_arn` is as it was called, with its qualifier; `queued` is account time."""

    request_id: str
    function_arn: str
    payload: bytes
    source: str
    trace: str
    queued: float
    failures: int = 0
    throttles: int = 0


@dataclass(frozen=True)
class Attempt:
    """What came of delivering an event once.

    `outcome` is ok, failed, throttled, stopped (the function reserves no concurrency), gone (the version or alias has
    been deleted) or loop (recursion was found); a front door of HTTP also knows denied, too_large and late. `payload`
    is the handler's result or its error.
    """

    outcome: str
    version: str = "$LATEST"
    payload: bytes = b"null"

    @property
    def ran(self) -> bool:
        """Whether the handler was called."""
        return self.outcome in ("ok", "failed")


@dataclass(frozen=True)
class Handling:
    """What is configured for a function's asynchronous invocations; ARNs are empty where nothing is told.

    `retries` counts attempts after the first, `longest_age` is in seconds. `stops_loops` says whether recursion is
    ended.
    """

    retries: int
    longest_age: float
    on_success: str = ""
    on_failure: str = ""
    dead_letter: str = ""
    stops_loops: bool = True


class Told(Protocol):
    """Hears how an event ended: `condition` in AWS's words."""

    def __call__(self, event: AsynchronousEvent, attempt: Attempt, condition: str, handling: Handling) -> None: ...


class Asynchronous:
    """The queue of asynchronous invocations.

    `deliver(event)` invokes the function and waits for it; `handling(function ARN)` is what is configured, None for a
    function that is gone; `tell` is called when an event has ended.
    """

    def __init__(
        self,
        agenda: Agenda,
        clock: Clock,
        deliver: Callable[[AsynchronousEvent], Attempt],
        handling: Callable[[str], Handling | None],
        tell: Told,
    ):
        self._agenda = agenda
        self._clock = clock
        self._deliver = deliver
        self._handling = handling
        self._tell = tell

    def send(self, function_arn: str, payload: bytes, source: str, trace: str | None = None) -> str:
        """Queue an event and return its request id; nothing is waited for."""
        now = self._clock.time()
        event = AsynchronousEvent(str(uuid.uuid4()), function_arn, payload, source, trace or new_trace(now), now)
        self._agenda.at(now, lambda: self._attempt(event))
        return event.request_id

    def _attempt(self, event: AsynchronousEvent) -> None:
        handling = self._handling(event.function_arn)
        if handling is None:
            return
        if handling.stops_loops and goes_round(event.trace, event.function_arn):
            warn_of_loop(event.function_arn, event.source)
            self._tell(event, Attempt("loop"), "RecursiveInvocationDetected", handling)
            return
        attempt = self._deliver(replace(event, trace=invoked_again(event.trace, event.function_arn)))
        match attempt.outcome:
            case "ok":
                self._tell(event, attempt, "Success", handling)
            case "failed" | "gone":
                self._after_failure(event, attempt, handling)
            case "throttled":
                delay = min(FIRST_THROTTLED_DELAY * 2**event.throttles, LONGEST_THROTTLED_DELAY)
                self._again(replace(event, throttles=event.throttles + 1), delay, attempt, handling)
            case "stopped":
                self._tell(event, attempt, "ZeroReservedConcurrency", handling)

    def _after_failure(self, event: AsynchronousEvent, attempt: Attempt, handling: Handling) -> None:
        failed = replace(event, failures=event.failures + 1)
        if failed.failures > handling.retries:
            self._tell(failed, attempt, "RetriesExhausted", handling)
        else:
            self._again(failed, RETRY_DELAYS[event.failures], attempt, handling)

    def _again(self, event: AsynchronousEvent, delay: float, attempt: Attempt, handling: Handling) -> None:
        """Try once more, unless the event would be too old by then: then it ends at once."""
        due = self._clock.time() + delay
        if due - event.queued >= handling.longest_age:
            self._tell(event, attempt, "EventAgeExceeded", handling)
        else:
            self._agenda.at(due, lambda: self._attempt(event))
