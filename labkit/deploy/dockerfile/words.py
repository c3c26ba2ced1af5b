"""The words of an instruction: quotes taken off and variables put in, as a Dockerfile has them.

https://docs.docker.com/reference/dockerfile/#environment-replacement
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

VARIABLE = re.compile(r"\$(?:(?P<bare>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?::(?P<how>[-+])(?P<other>[^}]*))?\})")
OPERATORS = "|&;<>()`"


class Operator(str):
    """What a shell would not take for part of a word."""


class Unclosed(ValueError):
    """A quote that does not end."""


def words(text: str, variables: Mapping[str, str], operators: str = "") -> list[str]:
    """The words of a text; signs that are `operators` outside quotes are words of their own. `Unclosed` for a quote."""
    return list(_Scanner(text, variables, operators).words())


class _Scanner:
    """Reads a text from left to right."""

    def __init__(self, text: str, variables: Mapping[str, str], operators: str):
        self._text = text
        self._variables = variables
        self._operators = operators
        self._at = 0

    def words(self) -> Iterator[str]:
        while self._at < len(self._text):
            sign = self._text[self._at]
            if sign.isspace():
                self._at += 1
            elif sign in self._operators:
                found = re.compile(rf"{re.escape(sign)}+").match(self._text, self._at)
                assert found is not None, "it is there"
                self._at = found.end()
                yield Operator(found[0])
            else:
                yield self._word()

    def _word(self) -> str:
        parts, quote = list[str](), ""
        while self._at < len(self._text):
            sign = self._text[self._at]
            if not quote and (sign.isspace() or sign in self._operators):
                break
            if sign in "\"'" and quote in ("", sign):
                quote = "" if quote else sign
                self._at += 1
            else:
                parts.append(self._sign(quote))
        if quote:
            raise Unclosed(f"a quote {quote} is not closed")
        return "".join(parts)

    def _sign(self, quote: str) -> str:
        """The next sign, what an escaped one stands for, or a variable's value."""
        sign = self._text[self._at]
        following = self._text[self._at + 1 : self._at + 2]
        if sign == "\\" and quote != "'" and following and (not quote or following in '"$\\'):
            self._at += 2
            return following
        found = VARIABLE.match(self._text, self._at) if quote != "'" else None
        self._at = found.end() if found else self._at + 1
        return self._value(found) if found else sign

    def _value(self, found: re.Match[str]) -> str:
        value = self._variables.get(found["bare"] or found["name"], "")
        if found["how"] == "-":
            return value or found["other"]
        if found["how"] == "+":
            return found["other"] if value else ""
        return value
