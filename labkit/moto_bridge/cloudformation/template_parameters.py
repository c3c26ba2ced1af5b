"""The values of a template's parameters, checked as CloudFormation checks them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html; the words for lengths
and bounds are inferred from the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from moto.cloudformation.exceptions import ValidationError

STORED = "AWS::SSM::Parameter::Value<"
LISTS = ("CommaDelimitedList", "List<")


def resolved(template: Mapping[str, Any], given: Mapping[str, str], is_stored: Callable[[str], bool]) -> dict[str, str]:
    """The values as texts, of those too that are not given; `is_stored` says whether Parameter Store has a name.

    `ValidationError` for a value that is missing, not asked for, or not allowed.
    """
    slots: Mapping[str, Any] = template.get("Parameters") or {}
    if unknown := [name for name in given if name not in slots]:
        raise ValidationError(message=f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    for name, slot in slots.items():
        if "Type" not in slot:
            raise ValidationError(
                message=f"Template format error: Every Parameters object must contain a Type member. ({name})"
            )
    values = {
        name: given.get(name, slot.get("Default")) for name, slot in slots.items() if name in given or "Default" in slot
    }
    if missing := [name for name in slots if name not in values]:
        raise ValidationError(message=f"Parameters: [{', '.join(missing)}] must have values")
    found = {name: _text(value) for name, value in values.items()}
    for name, slot in slots.items():
        if problem := _problem(slot, found[name]):
            raise ValidationError(message=f"Parameter '{name}' {slot.get('ConstraintDescription', problem)}")
    stored = [found[name] for name, slot in slots.items() if slot["Type"].startswith(STORED)]
    if lost := [name for name in stored if not is_stored(name)]:
        raise ValidationError(
            message=f"Unable to fetch parameters [{','.join(lost)}] from parameter store for this account."
        )
    return found


def values_of(
    template: Mapping[str, Any], resolved: Mapping[str, str], stored: Callable[[str], str]
) -> dict[str, str | list[str]]:
    """What Ref gives of each: the value that is `stored`, a list of what is listed."""
    found: dict[str, str | list[str]] = {}
    for name, slot in (template.get("Parameters") or {}).items():
        value = stored(resolved[name]) if slot["Type"].startswith(STORED) else resolved[name]
        found[name] = value.split(",") if slot["Type"].removeprefix(STORED).startswith(LISTS) else value
    return found


def _problem(slot: Mapping[str, Any], value: str) -> str:
    """What is wrong with a value, empty when nothing is."""
    each = value.split(",") if slot["Type"].startswith(LISTS) else [value]
    if "Number" in slot["Type"] and not all(_is_number(item) for item in each):
        return "must be a number"
    if (allowed := slot.get("AllowedValues")) and any(item not in map(_text, allowed) for item in each):
        return f"must be one of AllowedValues: [{', '.join(map(_text, allowed))}]"
    if (pattern := slot.get("AllowedPattern")) and not all(re.fullmatch(pattern, item) for item in each):
        return f"must match pattern {pattern}"
    return _out_of_bounds(slot, each)


def _out_of_bounds(slot: Mapping[str, Any], values: list[str]) -> str:
    for item in values:
        if len(item) < int(slot.get("MinLength", 0)):
            return f"must contain at least {slot['MinLength']} characters"
        if len(item) > int(slot.get("MaxLength", len(item))):
            return f"must contain at most {slot['MaxLength']} characters"
        if "MinValue" in slot and float(item) < float(slot["MinValue"]):
            return f"must be a number not less than {slot['MinValue']}"
        if "MaxValue" in slot and float(item) > float(slot["MaxValue"]):
            return f"must be a number not greater than {slot['MaxValue']}"
    return ""


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
