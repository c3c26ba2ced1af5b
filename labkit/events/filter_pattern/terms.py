"""Patterns for text without structure: ERROR "exact phrase" ?optional -excluded %regex%."""

from __future__ import annotations

import re
from collections.abc import Callable

from labkit.events.filter_pattern.comparison import QUOTED, unquoted
from labkit.events.filter_pattern.regex import take_regex
from labkit.events.filter_pattern.scanner import FilterPatternError, Scanner

Test = Callable[[str], bool]


def compile_terms(pattern: str) -> Test:
    """Whether a message has all terms, none of those after a minus, or one of those after question marks.

    Where a term without a question mark stands, those with one count for nothing.
    """
    scanner, terms = Scanner(pattern), []
    while scanner.take(r"(?=\S)") is not None:
        terms.append((scanner.take(r"[?-]"), _term(scanner)))
    optional = [test for sign, test in terms if sign == "?"]
    if len(optional) == len(terms):
        return lambda message: not optional or any(test(message) for test in optional)
    wanted = [test for sign, test in terms if sign is None]
    excluded = [test for sign, test in terms if sign == "-"]
    return lambda message: all(test(message) for test in wanted) and not any(test(message) for test in excluded)


def _term(scanner: Scanner) -> Test:
    if regex := take_regex(scanner):
        return lambda message: regex.search(message) is not None
    if quoted := scanner.take(QUOTED):
        phrase = unquoted(quoted)
        return lambda message: phrase in message
    word = scanner.expect(r"\S+", "a term")
    if not re.fullmatch(r"\w+", word):
        problem = f'a term with other signs than letters, digits and _ must stand in quotation marks: "{word}"'
        if word[0] in '"%':
            problem = f"the {word[0]} before {word[1:]} has no other that closes it"
        raise FilterPatternError(problem, f"Invalid character(s) in term '{word}'")
    return lambda message: word in message
