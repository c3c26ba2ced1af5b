"""A read-only table by name, read from its file when it is first used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any, TypeVar

from labkit.mistake import Mistake

Row = TypeVar("Row")


class UnknownName(Mistake, KeyError):
    """A name that a table doesn't have; the message suggests the nearest ones."""

    def __str__(self) -> str:
        return str(self.args[0])


class Table(Mapping[str, Row]):
    """Rows by name; a name that isn't there raises `UnknownName` with the nearest names."""

    def __init__(self, kind: str, load: Callable[[], dict[str, Row]]):
        self._kind = kind
        self._load = load

    @cached_property
    def _rows(self) -> dict[str, Row]:
        return self._load()

    def __getitem__(self, name: str) -> Row:
        try:
            return self._rows[name]
        except KeyError:
            raise UnknownName(unknown(self._kind, name, self._rows)) from None

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"<{len(self)} rows, each a {self._kind}: {', '.join(self)}>"


def unknown(kind: str, name: object, known: Iterable[str]) -> str:
    """What to say of a name that is none of `known`: the nearest ones, or all of them when none is near."""
    near = close_matches(str(name), known)
    advice = f"did you mean {' or '.join(near)}?" if near else f"choose one of {', '.join(known)}"
    return f"{name!r} is no {kind}; {advice}"


def close_matches(name: str, known: Iterable[str], least: float = 0.6) -> list[str]:
    """Up to three of the `known` names that look like `name`, the nearest first, without regard to case.

    `least` is how alike they have to be, from 0 to 1.
    """
    from difflib import SequenceMatcher  # needed after a mistake only

    likeness = {word: SequenceMatcher(None, name.lower(), word.lower()).ratio() for word in known}
    return sorted((word for word in likeness if likeness[word] > least), key=lambda word: (-likeness[word], word))[:3]


def read(name: str) -> Any:
    """The content of one of this room's JSON files."""
    return json.loads(text_of(name))


def text_of(name: str) -> str:
    """One of this room's files as text."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
