"""The regular expressions that filter patterns may have between two % signs: fewer than Python's, without groups."""

from __future__ import annotations

import re
import warnings

from labkit.events.filter_pattern.scanner import FilterPatternError, Scanner

SYMBOLS = re.escape(":_#=@/;,- ")
OPERATORS = re.escape("^$?[]{}|\\*+.")
ALLOWED = re.compile(
    rf"(?: \\[dDsSwW] | \\x[0-9a-fA-F]{{2}} | \\[{OPERATORS}{SYMBOLS}] | \{{\d+(?:,\d*)?\}} | [^\\{{}}] )*", re.VERBOSE
)
MOST = 2  # in a pattern


def take_regex(scanner: Scanner) -> re.Pattern[str] | None:
    """The regular expression that comes next, to search with, if one does."""
    written = scanner.take(r"%[^%]*%")
    if written is None:
        return None
    scanner.regexes += 1
    if scanner.regexes > MOST:
        raise FilterPatternError(f"{scanner.text} has more than {MOST} regular expressions")
    return compile_regex(written)


def compile_regex(written: str) -> re.Pattern[str]:
    """A regular expression, written with its % signs; `FilterPatternError` for what CloudWatch Logs does not know."""
    inner = written[1:-1]
    strange = re.search(rf"[^A-Za-z0-9{SYMBOLS}{OPERATORS}]", inner)
    if strange:
        allowed = "letters, digits, : _ # = @ / ; , - and the operators ^ $ ? [ ] { } | \\ * + ."
        raise FilterPatternError(
            f"{strange[0]!r} may not stand in the regular expression {written}: it knows {allowed}"
        )
    if not inner or not ALLOWED.fullmatch(inner):
        raise FilterPatternError(f"{written} is no regular expression that CloudWatch Logs knows")
    try:
        with warnings.catch_warnings(action="ignore"):  # of what Python may read otherwise some day
            return re.compile(inner, re.ASCII)
    except re.error as error:
        raise FilterPatternError(f"{written} is no regular expression: {error}") from error
