"""What a learner has done, in one SQLite file that is only ever added to.

An answer is on the disk before the next question is asked, so neither a kernel that dies nor a power cut loses it, and
two notebooks may write at once. Scores are not kept: they follow from the answers (`labkit.quiz.study.history`).
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labkit.mistake import BadValue

FILE = "LABKIT_PROGRESS"  # the environment variable that names another file
FORMAT = "labkit progress 1"
WAIT = 10.0  # seconds for another notebook's write
LARGEST = 50_000_000  # bytes of a file to import
TABLE = "CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, at TEXT, kind TEXT, content TEXT)"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: `kind` says what, `content` the rest; `at` is UTC in ISO 8601."""

    id: str
    at: str
    kind: str
    content: dict[str, Any]


class Progress:
    """The events of one file, oldest first; `now` tells the time."""

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)):
        self.path = path
        self._now = now

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._now().astimezone(UTC)

    def add(self, kind: str, **content: Any) -> str:
        """Keep an event; it is on the disk when this returns. The event's id."""
        event = Event(str(uuid.uuid4()), self.now().isoformat(), kind, content)
        self._insert([event])
        return event.id

    def events(self, *kinds: str) -> tuple[Event, ...]:
        """The events of these kinds, or all."""
        with self._open() as database:
            rows = database.execute("SELECT id, at, kind, content FROM events ORDER BY at, rowid").fetchall()
        found = (Event(id, at, kind, json.loads(content)) for id, at, kind, content in rows)
        return tuple(event for event in found if not kinds or event.kind in kinds)

    def exported(self) -> str:
        """All of it as text, to be kept elsewhere and imported again."""
        return json.dumps({"format": FORMAT, "events": [asdict(event) for event in self.events()]}, indent=1)

    def take(self, text: str) -> int:
        """Add the events of an exported text that are not there yet; how many those are.

        `BadValue` when it is no such text; then nothing is added.
        """
        before = len(self.events())
        self._insert(_read(text))
        return len(self.events()) - before

    def _insert(self, events: Iterable[Event]) -> None:
        rows = [(event.id, event.at, event.kind, json.dumps(event.content)) for event in events]
        with self._open() as database:
            database.executemany("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?)", rows)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            database = self._connected()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise BadValue(f"the progress in {self.path} can't be opened: {error}") from None
            self._set_aside()
            database = self._connected()
        with contextlib.closing(database), database:
            yield database

    def _connected(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path, timeout=WAIT)
        try:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=FULL")
            database.execute(TABLE)
        except sqlite3.DatabaseError:
            database.close()
            raise
        return database

    def _set_aside(self) -> None:
        aside = self.path.with_name(f"{self.path.name}.damaged-{self.now():%Y%m%d-%H%M%S}")
        self.path.rename(aside)
        logging.getLogger("labkit").warning(
            "The progress in %s can't be read; it is kept as %s, and a new one begins.", self.path, aside.name
        )


def default_path() -> Path:
    """Where progress is kept: the file that LABKIT_PROGRESS names, or one in the user's own data folder."""
    if named := os.environ.get(FILE):
        return Path(named).expanduser()
    from platformdirs import user_data_path  # needed for this alone

    return user_data_path("labkit") / "progress.sqlite"


def _read(text: str) -> list[Event]:
    if len(text) > LARGEST:
        raise BadValue(f"{len(text):,} characters are more than a file of progress has; {LARGEST:,} are allowed")
    try:
        given = json.loads(text)
        if given["format"] != FORMAT:
            raise BadValue(f"this is {given['format']!r}; {FORMAT!r} can be imported")
        return [_event(**one) for one in given["events"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        if isinstance(error, BadValue):
            raise
        raise BadValue("this is no file of progress; give one that `labkit quiz --export FILE` has made") from None


def _event(id: str, at: str, kind: str, content: dict[str, Any]) -> Event:
    moment = datetime.fromisoformat(at).astimezone(UTC).isoformat()
    if not isinstance(content, dict) or not isinstance(kind, str):
        raise TypeError(kind)
    return Event(str(uuid.UUID(id)), moment, kind, content)
