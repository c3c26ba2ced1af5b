"""When a poller looks at its source: at a set time or when it is woken, one look after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable

from labkit.clock import Clock
from labkit.events.agenda import Agenda


class Alarm:
    """Calls `ring` at times of the account; a time after one that is set already is not set, so they do not pile up.

    Whoever is called sets the next time, if there is one.
    """

    def __init__(self, agenda: Agenda, ring: Callable[[], None]):
        self._agenda = agenda
        self._ring = ring
        self._lock = threading.Lock()
        self._set: set[float] = set()

    def at(self, due: float) -> None:
        """Ring at `due`, seconds since 1970 in account time, or before."""
        with self._lock:
            if self._set and min(self._set) <= due:
                return
            self._set.add(due)
        self._agenda.at(due, lambda: self._rings(due))

    def _rings(self, due: float) -> None:
        with self._lock:
            self._set.discard(due)
        self._ring()


class Looks:
    """Calls `look` soon after each `wake`, and at the times that are set; never twice at once."""

    def __init__(self, agenda: Agenda, clock: Clock, look: Callable[[], None]):
        self._agenda, self._clock = agenda, clock
        self._look = look
        self._lock = threading.Lock()
        self._looking = self._again = False
        self.at = Alarm(agenda, self.wake).at

    def wake(self) -> None:
        """Look soon; once more when a look is under way."""
        with self._lock:
            self._again = True
            if self._looking:
                return
            self._looking = True
        self._agenda.at(self._clock.time(), self._go)

    def _go(self) -> None:
        try:
            while self._goes_on():
                self._look()
        except BaseException:
            with self._lock:
                self._looking = False
            raise

    def _goes_on(self) -> bool:
        with self._lock:
            self._looking, self._again = self._again, False
            return self._looking
