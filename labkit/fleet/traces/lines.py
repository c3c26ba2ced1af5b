"""A file line by line, each with its number, so that what is wrong can be shown."""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from labkit.mistake import BadValue

SHOWN = 80  # characters of a line
MILLISECONDS_FROM = 1e11  # a number so large counts milliseconds since 1970


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file."""

    file: str
    number: int
    text: str

    def mistake(self, why: str) -> BadValue:
        """What to raise because of it."""
        text = self.text.strip()
        shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
        return BadValue(f"{self.file}, line {self.number}: {why}\n    {shown}")

    def number_of(self, text: str, name: str) -> float:
        """A number in it that is not negative; `BadValue` for anything else."""
        try:
            value = float(text)
        except ValueError:
            raise self.mistake(f"{name} {text.strip()!r} is no number") from None
        if not 0 <= value < math.inf:
            raise self.mistake(f"{name} {text.strip()} is not possible; a number from 0 on is")
        return value

    def time_of(self, text: str) -> float:
        """A time in it, in seconds: a number of them (or of milliseconds since 1970), or a date and time."""
        text = text.strip().strip('"')
        try:
            value = float(text)
        except ValueError:
            return self._date(text)
        if not 0 <= value < math.inf:
            raise self.mistake(f"the time {text} is not possible; a number from 0 on is")
        return value / 1000 if value >= MILLISECONDS_FROM else value

    def _date(self, text: str) -> float:
        try:
            found = datetime.fromisoformat(text.replace("/", "-"))
        except ValueError:
            raise self.mistake(f"{text!r} is no time; give seconds, or a time such as 2026-11-26T09:30:00Z") from None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def lines_of(path: Path) -> Iterator[Line]:
    """The lines of a text file, unpacked if it is a `.gz`; `BadValue` when it can't be read."""
    unpacked = gzip.open if path.suffix == ".gz" else open
    try:
        with unpacked(path, "rt", encoding="utf-8-sig") as file:
            for number, text in enumerate(file, 1):
                yield Line(path.name, number, text)
    except FileNotFoundError:
        raise BadValue(f"there is no file {str(path)!r}; give the path of a trace") from None
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadValue(f"{path.name} can't be read as text: {error}") from None
