"""Where the statements of a policy stand in its text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_BETWEEN = re.compile(r"[\s,:]*")
_decoder = json.JSONDecoder()


@dataclass(frozen=True)
class Position:
    """A place in a text; lines and columns count from 1."""

    line: int
    column: int


def statement_positions(text: str) -> list[tuple[Position, Position]]:
    """Where each statement of a well-formed policy begins, and where what follows it does."""
    begin, end = next((begin, end) for key, begin, end in _members(text) if key == "Statement")
    spans = list(_items(text, begin)) if text[begin] == "[" else [(begin, end)]
    return [(_position(text, begin), _position(text, end)) for begin, end in spans]


def _members(text: str) -> Iterator[tuple[str, int, int]]:
    """The keys of an object and the spans of their values."""
    at = _BETWEEN.match(text, text.index("{") + 1).end()  # type: ignore[union-attr]  # it fits anything
    while text[at] != "}":
        key, at = _decoder.raw_decode(text, at)
        begin, end, at = _value(text, at)
        yield key, begin, end


def _items(text: str, at: int) -> Iterator[tuple[int, int]]:
    """The spans of a list's items."""
    at = _BETWEEN.match(text, at + 1).end()  # type: ignore[union-attr]
    while text[at] != "]":
        begin, end, at = _value(text, at)
        yield begin, end


def _value(text: str, at: int) -> tuple[int, int, int]:
    """The span of the value that comes next, and where what follows it begins."""
    begin = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]
    found: tuple[Any, int] = _decoder.raw_decode(text, begin)
    return begin, found[1], _BETWEEN.match(text, found[1]).end()  # type: ignore[union-attr]


def _position(text: str, offset: int) -> Position:
    before = text[:offset]
    return Position(before.count("\n") + 1, offset - before.rfind("\n"))
