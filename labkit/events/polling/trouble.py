"""Why a poller cannot read its source: told once, and tried again ever later until it can."""

from __future__ import annotations

import logging
from collections.abc import Callable

from labkit.events.agenda import Agenda

FIRST_WAIT, LONGEST_WAIT = 10.0, 900.0  # seconds of account time, doubled each time


class Trouble:
    """The trouble of one poller; `retry` is called when it is time to try again."""

    def __init__(self, source_arn: str, agenda: Agenda, retry: Callable[[], None]):
        self._source_arn = source_arn
        self._agenda = agenda
        self._retry = retry
        self._wait = 0.0

    def begins(self, error: Exception) -> None:
        """Something was refused."""
        if not self._wait:
            logging.getLogger("labkit").warning("the mapping of %s delivers nothing: %s", self._source_arn, error)
        self._wait = min(2 * self._wait, LONGEST_WAIT) or FIRST_WAIT
        self._agenda.after(self._wait, self._retry)

    def is_over(self) -> None:
        """The source could be read."""
        self._wait = 0.0
