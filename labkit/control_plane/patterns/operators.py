"""The match expressions: {"prefix": "a"}, {"numeric": [">", 0]} and the like, each compiled into a test of a value."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Any

from labkit.control_plane.patterns.reader import Reader

ABSENT = object()  # what a field has that the event lacks
Test = Callable[[Any], bool]

NUMBERS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
LOWER, UPPER = (">", ">="), ("<", "<=")


def expression(reader: Reader) -> Test:
    """The test of the match expression that begins here."""
    tests = [_operator(name, reader) for name in reader.members()]
    if not tests:
        raise reader.error("Match expression name not found")
    if len(tests) > 1:
        raise reader.error("Only one key allowed in match expression")
    return tests[0]


def _operator(name: str, reader: Reader) -> Test:
    match name:
        case "exactly":
            return exactly(_string(reader, "exact match pattern must be a string"))
        case "prefix" | "suffix" if reader.is_mark("{"):
            return _of_text(name, *_ignoring_case(name, reader))
        case "prefix" | "suffix":
            return _of_text(name, _string(reader, f"{name} match pattern must be a string"))
        case "equals-ignore-case" | "wildcard":
            return _of_text(name, _checked(name, _string(reader, f"{name} match pattern must be a string"), reader))
        case "cidr":
            return _in_network(_string(reader, "prefix match pattern must be a string"), reader)
        case "exists":
            if not isinstance(reader.text(), bool):
                raise reader.error("exists match pattern must be either true or false.")
            wanted = reader.token.value
            return lambda value: (value is not ABSENT) == wanted
        case "numeric":
            return _numeric(reader)
        case "anything-but":
            return _anything_but(reader)
    raise reader.error(f"Unrecognized match type {name}")


def _string(reader: Reader, otherwise: str) -> str:
    if reader.token.kind != "string":
        raise reader.error(otherwise)
    return str(reader.text())


def _ignoring_case(name: str, reader: Reader) -> tuple[str, bool]:
    found = []
    for operator in reader.members():
        if operator != "equals-ignore-case":
            raise reader.error(f"Unsupported {name} pattern: {operator}")
        found.append(_string(reader, "equals-ignore-case match pattern must be a string"))
    if not found:
        raise reader.error(f"{name.capitalize()} expression name not found")
    return found[0], True


def exactly(wanted: Any) -> Test:
    """A test for this very value; numbers are equal however they are written."""

    def test(value: Any) -> bool:
        if isinstance(wanted, bool) or isinstance(value, bool) or wanted is None or value is None:
            return value is wanted
        if isinstance(wanted, str) or isinstance(value, str):
            return isinstance(value, str) and value == wanted
        return value is not ABSENT and float(value) == float(wanted)

    return test


def _of_text(operator: str, wanted: str, ignoring_case: bool = False) -> Test:
    """A test of texts: prefix, suffix, equals-ignore-case or wildcard."""
    if ignoring_case or operator == "equals-ignore-case":
        inner = _of_text("exactly" if operator == "equals-ignore-case" else operator, wanted.casefold())
        return lambda value: isinstance(value, str) and inner(value.casefold())
    match operator:
        case "prefix":
            return lambda value: isinstance(value, str) and value.startswith(wanted)
        case "suffix":
            return lambda value: isinstance(value, str) and value.endswith(wanted)
        case "wildcard":
            expression = re.compile(_wildcard(wanted), re.DOTALL)
            return lambda value: isinstance(value, str) and expression.fullmatch(value) is not None
    return lambda value: value == wanted


def _wildcard(text: str) -> str:
    parts = re.findall(r"\\.|\*|[^\\*]+", text, re.DOTALL)
    return "".join(".*" if part == "*" else re.escape(part.removeprefix("\\")) for part in parts)


def _checked(operator: str, text: str, reader: Reader) -> str:
    """The text; `PatternError` for a wildcard that AWS refuses."""
    if operator == "wildcard":
        if (place := text.find("**")) >= 0:
            raise reader.error(f"Consecutive wildcard characters at pos {place + 1}")
        if found := re.search(r"(?:^|[^\\])(?:\\\\)*(\\(?:[^*\\]|$))", text):
            raise reader.error(f"Invalid escape character at pos {found.start(1)}")
    return text


def _in_network(text: str, reader: Reader) -> Test:
    if text.count("/") != 1:
        raise reader.error("Malformed CIDR, one '/' required")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise reader.error(f"Malformed CIDR: {error}") from None

    def test(value: Any) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return test


def _numeric(reader: Reader) -> Test:
    if not reader.is_mark("["):
        raise reader.error("Value of numeric must be an array.")
    bounds: list[tuple[str, float]] = []
    reader.next()
    while not reader.is_mark("]"):
        bounds.append(_bound(reader, bounds))
        if reader.next().value == "," and reader.token.kind == "mark":
            reader.next()
    if not bounds:
        raise reader.error("Invalid member in numeric match: ]")
    if len(bounds) == 2 and bounds[0][1] >= bounds[1][1]:
        raise reader.error("Bottom must be less than top")
    return lambda value: (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and all(NUMBERS[operator](value, number) for operator, number in bounds)
    )


def _bound(reader: Reader, before: list[tuple[str, float]]) -> tuple[str, float]:
    """An operator and its number; only a lower bound may be followed, and by an upper one."""
    operator = reader.text()
    if reader.token.kind != "string":
        raise reader.error(f"Invalid member in numeric match: {operator}")
    if operator not in NUMBERS:
        raise reader.error(f"Unrecognized numeric range operator: {operator}")
    if before and not (len(before) == 1 and before[0][0] in LOWER):
        raise reader.error("Too many elements in numeric expression")
    if before and operator not in UPPER:
        raise reader.error(f"Bad numeric range operator: {operator}")
    reader.next()
    if reader.token.kind == "mark" and reader.token.value == ",":
        reader.next()
    if reader.token.kind != "number":
        raise reader.error(f"Value of {'equals' if operator == '=' else operator} must be numeric")
    return operator, float(reader.token.value)


def _anything_but(reader: Reader) -> Test:
    if reader.is_mark("{"):
        unwanted = list(_unwanted_texts(reader))
        if not unwanted:
            raise reader.error("Anything-But expression name not found")
    elif reader.is_mark("["):
        unwanted = [exactly(value) for value in _unwanted_values(reader)]
    elif reader.token.kind in ("string", "number"):
        unwanted = [exactly(reader.text())]
    else:
        raise reader.error("Value of anything-but must be an array or single string/number value.")
    return lambda value: value is not ABSENT and not any(test(value) for test in unwanted)


def _unwanted_texts(reader: Reader) -> Iterator[Test]:
    for operator in reader.members():
        if operator not in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
            raise reader.error(f"Unsupported anything-but pattern: {operator}")
        listed = reader.elements() if reader.is_mark("[") else [reader.token]
        for _ in listed:
            text = _string(reader, f"{operator} match pattern must be a string")
            yield _of_text(operator, _checked(operator, text, reader))


def _unwanted_values(reader: Reader) -> list[Any]:
    values = []
    for token in reader.elements():
        if token.kind not in ("string", "number"):
            raise reader.error("Inside anything but list, start|null|boolean is not supported.")
        values.append(reader.text())
    if len({isinstance(value, str) for value in values}) > 1:
        raise reader.error(
            "Inside anything but list, either all values are number or string, mixed type is not supported"
        )
    if not values:
        raise reader.error("Empty arrays are not allowed")
    return values
