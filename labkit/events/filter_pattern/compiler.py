"""A pattern's kind is told by its first sign."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from labkit.events.filter_pattern.json_events import compile_json
from labkit.events.filter_pattern.scanner import FilterPatternError
from labkit.events.filter_pattern.space_delimited import compile_space_delimited
from labkit.events.filter_pattern.terms import compile_terms

Match = Callable[[str], dict[str, str] | None]  # of a message: the fields that it names, None when it does not match


@lru_cache(maxsize=256)
def compile_filter(pattern: str) -> Match:
    """What tells whether a message matches; `FilterPatternError` for a pattern that CloudWatch Logs does not take."""
    text = pattern.strip()
    try:
        if text.startswith("["):
            return compile_space_delimited(text)
        test = compile_json(text) if text.startswith("{") else compile_terms(text)
    except RecursionError as error:
        raise FilterPatternError("its parentheses are too deep") from error
    return lambda message: {} if test(message) else None
