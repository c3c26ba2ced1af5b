"""The snapshots of an account: taken in the background when a version is published, ended with the version."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from labkit.runtime.control import SpawnError
from labkit.runtime.environment import Environment
from labkit.runtime.function import Function
from labkit.runtime.logs import LogEvent
from labkit.runtime.snapshot import Snapshot


@dataclass(eq=False)
class _Entry:
    function: Function
    done: threading.Event = field(default_factory=threading.Event)
    begun: Snapshot | None = None
    snapshot: Snapshot | None = None  # when it is taken
    problem: str = ""


class Snapshots:
    """`make(function)` makes a snapshot that is yet to be taken; `write_log` is given what Init logged."""

    def __init__(
        self, make: Callable[[Function], Snapshot], write_log: Callable[[Environment, Sequence[LogEvent]], None]
    ):
        self._make = make
        self._write_log = write_log
        self._entries: list[_Entry] = []
        self._lock = threading.Lock()

    def take(self, function: Function, tell: Callable[[str], None]) -> None:
        """Begin to take the snapshot of a version; `tell` hears when it is done: of the problem, or an empty text."""
        entry = _Entry(function)
        with self._lock:
            self._entries.append(entry)
        threading.Thread(target=self._take, args=(entry, tell), name="labkit-snapshot", daemon=True).start()

    def of(self, function: Function) -> Snapshot | None:
        """The snapshot of a version, waited for; None when none is taken of it. `SpawnError` when that failed."""
        with self._lock:
            entry = next((each for each in self._entries if each.function == function), None)
        if entry is None:
            return None
        entry.done.wait()
        if entry.snapshot is None:
            raise SpawnError(f"there is no snapshot of {function.name}:{function.version}: {entry.problem}")
        return entry.snapshot

    def keep(self, wanted: Callable[[Function], bool]) -> None:
        """End the snapshots of all other versions; what was restored from them goes on until it is ended."""
        with self._lock:
            ending = [each for each in self._entries if not wanted(each.function)]
            self._entries = [each for each in self._entries if each not in ending]
        for entry in ending:
            entry.problem = entry.problem or "it is gone"
            if entry.snapshot is not None:
                entry.snapshot.retire()
            elif entry.begun is not None:
                entry.begun.terminate()

    def _take(self, entry: _Entry, tell: Callable[[str], None]) -> None:
        log: Sequence[LogEvent] = ()
        try:
            entry.begun = self._make(entry.function)
            entry.begun.prepare()
            failure, log = entry.begun.initialise()
            entry.problem = "" if failure is None else f"{failure.error_type}: {failure.message}"
        except Exception as error:  # whatever it was, those who wait are to hear of it
            entry.problem = str(error)
        with self._lock:
            wanted = entry in self._entries
            if wanted and not entry.problem:
                entry.snapshot = entry.begun
        if entry.begun is not None and entry.snapshot is None:
            entry.begun.terminate()
        if entry.begun is not None and wanted:
            self._write_log(entry.begun, log)
        if wanted:
            tell(entry.problem)
        entry.done.set()
