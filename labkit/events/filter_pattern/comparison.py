"""Comparing a value of a log event with what a pattern says: = 4*, != "GET /", >= 1e+3, = %^5..%."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

from labkit.events.filter_pattern.regex import take_regex
from labkit.events.filter_pattern.scanner import Scanner

Test = Callable[[str], bool]
OPERATORS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
OPERATOR = r"!=|<=|>=|=|<|>"
QUOTED = r'"(?:[^"\\]|\\.)*"'
WORD = r'[^\s"%&|(){}\[\],]+'  # of a value that is not quoted


def read_comparison(scanner: Scanner) -> Test:
    """The comparison that comes next: an operator and a value."""
    sign = scanner.expect(OPERATOR, "one of = != < <= > >=")
    if sign in OPERATORS:
        return _numeric(scanner, sign)
    equal = _equality(scanner)
    return equal if sign == "=" else lambda value: not equal(value)


def unquoted(written: str) -> str:
    """A quoted text without its quotes."""
    return re.sub(r"\\(.)", r"\1", written[1:-1])


def number(text: str) -> float | None:
    """The number that a text is, None when it is none."""
    try:
        return float(text) if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) else None
    except ValueError:
        return None


def _numeric(scanner: Scanner, sign: str) -> Test:
    than = number(scanner.take(WORD) or "")
    if than is None:
        raise scanner.error(f"{sign} compares with a number, which should stand here")
    bound, compare = than, OPERATORS[sign]
    return lambda value: (found := number(value)) is not None and compare(found, bound)


def _equality(scanner: Scanner) -> Test:
    if regex := take_regex(scanner):
        return lambda value: regex.search(value) is not None
    quoted = scanner.take(QUOTED)
    text = unquoted(quoted) if quoted else scanner.expect(WORD, "a value")
    wildcard = re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)
    wanted = number(text)
    return lambda value: bool(wildcard.fullmatch(value)) or (wanted is not None and number(value) == wanted)
