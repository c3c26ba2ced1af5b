"""The queue of asynchronous invocations: each event is delivered, and tried again when it failed, in account time.

Two retries, 60 s after the first failure and 120 s after the second, keep the request id. A throttled event returns
to the queue. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from labkit import facts
from labkit.clock import Clock

RETRY_DELAYS = (60.0, 120.0)  # seconds, as recorded from AWS
THROTTLED_DELAY = 1.0  # seconds; AWS doubles it up to five minutes
LONGEST_THROTTLED_DELAY = 300.0
DELIVERED_AT_ONCE = 64
POLL = 0.2  # seconds between looks at account time while something is due later


@dataclass(frozen=True)
class AsynchronousEvent:
    """An event in the queue. `function_arn` is as it was called, with its qualifier; `queued` is account time."""

    request_id: str
    function_arn: str
    payload: bytes
    source: str
    queued: float
    attempts: int = 0
    throttled: int = 0


class Dispatcher:
    """Delivers events from its own threads. `deliver` answers "ok", "failed", "throttled" or "gone"."""

    def __init__(self, deliver: Callable[[AsynchronousEvent], str], clock: Clock):
        self._deliver = deliver
        self._clock = clock
        self._queue: list[tuple[float, int, AsynchronousEvent]] = []
        self._order = itertools.count()
        self._under_way = 0
        self._cleared = 0  # how often the queue was cleared
        self._closed = False
        self._change = threading.Condition()
        self._unsubscribe = clock.subscribe(self._wake)
        self._thread = threading.Thread(target=self._serve, name="labkit-dispatcher", daemon=True)
        self._thread.start()

    def send(self, event: AsynchronousEvent, delay: float = 0.0) -> None:
        """Queue an event, to be delivered `delay` seconds of account time from now."""
        with self._change:
            self._push(event, delay)

    def settle(self, timeout: float) -> bool:
        """Wait until nothing is due or under way; whether that came within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self._change:
            while self._under_way or self._is_due():
                if (
                    not self._change.wait(min(POLL, max(deadline - time.monotonic(), 0)))
                    and time.monotonic() >= deadline
                ):
                    return False
        return True

    def clear(self) -> None:
        """Forget what is queued; what is under way is not tried again."""
        with self._change:
            self._queue.clear()
            self._cleared += 1
            self._change.notify_all()

    def close(self) -> None:
        """Stop delivering."""
        self._unsubscribe()
        with self._change:
            self._closed = True
            self._queue.clear()
            self._change.notify_all()
        self._thread.join()

    def _push(self, event: AsynchronousEvent, delay: float) -> None:
        heapq.heappush(self._queue, (self._clock.time() + delay, next(self._order), event))
        self._change.notify_all()

    def _wake(self) -> None:
        with self._change:
            self._change.notify_all()

    def _is_due(self) -> bool:
        return bool(self._queue) and self._queue[0][0] <= self._clock.time()

    def _serve(self) -> None:
        while (event := self._next()) is not None:
            threading.Thread(target=self._run, args=(event,), name="labkit-delivery", daemon=True).start()

    def _next(self) -> AsynchronousEvent | None:
        with self._change:
            while not self._closed and (not self._is_due() or self._under_way >= DELIVERED_AT_ONCE):
                self._change.wait(POLL if self._queue else None)
            if self._closed:
                return None
            self._under_way += 1
            return heapq.heappop(self._queue)[2]

    def _run(self, event: AsynchronousEvent) -> None:
        cleared = self._cleared
        try:
            outcome = self._deliver(event)
            with self._change:
                if cleared == self._cleared:
                    self._after(event, outcome)
        finally:
            with self._change:
                self._under_way -= 1
                self._change.notify_all()

    def _after(self, event: AsynchronousEvent, outcome: str) -> None:
        retries = facts.QUOTAS["async_retries"].default or 0
        if outcome == "failed" and event.attempts < retries:
            delay = RETRY_DELAYS[event.attempts]
            self._push(dataclasses.replace(event, attempts=event.attempts + 1), delay)
        elif outcome == "throttled":
            delay = min(THROTTLED_DELAY * 2**event.throttled, LONGEST_THROTTLED_DELAY)
            self._push(dataclasses.replace(event, throttled=event.throttled + 1), delay)
