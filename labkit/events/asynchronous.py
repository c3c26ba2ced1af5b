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
from labkit.facts import QUOTAS
from labkit.runtime.trace import invoked_again, new_trace

RETRY_DELAYS = (60.0, 120.0)  # seconds, as recorded from AWS
THROTTLED_BACKOFF = QUOTAS["throttled_backoff"]  # seconds; doubled each time (fact ASY-02)


@dataclass(frozen=True)
class Handling:
    """What is configured for a function's asynchronous invocations; ARNs are empty where nothing is told.

    `retries` counts attempts after the first, `longest_age` is in seconds. `role` is the ARN of the function's role,
    with which it is told how events end. `reserves_none` says whether the function is given no concurrency at all,
    `stops_loops` whether recursion is ended.
    """

    retries: int
    longest_age: float
    role: str = ""
    on_success: str = ""
    on_failure: str = ""
    dead_letter: str = ""
    reserves_none: bool = False
    stops_loops: bool = True


@dataclass(frozen=True)
class AsynchronousEvent:
    """An event in the queue. `function_arn` is as it was called, with its qualifier; `queued` is account time.

    `handling` is as it was last seen, and stays when what was called is deleted.
    """

    request_id: str
    function_arn: str
    payload: bytes
    source: str
    trace: str
    queued: float
    handling: Handling
    failures: int = 0
    throttles: int = 0


@dataclass(frozen=True)
class Attempt:
    """What came of delivering an event once.

    `outcome` is ok, failed, throttled, stopped (the function reserves no concurrency), gone (what was called has been
    deleted) or loop (recursion was found); a front door of HTTP also knows denied, too_large and late. `payload` is the
    handler's result or its error.
    """

    outcome: str
    version: str = "$LATEST"
    payload: bytes = b"null"

    @property
    def ran(self) -> bool:
        """Whether the handler was called."""
        return self.outcome in ("ok", "failed")


class Told(Protocol):
    """Hears how an event ended: `condition` in AWS's words."""

    def __call__(self, event: AsynchronousEvent, attempt: Attempt, condition: str) -> None: ...


class Asynchronous:
    """The queue of asynchronous invocations.

    `deliver(event)` invokes the function and waits for it; `handling(function ARN)` is what is configured, None for a
    function, version or alias that is gone; `tell` is called when an event has ended.
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
        request_id, now = str(uuid.uuid4()), self._clock.time()
        if handling := self._handling(function_arn):
            known = trace or new_trace(now)
            event = AsynchronousEvent(request_id, function_arn, payload, source, known, now, handling)
            self._agenda.at(now, lambda: self._attempt(event))
        return request_id

    def _attempt(self, event: AsynchronousEvent) -> None:
        event = self._as_configured(event)
        if event.handling.reserves_none:
            self._tell(event, Attempt("stopped"), "ZeroReservedConcurrency")
        elif event.handling.stops_loops and goes_round(event.trace, event.function_arn):
            warn_of_loop(event.function_arn, event.source)
            self._tell(event, Attempt("loop"), "RecursiveInvocationDetected")
        else:
            attempt = self._deliver(replace(event, trace=invoked_again(event.trace, event.function_arn)))
            self._after(self._as_configured(event), attempt)

    def _as_configured(self, event: AsynchronousEvent) -> AsynchronousEvent:
        return replace(event, handling=self._handling(event.function_arn) or event.handling)

    def _after(self, event: AsynchronousEvent, attempt: Attempt) -> None:
        match attempt.outcome:
            case "ok":
                self._tell(event, attempt, "Success")
            case "gone" if _is_dropped(event):
                pass
            case "failed" | "gone":
                self._after_failure(replace(event, failures=event.failures + 1), attempt)
            case "stopped":
                self._tell(event, attempt, "ZeroReservedConcurrency")
            case "throttled":
                delay = min(THROTTLED_BACKOFF.minimum * 2**event.throttles, THROTTLED_BACKOFF.maximum)
                self._again(replace(event, throttles=event.throttles + 1), delay, attempt)

    def _after_failure(self, event: AsynchronousEvent, attempt: Attempt) -> None:
        if event.handling.reserves_none:
            self._tell(event, Attempt("stopped"), "ZeroReservedConcurrency")
        elif event.failures > event.handling.retries:
            self._tell(event, attempt, "RetriesExhausted")
        else:
            self._again(event, RETRY_DELAYS[event.failures - 1], attempt)

    def _again(self, event: AsynchronousEvent, delay: float, attempt: Attempt) -> None:
        """Try once more, unless the event would be too old by then: then it ends at once."""
        due = self._clock.time() + delay
        if due - event.queued >= event.handling.longest_age:
            self._tell(event, attempt, "EventAgeExceeded")
        else:
            self._agenda.at(due, lambda: self._attempt(event))


def _is_dropped(event: AsynchronousEvent) -> bool:
    """AWS was seen to tell nothing of an event whose alias went before its first attempt, unless it has no retries."""
    qualifier = event.function_arn.split(":")[7:]
    return bool(qualifier) and not qualifier[0].isdigit() and event.failures == 0 and event.handling.retries > 0
