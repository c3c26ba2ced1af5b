"""Account time: the machine's time plus what the learner has advanced."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from labkit.mistake import BadArgument, BadValue

LONGEST_WAIT = 60.0


class Agenda(Protocol):
    """What is to happen at certain times of the account."""

    def next_due(self) -> float | None:
        """The first time after now at which something falls due, in account time; None when nothing will."""

    def settle(self, timeout: float) -> bool:
        """Wait until what is due now has happened; whether that came within `timeout` seconds of the machine's time."""


class Clock:
    """The time of an account, which runs with the machine's clock and can be moved forward.

    `machine_time` gives seconds since 1970; a test hands in its own. A step waits for what fell due on its way, for at
    most `longest_wait` seconds of the machine's time.
    """

    def __init__(self, machine_time: Callable[[], float] = time.time, longest_wait: float = LONGEST_WAIT):
        self._machine_time = machine_time
        self._longest_wait = longest_wait
        self._offset = 0.0
        self._listeners: list[Callable[[], None]] = []
        self._agendas: list[Agenda] = []
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

        What falls due on the way (schedules, retries, idle environments) happens at its own time, one after the other:
        the clock stops there until that is done.
        """
        try:
            step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds()
            self.now() + timedelta(seconds=step)
        except TypeError:
            raise BadArgument("a step of account time is given in numbers, as in advance(minutes=15)") from None
        except (OverflowError, ValueError):  # the latter for what is not a number
            raise BadValue("account time ends with the year 9999; use a shorter step") from None
        if step < 0:
            raise BadValue(
                f"account time only moves forward: {step:g} s was given; use a positive step or labkit.start().reset()"
            )
        target = self._offset + step
        while self._settle() and (stop := self._next_stop()) is not None and stop < target:
            self._move(stop)
        self._move(target)
        return self.now()

    def _settle(self) -> bool:
        return all(agenda.settle(self._longest_wait) for agenda in list(self._agendas))

    def _next_stop(self) -> float | None:
        """The offset at which something falls due next."""
        times = [due for agenda in list(self._agendas) if (due := agenda.next_due()) is not None]
        if not times:
            return None
        now, due = self._machine_time(), min(times)
        offset = due - now
        return offset if now + offset >= due else math.nextafter(offset, math.inf)

    def _move(self, offset: float) -> None:
        with self._lock:
            self._offset = max(self._offset, offset)
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    def reset(self) -> None:
        """Return to the machine's time."""
        with self._lock:
            self._offset = 0.0

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener()` after each step; the function returned ends that."""
        return self._add(self._listeners, listener)

    def follow(self, agenda: Agenda) -> Callable[[], None]:
        """Stop on the way of each step where the agenda has something due; the function returned ends that."""
        return self._add(self._agendas, agenda)

    def _add(self, items: list[Any], item: Any) -> Callable[[], None]:
        with self._lock:
            items.append(item)

        def remove() -> None:
            with self._lock:
                if item in items:
                    items.remove(item)

        return remove
