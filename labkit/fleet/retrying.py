"""Asynchronous events that are throttled: Lambda tries them again, ever later, until they are too old (ASY-02).

Each waits a second after its first refusal, then twice as long each time, five minutes at most. So what is refused
within a second comes back after it: as long as anything is to be tried again, the fleet is served second by second.
"""

from __future__ import annotations

import heapq
import math

import numpy as np

from labkit.facts import QUOTAS
from labkit.fleet.kernel import THROTTLED
from labkit.fleet.state import State

FIRST, LONGEST = QUOTAS["throttled_backoff"].minimum, QUOTAS["throttled_backoff"].maximum  # seconds
STRETCH = 1 << 14  # events served at once while none is refused


class Retries:
    """The events of one function: which have been served, and when those that were refused are tried again.

    `oldest` is the greatest age in seconds at which an event is still tried.
    """

    def __init__(
        self, state: State, arrivals: np.ndarray, service: np.ndarray, init: np.ndarray, keep_alive: np.ndarray,
        oldest: float,
    ):  # fmt: skip
        self._state = state
        self._arrivals, self._columns = arrivals, (service, init, keep_alive)
        self._oldest = oldest
        self._next = 0  # of the arrivals
        self._again: list[tuple[float, int, int]] = []  # when, which event, how often it was refused
        self.codes = np.full(len(arrivals), THROTTLED, dtype=np.int32)
        self.starts = arrivals.copy()

    def serve(self) -> None:
        """Serve all events to their end."""
        while self._next < len(self._arrivals) or self._again:
            if self._again or not self._serve_while_none_is_refused():
                self._serve_a_second()

    def _serve_while_none_is_refused(self) -> bool:
        """Serve a stretch; where one of it is refused, nothing has happened, but what comes before that is served."""
        items = np.arange(self._next, min(self._next + STRETCH, len(self._arrivals)))
        before = self._state.copy()
        codes = self._served(self._arrivals[items], items)
        refused = np.flatnonzero(codes == THROTTLED)
        if len(refused):
            self._state.become(before)
            items = items[: refused[0]]
            codes = self._served(self._arrivals[items], items) if len(items) else codes[:0]
        self.codes[items] = codes
        self._next += len(items)
        return not len(refused)

    def _serve_a_second(self) -> None:
        now = min(self._again[0][0] if self._again else math.inf, self._next_arrival())
        until = now + FIRST
        attempts = []
        while self._again and self._again[0][0] < until:
            attempts.append(heapq.heappop(self._again))
        stop = int(np.searchsorted(self._arrivals, until, "left"))
        attempts += [(float(self._arrivals[item]), item, 0) for item in range(self._next, stop)]
        self._next = max(self._next, stop)
        attempts.sort()
        times, items = np.array([time for time, _, _ in attempts]), np.array([item for _, item, _ in attempts])
        codes = self._served(times, items)
        self.codes[items], self.starts[items] = codes, times
        for place in np.flatnonzero(codes == THROTTLED).tolist():
            self._try_again(*attempts[place])

    def _try_again(self, time: float, item: int, refusals: int) -> None:
        again = time + min(FIRST * 2.0**refusals, LONGEST)
        if again - self._arrivals[item] <= self._oldest:
            heapq.heappush(self._again, (again, item, refusals + 1))

    def _served(self, times: np.ndarray, items: np.ndarray) -> np.ndarray:
        return self._state.serve(times, *(column[items] for column in self._columns))

    def _next_arrival(self) -> float:
        return float(self._arrivals[self._next]) if self._next < len(self._arrivals) else math.inf
