"""A template's resources: what each refers to, the order in which they are made, and what is no template.

Errors are in CloudFormation's words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from moto.cloudformation.exceptions import ValidationError

PSEUDO_PARAMETERS = {
    f"AWS::{name}"
    for name in ("AccountId", "NotificationARNs", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix")
}
FUNCTIONS = {  # those that moto carries out
    f"Fn::{name}"
    for name in (
        "And", "Base64", "Equals", "FindInMap", "GetAZs", "GetAtt", "If", "ImportValue", "Join", "Not", "Or", "Select",
        "Split", "Sub", "ToJsonString",
    )
}  # fmt: skip
BLOCKS = ("Resources", "Outputs")
SUBSTITUTED = re.compile(r"\$\{([^!{}][^{}]*)\}")


def references(part: Any) -> Iterator[tuple[str, str]]:
    """What a part of a template refers to: by Ref, Fn::GetAtt, Fn::Sub or DependsOn, and the name."""
    if isinstance(part, list):
        for item in part:
            yield from references(item)
    if not isinstance(part, Mapping):
        return
    for key, value in part.items():
        match key, value:
            case "Ref", str():
                yield key, value
            case "Fn::GetAtt", [str(name), *_]:
                yield key, name
            case "Fn::Sub", str() | [str(), *_]:
                yield from _substituted(value)
            case "DependsOn", str() | list():
                yield from ((key, name) for name in ([value] if isinstance(value, str) else value))
            case "Condition", str():
                pass
            case _:
                yield from references(value)


def _substituted(value: Any) -> Iterator[tuple[str, str]]:
    text, own = (value, {}) if isinstance(value, str) else (value[0], value[1] if len(value) > 1 else {})
    yield from (("Fn::Sub", name.split(".")[0]) for name in SUBSTITUTED.findall(text) if name not in own)
    yield from references(own)


def attributes(part: Any) -> Iterator[tuple[str, str]]:
    """The attributes that a part of a template asks for: the resource's name, and the attribute's."""
    match part:
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            yield name, attribute
        case {"Fn::Sub": str(text) | [str(text), *_]}:
            found = (name.partition(".") for name in SUBSTITUTED.findall(text))
            yield from ((name, attribute) for name, dot, attribute in found if dot)
        case Mapping():
            yield from attributes([*part.values()])
        case list():
            for item in part:
                yield from attributes(item)


def order(resources: Mapping[str, Any]) -> list[str]:
    """The resources' names, each after those that it refers to; `ValidationError` for a circle."""
    graph = {name: [each for _, each in references(body) if each in resources] for name, body in resources.items()}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = ", ".join(dict.fromkeys(error.args[1]))
        raise ValidationError(message=f"Circular dependency between resources: [{circle}]") from error


def check(
    template: Mapping[str, Any], is_known: Callable[[str], bool], has_attribute: Callable[[str, str], bool]
) -> None:
    """`ValidationError` for a template with a type that is not known, a reference that leads nowhere, or a circle."""
    resources = template["Resources"]
    types = {str(body.get("Type")) for body in resources.values()}
    if unknown := sorted(each for each in types if not is_known(each)):
        said = f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]"
        raise ValidationError(message=f"{said} (labkit knows fewer types than AWS)")
    _check_functions({block: template.get(block) for block in (*BLOCKS, "Conditions")})
    _check_conditions(template)
    names = {*resources, *template.get("Parameters", {})}
    blocks = {block: template.get(block) or {} for block in BLOCKS}
    _check_references(blocks, names)
    for name, attribute in attributes(blocks):
        if name in resources and not has_attribute(resources[name]["Type"], attribute):
            raise ValidationError(
                message=f"Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt"
            )
    order(resources)


