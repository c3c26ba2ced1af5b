"""What was graded so far: a file that is only ever added to, so that a crash loses no more than the last line.

A line holds for one hand-in and one state of assignment, questions and kit; when these change, it is graded again.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from labkit.classroom.graded import Graded, graded_in

FILE = "results.jsonl"


class Results:
    """The lines of one file. `state` stands for what the marks depend on beside the hand-in."""

    def __init__(self, path: Path, state: str):
        self._path = path
        self._state = state
        self._places: dict[str, int] = {}  # where the line of a hand-in begins
        path.touch()
        self._read()

    def __contains__(self, digest: str) -> bool:
        return digest in self._places

    def add(self, graded: Graded) -> None:
        """Keep it; it is in the file when this returns."""
        with open(self._path, "ab") as file:
            place = file.tell()
            file.write(f"{self._state} {graded.as_line()}\n".encode("ascii"))
        self._places[graded.digest] = place

    def get(self, digest: str) -> Graded:
        """What was kept of a hand-in."""
        with open(self._path, "rb") as file:
            file.seek(self._places[digest])
            return graded_in(file.readline().partition(b" ")[2].decode("ascii"))

    def _read(self) -> None:
        place = 0
        with open(self._path, "r+b") as file:
            for line in file:
                if not line.endswith(b"\n"):  # the last line of a run that was ended within it
                    file.truncate(place)
                    return
                self._note(line, place)
                place += len(line)

    def _note(self, line: bytes, place: int) -> None:
        state, _, content = line.partition(b" ")
        if state.decode("ascii", "replace") == self._state:
            with contextlib.suppress(ValueError, KeyError, TypeError):  # changed by hand: graded anew
                graded = graded_in(content.decode("ascii"))
                if all(lab.ran for lab in graded.labs.values()):  # otherwise they may run by now
                    self._places[graded.digest] = place
