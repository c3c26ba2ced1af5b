"""The log of an environment: one file that its output and its logging are appended to, read back as log events.

awslambdaric frames each record of `logging` (type A5 5A 00 xx, length, microseconds since 1970, message), so a record
of several lines stays one event; what is printed becomes an event a line. The type tells the level too.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_FRAME = re.compile(rb"\xa5\x5a\x00.", re.DOTALL)
_HEADER = 16  # bytes: type 4, length 4, time 8
LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
SYNONYMS = {"WARNING": "WARN", "CRITICAL": "FATAL"}
STARTS_INIT = re.compile(r'(INIT|RESTORE)_START|\{"time": "[^"]+", "type": "platform.(init|restore)Start"')
FLOOD = 4 << 20  # bytes of log kept at once; Lambda keeps, and bills, all of it
TAIL = 4096  # bytes of log that LogType=Tail returns


@dataclass(frozen=True)
class LogEvent:
    """A log event. `timestamp` is account time in seconds since 1970."""

    timestamp: float
    message: str


class LogFile:
    """Reads what was appended since it last looked; of a flood it keeps the beginning and says how much it left out.

    `lowest` is the level below which records are left out; an empty one leaves out none.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    """

    def __init__(self, path: Path, lowest: str = ""):
        self.path = path
        self._left_out = LEVELS[: LEVELS.index(lowest)] if lowest else ()
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
        for micros, level, text in reversed(list(_records(data))):  # what was printed is as old as the next dated one
            now = now if micros is None else micros / 1e6 + offset
            if not self._left_out or (level or _level_told(text)) not in self._left_out:
                events.append(LogEvent(now, _line(text)))
        return events[::-1]


def _records(data: bytes) -> Iterator[tuple[int | None, str, bytes]]:
    """Each record with its microseconds and level, which only a framed one has."""
    position = 0
    while frame := _FRAME.search(data, position):
        yield from _printed(data[position : frame.start()])
        header = data[frame.start() : frame.start() + _HEADER]
        body = frame.start() + _HEADER
        position = body + int.from_bytes(header[4:8], "big")
        yield int.from_bytes(header[8:16], "big"), _framed_level(header[3]), data[body:position]
    yield from _printed(data[position:])


def _printed(data: bytes) -> Iterator[tuple[None, str, bytes]]:
    return ((None, "", line) for line in data.split(b"\n") if line)


def _framed_level(kind: int) -> str:
    """The level in the last byte of a frame's type; a runtime that tells none has done the choosing itself."""
    return LEVELS[kind // 4 - 1] if 1 <= kind // 4 <= len(LEVELS) else LEVELS[-1]


def _level_told(line: bytes) -> str:
    """The level that a printed line tells as JSON, beside a time; INFO for any other."""
    try:
        told = json.loads(line)
        datetime.fromisoformat(told["timestamp"])
        level = SYNONYMS.get(told["level"].upper(), told["level"].upper())
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return "INFO"
    return level if level in LEVELS else "INFO"


def _line(text: bytes) -> str:
    return text.decode("utf-8", "replace").rstrip("\n") + "\n"


def tail(events: list[LogEvent]) -> bytes:
    """The last 4 KB of the log, as LogType=Tail returns them: INIT_START, the first, is not among them."""
    skipped = 1 if events and STARTS_INIT.match(events[0].message) else 0
    return "".join(event.message for event in events[skipped:]).encode("utf-8")[-TAIL:]
