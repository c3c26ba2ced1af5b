"""Account time: the machine's time plus what the learner has advanced."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from labkit.mistake import BadValue


class Clock:
    """The time of an account, which runs with the machine's clock and can be moved forward.

    `machine_time` gives seconds since 1970; a test hands in its own.
    """

    def __init__(self, machine_time: Callable[[], float] = time.time):
        self._machine_time = machine_time
        self._offset = 0.0
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def time(self) -> float:
        """Account time in seconds since 1970."""
        return self._machine_time() + self._offset

    def now(self) -> datetime:
        """Account time as a UTC datetime."""
        return datetime.fromtimestamp(self.time(), UTC)

    @property
    def offset(self) -> float:
        """How far account time is ahead of the machine's, in seconds."""
        return self._offset

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Move account time forward and return the new time; `ValueError` when the step is negative or too long.

        What falls due meanwhile (retries, idle environments) happens as a consequence.
        """
        try:
            step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds()
            self.now() + timedelta(seconds=step)
        except OverflowError:
            raise BadValue("account time ends with the year 9999; use a shorter step") from None
        if step < 0:
            raise BadValue(
                f"account time only moves forward: {step:g} s was given; use a positive step or labkit.start().reset()"
            )
        with self._lock:
            self._offset += step
            listeners = list(self._listeners)
        for listener in listeners:
            listener()
        return self.now()

    def reset(self) -> None:
        """Return to the machine's time."""
        with self._lock:
            self._offset = 0.0

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener()` after each step; the function returned ends that."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe
