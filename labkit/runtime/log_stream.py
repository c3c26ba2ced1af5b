"""What an environment logs: the function's output and the platform's lines about it, in order."""

from __future__ import annotations

from labkit.clock import Clock
from labkit.runtime.function import Function
from labkit.runtime.layout import Layout
from labkit.runtime.logs import LogEvent, LogFile
from labkit.runtime.platform_log import PlatformEvent


class LogStream:
    """The log of one environment, told in Lambda's own paths; `take` gives what was added since it last did."""

    def __init__(self, function: Function, clock: Clock, layout: Layout, environment: str):
        self.name = f"{clock.now():%Y/%m/%d}/[{function.version}]{environment}"
        self._function = function
        self._clock = clock
        self._layout = layout
        self._file = LogFile(layout.log, function.logging.application_level)
        self._events: list[LogEvent] = []

    def collect(self) -> None:
        """Add what the function has logged until now."""
        for event in self._file.events(self._clock.time(), self._clock.offset):
            self._events.append(LogEvent(event.timestamp, self._layout.as_in_lambda(event.message.encode()).decode()))

    def write(self, *events: PlatformEvent) -> None:
        """Add lines of the platform's after what the function has logged until now."""
        self.collect()
        for event in events:
            line = event.line(self._function, self._clock.now())
            if line is not None:
                self._events.append(LogEvent(self._clock.time(), line + "\n"))

    def take(self) -> tuple[LogEvent, ...]:
        """The events since this was last asked for."""
        taken, self._events = tuple(self._events), []
        return taken
