"""Why a poller cannot read its source: told once, and tried again ever later until it can."""

from __future__ import annotations

import logging
from collections.abc import Callable

from labkit.clock import Clock

FIRST_WAIT, LONGEST_WAIT = 10.0, 900.0  # seconds of account time, doubled each time


class Trouble:
    """The trouble of one poller; `retry_at` has it try again at a time of the account.

    Messages that come meanwhile have it try too, and make it wait no longer.
    """

    def __init__(self, source_arn: str, clock: Clock, retry_at: Callable[[float], None]):
        self._source_arn = source_arn
        self._clock = clock
        self._retry_at = retry_at
        self._wait = 0.0
        self._until = 0.0

    def begins(self, error: Exception) -> None:
        """Something was refused."""
        now = self._clock.time()
        if not self._wait:
            logging.getLogger("labkit").warning("the mapping of %s delivers nothing: %s", self._source_arn, error)
        if not self._wait or now >= self._until:
            self._wait = min(2 * self._wait, LONGEST_WAIT) or FIRST_WAIT
            self._until = now + self._wait
        self._retry_at(self._until)

    def is_over(self) -> None:
        """The source could be read."""
        self._wait = 0.0
