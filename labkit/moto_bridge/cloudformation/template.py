"""A template's resources: what each refers to, the order in which they are made, and what is no template.

Errors are in CloudFormation's words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from moto.cloudformation.exceptions import ValidationError

SUBSTITUTED = re.compile(r"\$\{([^!{}][^{}]*)\}")


def normalised(part: Any) -> Any:
    """The template with each Fn::GetAtt as a list of a resource and an attribute, which may have dots in it."""
    if isinstance(part, list):
        return [normalised(item) for item in part]
    if not isinstance(part, dict):
        return part
    found = {key: normalised(value) for key, value in part.items()}
    if "Fn::GetAtt" in found and len(found) == 1:
        named = found["Fn::GetAtt"]
        first, *rest = named.split(".") if isinstance(named, str) else named
        found["Fn::GetAtt"] = [first, rest[0] if len(rest) == 1 else ".".join(map(str, rest))]
    return found


def references(part: Any) -> Iterator[str]:
    """The names of what a part of a template refers to by Ref, Fn::GetAtt, Fn::Sub and DependsOn."""
    if isinstance(part, list):
        for item in part:
            yield from references(item)
    if not isinstance(part, Mapping):
        return
    for key, value in part.items():
        match key, value:
            case "Ref", str():
                yield value
            case "Fn::GetAtt", [str(name), *_]:
                yield name
            case "Fn::Sub", str() | [str(), *_]:
                yield from _substituted(value)
            case "DependsOn", str() | list():
                yield from [value] if isinstance(value, str) else value
            case "Condition", str():
                pass
            case _:
                yield from references(value)


def _substituted(value: Any) -> Iterator[str]:
    text, own = (value, {}) if isinstance(value, str) else (value[0], value[1] if len(value) > 1 else {})
    yield from (name.split(".")[0] for name in SUBSTITUTED.findall(text) if name not in own)
    yield from references(own)


def order(resources: Mapping[str, Any]) -> list[str]:
    """The resources' names, each after those that it refers to; `ValidationError` for a circle."""
    graph = {name: [each for each in references(body) if each in resources] for name, body in resources.items()}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = ", ".join(dict.fromkeys(error.args[1]))
        raise ValidationError(message=f"Circular dependency between resources: [{circle}]") from error


def check(template: Mapping[str, Any], is_known: Callable[[str], bool]) -> None:
    """`ValidationError` for a type that is not known, a reference that leads nowhere, or a circle of references."""
    resources = template["Resources"]
    types = {str(body.get("Type")) for body in resources.values()}
    if unknown := sorted(each for each in types if not is_known(each)):
        raise ValidationError(message=f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
    names = {*resources, *template.get("Parameters", {})}
    missing = {name for name in references(resources) if name not in names and not name.startswith("AWS::")}
    if missing:
        raise ValidationError(
            message=f"Template format error: Unresolved resource dependencies [{', '.join(sorted(missing))}] in the "
            "Resources block of the template"
        )
    order(resources)
