"""A template's rules: what must hold of its parameters together.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html; the words of a refusal are
inferred.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.cloudformation.exceptions import ValidationError

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "Fn::And": lambda *values: all(values),
    "Fn::Contains": lambda values, value: value in values,
    "Fn::EachMemberEquals": lambda values, value: all(each == value for each in values),
    "Fn::EachMemberIn": lambda values, others: all(each in others for each in values),
    "Fn::Equals": lambda one, other: one == other,
    "Fn::Not": lambda value: not value,
    "Fn::Or": lambda *values: any(values),
}


def check(template: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    """`ValidationError` with its description for an assertion that does not hold of the values of the parameters."""
    for name, rule in (template.get("Rules") or {}).items():
        if not _value(rule.get("RuleCondition", True), parameters):
            continue
        for assertion in rule.get("Assertions", ()):
            if not _value(assertion["Assert"], parameters):
                said = assertion.get("AssertDescription", "an assertion does not hold")
                raise ValidationError(message=f"Template error: rule {name}: {said}")


def _value(part: Any, parameters: Mapping[str, Any]) -> Any:
    match part:
        case {"Ref": str(name)}:
            return parameters.get(name)
        case dict() if len(part) == 1 and (name := next(iter(part))) in FUNCTIONS:
            return FUNCTIONS[name](*_value(part[name], parameters))
        case dict():
            said = f"Template format error: labkit does not carry out {', '.join(part)} in rules"
            raise ValidationError(message=said)
        case list():
            return [_value(each, parameters) for each in part]
    return part
