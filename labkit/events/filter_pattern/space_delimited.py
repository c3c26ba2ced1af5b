"""Patterns for fields between blanks: [ip, user, ..., request = *.html*, status = 4* || status = 5*, bytes > 1000].

What stands in brackets or quotation marks is one field. Three dots stand for any number of fields; without them the
last one takes the rest of the line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from labkit.events.filter_pattern.comparison import Test, read_comparison
from labkit.events.filter_pattern.logic import read_condition
from labkit.events.filter_pattern.scanner import FilterPatternError, Scanner

NAME = r"[A-Za-z_][\w-]*"
FIELD = re.compile(r'\[[^\]]*\]|"(?:[^"\\]|\\.)*"|\S+')
MUST_END = "If a filter pattern starts with '[' it must end with ']'"


@dataclass(frozen=True)
class Field:
    """A field of a pattern: its name, empty where it has none, and what it must be."""

    name: str
    test: Test


def _anything(value: str) -> bool:
    return True


DOTS = Field("...", _anything)


def compile_space_delimited(pattern: str) -> Callable[[str], dict[str, str] | None]:
    """The named fields of a message that matches, None for one that does not."""
    if not pattern.rstrip().endswith("]"):
        raise FilterPatternError(f"{pattern} has no ] at its end", MUST_END)
    entries = _entries(Scanner(pattern))
    if DOTS not in entries:
        return lambda message: _match(message, entries, None)
    at = entries.index(DOTS)
    return lambda message: _match(message, entries[:at], entries[at + 1 :])


def _entries(scanner: Scanner) -> list[Field]:
    """The fields of a pattern, three dots as DOTS; a pattern without fields is as one of dots."""
    scanner.expect(r"\[", "[")
    if scanner.take(r"\]"):
        return [DOTS]
    entries = [_entry(scanner)]
    while scanner.expect(r",|\]", "a comma or ]") == ",":
        entries.append(_entry(scanner))
    scanner.end()
    names = [field.name for field in entries if field.name]
    if len(set(names)) < len(names):
        raise FilterPatternError(f"two fields of {scanner.text} have the same name")
    return entries


def _entry(scanner: Scanner) -> Field:
    if scanner.take(r"\.\.\."):
        return DOTS
    started = scanner.at
    name = scanner.take(NAME)
    if name is None or scanner.take(r"(?=[,\]])") is not None:
        return Field(name or "", _anything)
    scanner.at = started
    return Field(name, read_condition(scanner, lambda scanner: _comparison(scanner, name)))


def _comparison(scanner: Scanner, name: str) -> Test:
    scanner.expect(rf"{re.escape(name)}(?![\w-])", f"{name}, the field's name,")
    return read_comparison(scanner)


def _match(message: str, first: list[Field], last: list[Field] | None) -> dict[str, str] | None:
    found = list(FIELD.finditer(message))
    if len(found) < len(first) + len(last or ()):
        return None
    texts = [_inner(each[0]) for each in found]
    if last is None and len(texts) > len(first):
        texts[len(first) - 1] = message[found[len(first) - 1].start() :].rstrip()
    fields = [*zip(first, texts, strict=False), *zip(last or (), texts[len(texts) - len(last or ()) :], strict=True)]
    if not all(field.test(text) for field, text in fields):
        return None
    return {field.name: text for field, text in fields if field.name}


def _inner(text: str) -> str:
    return text[1:-1] if len(text) > 1 and (text[0], text[-1]) in (("[", "]"), ('"', '"')) else text
