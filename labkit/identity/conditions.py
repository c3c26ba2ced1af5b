"""The Condition block: its operators, and how they compare.

Sources: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context
keys".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from labkit.facts import close_matches
from labkit.identity.context import Context, NotKnown
from labkit.identity.matching import arn_matches, literal, text_matches, with_variables
from labkit.identity.policy import Condition

Comparison = Callable[[str, str], bool]  # the request's value, the policy's value


def _typed(convert: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Comparison:
    """Compare after conversion; values that cannot be converted compare false."""

    def comparison(asked: str, wanted: str) -> bool:
        try:
            return compare(convert(asked), convert(wanted))
        except (ValueError, OverflowError, OSError):
            return False

    return comparison


def _moment(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _in_network(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _ordered(convert: Callable[[str], Any], kind: str) -> dict[str, Comparison]:
    return {
        f"{kind}Equals": _typed(convert, lambda a, b: a == b),
        f"{kind}LessThan": _typed(convert, lambda a, b: a < b),
        f"{kind}LessThanEquals": _typed(convert, lambda a, b: a <= b),
        f"{kind}GreaterThan": _typed(convert, lambda a, b: a > b),
        f"{kind}GreaterThanEquals": _typed(convert, lambda a, b: a >= b),
    }


COMPARISONS: dict[str, Comparison] = {
    "StringEquals": lambda asked, wanted: asked == literal(wanted),
    "StringEqualsIgnoreCase": lambda asked, wanted: asked.casefold() == literal(wanted).casefold(),
    "StringLike": lambda asked, wanted: text_matches(wanted, asked),
    "ArnEquals": lambda asked, wanted: arn_matches(wanted, asked),
    "ArnLike": lambda asked, wanted: arn_matches(wanted, asked),
    "Bool": lambda asked, wanted: asked.lower() == wanted.lower(),
    "BinaryEquals": lambda asked, wanted: asked == wanted,
    "IpAddress": _in_network,
    **_ordered(float, "Numeric"),
    **_ordered(_moment, "Date"),
}


def _fits(convert: Callable[[str], Any]) -> Callable[[str], bool]:
    def fits(value: str) -> bool:
        try:
            convert(value)
        except (ValueError, OverflowError, OSError):
            return False
        return True

    return fits


KINDS: dict[str, tuple[Callable[[str], bool], str]] = {  # a part of the operator's name: what fits, and what it is
    "Date": (_fits(_moment), "a date such as 2026-11-26T00:00:00Z"),
    "Numeric": (_fits(float), "a number"),
    "IpAddress": (
        _fits(lambda value: ipaddress.ip_network(value, strict=False)),
        "an address or a range, 192.0.2.0/24",
    ),
    "Bool": (lambda value: value.lower() in ("true", "false"), "true or false"),
}
NEGATIONS = {
    "StringNotEquals": "StringEquals", "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike", "ArnNotEquals": "ArnEquals", "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals", "DateNotEquals": "DateEquals", "NotIpAddress": "IpAddress",
}  # fmt: skip
OPERATORS = [*COMPARISONS, *NEGATIONS, "Null"]
WITH_VARIABLES = ("String", "Arn")
ALL, ANY, IF_EXISTS = "ForAllValues:", "ForAnyValue:", "IfExists"


def condition_holds(condition: Condition, context: Context, variables: bool) -> bool:
    """Whether a condition is met; `NotKnown` for an operator or a condition key that the kit does not know.

    Any of the policy's values will do; for a negated operator (`…Not…`) none may match. A key that the request lacks
    meets a negated operator, an `IfExists`, and `ForAllValues:`, and no other.
    """
    if problem := unknown_operator(condition.operator):
        raise NotKnown(f"the kit does not know {problem}")
    quantifier, operator, if_exists = _parts(condition.operator)
    asked = context.values(condition.key)
    if operator == "Null":
        return any((value.lower() == "true") == (not asked) for value in condition.values)
    if not asked:
        return if_exists or quantifier == ALL or (operator in NEGATIONS and not quantifier)
    wanted = _wanted(condition, context, variables and operator.startswith(WITH_VARIABLES))
    return _compare(quantifier, operator, asked, wanted)


def _compare(quantifier: str, operator: str, asked: tuple[str, ...], wanted: list[str]) -> bool:
    comparison = COMPARISONS[NEGATIONS.get(operator, operator)]
    matched = [any(comparison(value, pattern) for pattern in wanted) for value in asked]
    if operator in NEGATIONS:
        unmatched = [not match for match in matched]
        return any(unmatched) if quantifier == ANY else all(unmatched)
    return all(matched) if quantifier == ALL else any(matched)


def _wanted(condition: Condition, context: Context, variables: bool) -> list[str]:
    if not variables:
        return list(condition.values)
    filled = (with_variables(value, context) for value in condition.values)
    return [value for value in filled if value is not None]


def unknown_operator(written: str) -> str:
    """What is wrong with an operator as a policy writes it, and the nearest one; empty when it is one."""
    _, operator, if_exists = _parts(written)
    if operator in OPERATORS and not (operator == "Null" and if_exists):
        return ""
    close = close_matches(operator, OPERATORS)
    return f"condition operator {written}" + (f"; did you mean {close[0]}?" if close else "")


def odd_values(condition: Condition) -> list[str]:
    """Which values are none of the kind that the operator compares, so that nothing can be equal to them."""
    _, operator, _ = _parts(condition.operator)
    kind = next((kind for kind in KINDS if kind in operator), None)
    if kind is None:
        return []
    fits, shown = KINDS[kind]
    odd = (value for value in condition.values if "${" not in value and not fits(value))
    return [f"{condition.operator} compares with {shown}, not {value!r}." for value in odd]


def _parts(written: str) -> tuple[str, str, bool]:
    """An operator's quantifier, itself, and whether it holds for a key that is missing."""
    quantifier = next((prefix for prefix in (ALL, ANY) if written.startswith(prefix)), "")
    operator = written.removeprefix(quantifier)
    return quantifier, operator.removesuffix(IF_EXISTS), operator.endswith(IF_EXISTS)
