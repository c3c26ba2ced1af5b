"""What is to happen at which account time, and what is happening now."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from labkit.clock import Clock

AT_ONCE = 64  # actions that run at the same time
LOOK = 0.2  # seconds between looks at account time, which runs with the machine's, while something is due later

Action = Callable[[], None]


class Agenda:
    """Runs actions when account time has come, each in a thread of its own, those due together in their order.

    What is under way elsewhere (a poller that has received messages) says so with `under_way`, so that `settle` waits
    for it too. After `clear`, what an action of before wants to happen later is forgotten too.
    """

    def __init__(self, clock: Clock):
        self._clock = clock
        self._entries: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._running = 0
        self._cleared = 0  # how often
        self._begun_after = threading.local()  # as many clearings, the action of this thread
        self._closed = False
        self._change = threading.Condition()
        self._leave = (clock.subscribe(self.wake), clock.follow(self))
        self._thread = threading.Thread(target=self._serve, name="labkit-agenda", daemon=True)
        self._thread.start()

    def at(self, due: float, action: Action) -> None:
        """Run `action` at `due`, seconds since 1970 in account time; at once when that has passed."""
        with self._change:
            if getattr(self._begun_after, "clearings", self._cleared) != self._cleared:
                return
            heapq.heappush(self._entries, (due, next(self._order), action))
            self._change.notify_all()

    def after(self, delay: float, action: Action) -> None:
        """Run `action` in so many seconds of account time."""
        self.at(self._clock.time() + delay, action)

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Count what happens inside as under way."""
        with self._change:
            self._running += 1
        try:
            yield
        finally:
            with self._change:
                self._running -= 1
                self._change.notify_all()

    def next_due(self) -> float | None:
        """The first time after now at which something falls due; None when nothing will."""
        with self._change:
            now = self._clock.time()
            return min((due for due, _, _ in self._entries if due > now), default=None)

    def settle(self, timeout: float) -> bool:
        """Wait until nothing is due or under way; whether that came within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self._change:
            while self._running or self._is_due():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._change.wait(min(LOOK, left))
        return True

    def clear(self) -> None:
        """Forget what is to happen."""
        with self._change:
            self._cleared += 1
            self._entries.clear()
            self._change.notify_all()

    def wake(self) -> None:
        """Look at the time again."""
        with self._change:
            self._change.notify_all()

    def close(self) -> None:
        """Run nothing more."""
        for leave in self._leave:
            leave()
        with self._change:
            self._closed = True
            self._entries.clear()
            self._change.notify_all()
        self._thread.join()

    def _is_due(self) -> bool:
        return bool(self._entries) and self._entries[0][0] <= self._clock.time()

    def _serve(self) -> None:
        while (found := self._next()) is not None:
            threading.Thread(target=self._run, args=found, name="labkit-event", daemon=True).start()

    def _next(self) -> tuple[Action, int] | None:
        """The next action, once it is due, and how often all was forgotten until then."""
        with self._change:
            while not self._closed and (not self._is_due() or self._running >= AT_ONCE):
                self._change.wait(self._until_due())
            if self._closed:
                return None
            self._running += 1
            return heapq.heappop(self._entries)[2], self._cleared

    def _until_due(self) -> float | None:
        """How long to sleep at most: until the next is due, and not long, since account time may be moved."""
        if not self._entries or self._running >= AT_ONCE:
            return None
        return min(LOOK, max(self._entries[0][0] - self._clock.time(), 0.0))

    def _run(self, action: Action, clearings: int) -> None:
        self._begun_after.clearings = clearings
        try:
            action()
        finally:
            with self._change:
                self._running -= 1
                self._change.notify_all()