def what_holds(template: Mapping[str, Any], conditions: Mapping[str, bool]) -> dict[str, dict[str, Any]]:
    """The resources and outputs without all that conditions leave out.

    `ValidationError` when something that is left has a reference to something that is not.
    """
    left = {
        block: {
            name: _chosen(body, conditions)
            for name, body in (template.get(block) or {}).items()
            if "Condition" not in body or conditions[body["Condition"]]
        }
        for block in BLOCKS
    }
    independent = {  # DependsOn may name what is left out
        block: {name: {**body, "DependsOn": None} for name, body in bodies.items()} for block, bodies in left.items()
    }
    _check_references(independent, {*left["Resources"], *template.get("Parameters", {})})
    return left


def check_form(template: Any) -> None:
    """`ValidationError` for what has not the form of a template."""
    if not isinstance(template, Mapping):
        raise ValidationError(message="Template format error: unsupported structure.")
    resources, outputs = template.get("Resources"), template.get("Outputs") or {}
    if not resources:
        said = "At least one Resources member must be defined."
    elif not isinstance(resources, Mapping):
        said = "Every Resources member must be an object."
    elif lost := [name for name, body in resources.items() if not isinstance(body, Mapping)]:
        said = f"[/Resources/{lost[0]}] resource definition is malformed"
    elif lost := [name for name, body in resources.items() if "Type" not in body]:
        said = f"[/Resources/{lost[0]}] Every Resources object must contain a Type member."
    elif not isinstance(outputs, Mapping) or any("Value" not in body for body in outputs.values()):
        said = "Every Outputs member must contain a Value object"
    else:
        return
    raise ValidationError(message=f"Template format error: {said}")


def _chosen(part: Any, conditions: Mapping[str, bool]) -> Any:
    """A part with the branch that holds in the place of each Fn::If."""
    match part:
        case {"Fn::If": [str(condition), yes, no]}:
            return _chosen(yes if conditions[condition] else no, conditions)
        case list():
            return [_chosen(item, conditions) for item in part]
        case dict():
            return {key: _chosen(value, conditions) for key, value in part.items()}
    return part


def _check_references(blocks: Mapping[str, Any], names: set[str]) -> None:
    for block, bodies in blocks.items():
        lost = {each for each in references(bodies) if each[1] not in names | PSEUDO_PARAMETERS}
        if attributes := sorted(name for key, name in lost if key == "Fn::GetAtt"):
            raise ValidationError(
                message=f"Template error: instance of Fn::GetAtt references undefined resource {attributes[0]}"
            )
        if lost:
            said = "Template format error: Unresolved" if block == "Resources" else "Unresolved"
            missing = ", ".join(sorted({name for _, name in lost}))
            raise ValidationError(
                message=f"{said} resource dependencies [{missing}] in the {block} block of the template"
            )


def _check_functions(part: Any) -> None:
    """`ValidationError` for a function that is not known."""
    match part:
        case Mapping():
            if unknown := [key for key in part if str(key).startswith("Fn::") and key not in FUNCTIONS]:
                raise ValidationError(message=f"Template format error: labkit does not carry out {unknown[0]}")
            _check_functions([*part.values()])
        case list():
            for item in part:
                _check_functions(item)


def _check_conditions(template: Mapping[str, Any]) -> None:
    known = template.get("Conditions") or {}
    for block in BLOCKS:
        bodies = template.get(block) or {}
        if lost := sorted({body["Condition"] for body in bodies.values() if "Condition" in body} - {*known}):
            raise ValidationError(
                message=f"Template format error: Unresolved condition dependency {lost[0]} in the {block} block of the "
                "template"
            )
        if lost := sorted({*_tested(bodies)} - {*known}):
            raise ValidationError(message=f"Template error: unresolved condition dependency {lost[0]} in Fn::If")


def _tested(part: Any) -> Iterator[str]:
    """The names of the conditions that each Fn::If in a part asks for."""
    match part:
        case {"Fn::If": [str(condition), *branches]}:
            yield condition
            yield from _tested(branches)
        case list():
            for item in part:
                yield from _tested(item)
        case dict():
            yield from _tested([*part.values()])
