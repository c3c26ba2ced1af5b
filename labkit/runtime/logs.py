"""The log of an environment: one file that its output and its logging are appended to, read back as log events.

awslambdaric frames each record of `logging` (type A5 5A 00 xx, length, microseconds since 1970, message), so a record
of several lines stays one event; what is printed becomes an event a line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FRAME = re.compile(rb"\xa5\x5a\x00.", re.DOTALL)
_HEADER = 16  # bytes: type 4, length 4, time 8
STARTS_INIT = re.compile(r'(INIT|RESTORE)_START|\{"time": "[^"]+", "type": "platform.(init|restore)Start"')
FLOOD = 4 << 20  # bytes of log kept at once; Lambda keeps, and bills, all of it
TAIL = 4096  # bytes of log that LogType=Tail returns


@dataclass(frozen=True)
class LogEvent:
    """A log event. `timestamp` is account time in seconds since 1970."""

    timestamp: float
    message: str


class LogFile:
    """Reads what was appended since it last looked; of a flood it keeps the beginning and says how much it left out."""

    def __init__(self, path: Path):
        self.path = path
        self._read = 0

    def events(self, now: float, offset: float) -> list[LogEvent]:
        """The new events. `now` dates what was printed; `offset` is how far account time is ahead of the machine's."""
        try:
            size = self.path.stat().st_size
            if size == self._read:
                return []
            if size < self._read:  # the function has emptied it
                self._read = 0
            with self.path.open("rb") as file:
                file.seek(self._read)
                data = file.read(FLOOD)
                left_out = file.seek(0, os.SEEK_END) - self._read - len(data)
        except FileNotFoundError:
            return []
        self._read += len(data) + left_out
        events: list[LogEvent] = []
        if left_out > 0:
            events.append(
                LogEvent(now, f"labkit: {left_out / (1 << 20):,.1f} MB of log follow here and are left out\n")
            )
        for micros, text in reversed(list(_records(data))):  # what was printed is as old as the next dated record
            now = now if micros is None else micros / 1e6 + offset
            events.append(LogEvent(now, _line(text)))
        return events[::-1]


def _records(data: bytes) -> Iterator[tuple[int | None, bytes]]:
    """Each record with its microseconds, which only a framed one has."""
    position = 0
    while frame := _FRAME.search(data, position):
        yield from _printed(data[position : frame.start()])
        header = data[frame.start() : frame.start() + _HEADER]
        body = frame.start() + _HEADER
        position = body + int.from_bytes(header[4:8], "big")
        yield int.from_bytes(header[8:16], "big"), data[body:position]
    yield from _printed(data[position:])


def _printed(data: bytes) -> Iterator[tuple[None, bytes]]:
    return ((None, line) for line in data.split(b"\n") if line)


def _line(text: bytes) -> str:
    return text.decode("utf-8", "replace").rstrip("\n") + "\n"


def tail(events: list[LogEvent]) -> bytes:
    """The last 4 KB of the log, as LogType=Tail returns them: INIT_START is not among them."""
    lines = [event.message for event in events if not STARTS_INIT.match(event.message)]
    return "".join(lines).encode("utf-8")[-TAIL:]
