"""A pattern's text as a sequence of JSON tokens, read one by one, so that an error can say where it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\\x00-\x1f]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)'
    r"|(?P<word>true|false|null)|(?P<mark>[{}\[\]:,]))"
)


@dataclass(frozen=True)
class Token:
    """A string, number, word (true, false, null) or mark, its value, and where it begins and ends (from 0)."""

    kind: str
    value: Any
    start: int
    end: int


class NotJson(ValueError):
    """The text is no JSON; `position` (from 0) is where that shows."""

    def __init__(self, message: str, position: int):
        super().__init__(message)
        self.position = position


def tokens_of(text: str) -> list[Token]:
    """The tokens of a JSON text; `NotJson` when it is none."""

    def refuse(constant: str) -> None:
        raise NotJson(f"{constant} is no JSON", text.find(constant))

    try:
        json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, error.pos) from None
    return [_token(found) for found in TOKEN.finditer(text)]


def _token(found: re.Match[str]) -> Token:
    kind = str(found.lastgroup)
    text = found[kind]
    return Token(kind, text if kind == "mark" else json.loads(text), found.start(kind), found.end(kind))


class PatternError(ValueError):
    """A pattern that AWS refuses; `column` (from 1) is where its compiler stands, None where it names none."""

    def __init__(self, reason: str, column: int | None):
        super().__init__(reason)
        self.reason = reason
        self.column = column


class Reader:
    """Stands on one token after the other."""

    def __init__(self, tokens: list[Token]):
        self._tokens = tokens
        self._at = 0
        self._read = False  # whether the current token's text was looked at; AWS's parser reads strings lazily

    @property
    def token(self) -> Token:
        """The token it stands on."""
        return self._tokens[self._at]

    def next(self) -> Token:
        """Go on to the next token."""
        self._at += 1
        self._read = False
        return self.token

    def text(self) -> Any:
        """The value of the token, which counts as read from now on."""
        self._read = True
        return self.token.value

    def is_mark(self, mark: str) -> bool:
        """Whether it stands on this bracket, brace, colon or comma."""
        return self.token.kind == "mark" and self.token.value == mark

    def error(self, reason: str) -> PatternError:
        """The refusal, with the column after what has been read of the token."""
        token = self.token
        unread = token.kind == "string" and not self._read
        return PatternError(reason, token.start + 2 if unread else token.end + 1)

    def members(self) -> Iterator[str]:
        """The names of the object that begins here, each time standing on the first token of its value."""
        self.next()
        while not self.is_mark("}"):
            name = str(self.token.value)
            self.next()  # the colon
            self.next()
            yield name
            if self.next().value == "," and self.token.kind == "mark":
                self.next()

    def elements(self) -> Iterator[Token]:
        """The elements of the array that begins here, each time standing on the first token of one."""
        self.next()
        while not self.is_mark("]"):
            yield self.token
            if self.next().value == "," and self.token.kind == "mark":
                self.next()
