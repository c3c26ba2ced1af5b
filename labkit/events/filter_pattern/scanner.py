"""Reads a filter pattern from left to right, and says where it cannot be read."""

from __future__ import annotations

import re

INVALID = "Invalid filter pattern"


class FilterPatternError(ValueError):
    """A pattern that is none. Its text says what is wrong and where; `answer` is what CloudWatch Logs says."""

    def __init__(self, problem: str, answer: str = INVALID):
        super().__init__(problem)
        self.answer = answer


class Scanner:
    """A pattern and how far it has been read. Blanks between its parts mean nothing.

    `regexes` counts the regular expressions that were read, `wildcards` the selectors with a wildcard.
    """

    def __init__(self, text: str):
        self.text = text
        self.at = 0
        self.regexes = 0
        self.wildcards = 0

    def take(self, pattern: str) -> str | None:
        """What comes next, read, if it is like that."""
        self._skip_blanks()
        found = self.follows(pattern)
        return found[0] if found else None

    def follows(self, pattern: str) -> re.Match[str] | None:
        """As `take`, for what follows without a blank."""
        found = re.compile(pattern).match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found

    def expect(self, pattern: str, what: str) -> str:
        """What comes next; `FilterPatternError` when it isn't `what`."""
        found = self.take(pattern)
        if found is None:
            raise self.error(f"{what} should stand here")
        return found

    def end(self) -> None:
        """`FilterPatternError` unless all has been read."""
        self._skip_blanks()
        if self.at < len(self.text):
            raise self.error("nothing more should stand here")

    def error(self, problem: str) -> FilterPatternError:
        """The problem, at the place that has been reached."""
        left = self.text[self.at : self.at + 20] or "its end"
        return FilterPatternError(f"{problem}, at character {self.at + 1} of {self.text!r}: {left}")

    def _skip_blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
