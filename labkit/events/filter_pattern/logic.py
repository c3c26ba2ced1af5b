"""Conditions put together: && binds closer than ||, and parentheses closest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from labkit.events.filter_pattern.scanner import Scanner

Value = TypeVar("Value")
Test = Callable[[Value], bool]


def read_condition(scanner: Scanner, read_one: Callable[[Scanner], Test[Value]]) -> Test[Value]:
    """The condition that comes next, whose parts `read_one` reads."""
    return _any(_separated(r"\|\|", scanner, lambda: _all(_separated("&&", scanner, lambda: _part(scanner, read_one)))))


def _part(scanner: Scanner, read_one: Callable[[Scanner], Test[Value]]) -> Test[Value]:
    if not scanner.take(r"\("):
        return read_one(scanner)
    inner = read_condition(scanner, read_one)
    scanner.expect(r"\)", "a closing parenthesis")
    return inner


def _separated(sign: str, scanner: Scanner, read: Callable[[], Test[Value]]) -> list[Test[Value]]:
    found = [read()]
    while scanner.take(sign):
        found.append(read())
    return found


def _any(tests: list[Test[Value]]) -> Test[Value]:
    return lambda value: any(test(value) for test in tests)


def _all(tests: list[Test[Value]]) -> Test[Value]:
    return lambda value: all(test(value) for test in tests)
