"""Patterns for JSON: { $.user.id = 1 && ($.actions[*] = "PUT" || $.error NOT EXISTS) }."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from labkit.events.filter_pattern.comparison import Test, read_comparison
from labkit.events.filter_pattern.logic import read_condition
from labkit.events.filter_pattern.scanner import FilterPatternError, Scanner

STEP = r"\.(?P<name>[\w-]+)|\.?\['(?P<quoted>[^']*)'\]|\[(?P<index>\d{1,9})\]|\.\*|\[\*\]"
MOST_WILDCARDS = 3  # in a pattern, and one in a selector
EVERY = object()
IS = {"NULL": None, "TRUE": True, "FALSE": False}


def compile_json(pattern: str) -> Callable[[str], bool]:
    """Whether a message is a JSON object of which the condition holds."""
    scanner = Scanner(pattern)
    scanner.expect(r"\{", "{")
    condition = read_condition(scanner, _condition)
    scanner.expect(r"\}", "} or && or ||")
    scanner.end()
    if scanner.wildcards > MOST_WILDCARDS:
        raise FilterPatternError(f"{pattern} has more than {MOST_WILDCARDS} selectors with a wildcard")

    def matches(message: str) -> bool:
        try:
            event = json.loads(message)
        except (ValueError, RecursionError):
            return False
        return isinstance(event, dict) and condition(event)

    return matches


def _condition(scanner: Scanner) -> Callable[[Any], bool]:
    selector = _selector(scanner)
    if scanner.take(r"NOT\s+EXISTS\b"):
        return lambda event: not any(True for _ in _values(event, selector))
    if scanner.take(r"IS\b"):
        wanted = IS[scanner.expect(r"(?:NULL|TRUE|FALSE)\b", "NULL, TRUE or FALSE")]
        return lambda event: any(value is wanted for value in _values(event, selector))
    test = read_comparison(scanner)
    return lambda event: any(_compares(value, test) for value in _values(event, selector))


def _selector(scanner: Scanner) -> list[Any]:
    scanner.expect(r"\$(?=[.\[])", "a selector such as $.user.id")
    steps = []
    while step := scanner.follows(STEP):
        steps.append(step)
    if not steps:
        raise scanner.error("the name of a field should stand here")
    keys = [_key(step) for step in steps]
    if keys.count(EVERY) > 1:
        raise scanner.error("a selector has one wildcard at most, and this one has more")
    scanner.wildcards += keys.count(EVERY)
    return keys


def _key(step: re.Match[str]) -> Any:
    if step["index"] is not None:
        return int(step["index"])
    name = step["name"] if step["name"] is not None else step["quoted"]
    return EVERY if name is None else name


def _values(value: Any, selector: Sequence[Any]) -> Iterator[Any]:
    """What a selector leads to: one value, none, or with a wildcard several."""
    if not selector:
        yield value
        return
    key, *rest = selector
    found: list[Any] = []
    if key is EVERY:
        found = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    elif isinstance(value, dict):
        found = [value[key]] if key in value else []
    elif isinstance(value, list) and isinstance(key, int):
        found = value[key : key + 1]
    for each in found:
        yield from _values(each, rest)


def _compares(value: Any, test: Test) -> bool:
    """Texts and numbers are compared, nothing else is."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    return test(value if isinstance(value, str) else json.dumps(value))
