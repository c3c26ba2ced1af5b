"""What the calls for a resource are given, of its properties and of what is known of it since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.model import ListShape, Shape, StructureShape
from moto.core.utils import get_service_model

from labkit.moto_bridge.cloudformation.properties import BadProperty, argument, refuse_extraneous
from labkit.moto_bridge.cloudformation.resource_type import Arguments, ResourceType, capitalised, written

TAGS, TAG_KEYS, PATCHES = ("Tags", "Tagging"), ("TagKeys", "TagKeyList"), "patchOperations"


@dataclass(frozen=True)
class Given:
    """A template's properties as arguments: those of the resource itself, and those of the items of each part."""

    arguments: Arguments
    items: tuple[Mapping[str, Arguments], ...]
    tags: Mapping[str, str]


def given(type: ResourceType, properties: Arguments) -> Given:
    """The properties as arguments; `BadProperty` for one that is missing, unknown, or of another type."""
    if lost := [name for name in type.unsupported if name in properties]:
        raise BadProperty(f"#: labkit does not carry out [{lost[0]}] of {type.name}")
    refuse_extraneous(properties, type.properties)
    for name in type.required:
        if name not in properties:
            raise BadProperty(f"#: required key [{name}] not found")
    tags = _tags_of(type, properties)
    untagged = {name: value for name, value in properties.items() if name != "Tags"}
    try:
        found = type.arguments(untagged)
        items = [(part.put or part.delete or "", part.items(properties)) for part in type.parts]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadProperty(f"#: {error!r}") from error
    return Given(
        typed(type, found),
        tuple({key: typed(type, item, put) for key, item in each.items()} for put, each in items),
        tags,
    )


def typed(type: ResourceType, found: Arguments, operation: str = "") -> dict[str, Any]:
    """The arguments in the types that an operation takes, or those that make and change the resource."""
    operations = [operation] if operation else [each for each in (type.create, *type.updates) if each]
    shapes = {capitalised(name): shape for each in operations for name, shape in inputs(type, each).items()}
    return {
        name: argument(shapes[name], value, f"#/{name}") if name in shapes else value for name, value in found.items()
    }


def inputs(type: ResourceType, operation: str) -> Mapping[str, Shape]:
    """The members of an operation's input and their shapes."""
    shape = get_service_model(type.service).operation_model(operation).input_shape
    return shape.members if isinstance(shape, StructureShape) else {}


def taken(type: ResourceType, operation: str, known: Arguments) -> dict[str, Any]:
    """Those of the known arguments that an operation takes."""
    found = {name: known.get(name, known.get(capitalised(name))) for name in inputs(type, operation)}
    return {name: value for name, value in found.items() if value is not None}


def takes(type: ResourceType, operation: str) -> set[str]:
    """The known arguments that an operation takes; one that takes patches takes what `create` does."""
    shapes = inputs(type, operation)
    if PATCHES in shapes and type.create:
        shapes = inputs(type, type.create)
    return {capitalised(name) for name in shapes}


def tags_for(type: ResourceType, operation: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """The tags as the operation takes them, nothing where it takes none."""
    shapes = inputs(type, operation)
    named = [name for name in shapes if capitalised(name) in TAGS]
    return {name: _tags(shapes[name], tags) for name in named if tags}


def tag_call(type: ResourceType, operation: str, known: Arguments, tags: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of a call that tags a resource, or takes tags from it."""
    assert type.tagging is not None
    shape = get_service_model(type.service).operation_model(operation).input_shape
    told = {
        **taken(type, operation, known),
        **tags_for(type, operation, tags),
        **{name: list(tags) for name in shape.members if capitalised(name) in TAG_KEYS},
    }
    identity = known[type.tagging.identity]
    about = (name for name in shape.required_members if name not in told)
    return told | {name: [identity] if isinstance(shape.members[name], ListShape) else identity for name in about}


def patches(type: ResourceType, operation: str, old: Arguments, new: Arguments) -> dict[str, Any]:
    """The changes of arguments as API Gateway takes them, nothing where an operation takes no patches.

    https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
    """
    if PATCHES not in inputs(type, operation):
        return {}
    names = [name for name in sorted(takes(type, operation)) if old.get(name) != new.get(name)]
    return {PATCHES: [each for name in names for each in _patches(name, old.get(name), new.get(name))]}


def _patches(name: str, old: Any, new: Any) -> Iterator[dict[str, str]]:
    path = f"/{name[:1].lower()}{name[1:]}"
    if isinstance(old or new, list):
        gone, added = set(old or ()) - set(new or ()), set(new or ()) - set(old or ())
        yield from ({"op": "remove", "path": f"{path}/{_escaped(each)}"} for each in sorted(gone))
        yield from ({"op": "add", "path": f"{path}/{_escaped(each)}"} for each in sorted(added))
    elif isinstance(old or new, Mapping):
        before, after = old or {}, new or {}
        yield from ({"op": "remove", "path": f"{path}/{_escaped(key)}"} for key in sorted(before.keys() - after.keys()))
        for key in (key for key in after if before.get(key) != after[key]):
            yield {"op": "replace", "path": f"{path}/{_escaped(key)}", "value": written(after[key])}
    else:
        yield {"op": "replace", "path": path, "value": "" if new is None else written(new)}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _tags(shape: Shape, tags: Mapping[str, str]) -> Any:
    if isinstance(shape, StructureShape):
        [(name, inner)] = shape.members.items()
        return {name: _tags(inner, tags)}
    if isinstance(shape, ListShape):
        key, value = sorted(shape.member.members)  # Key and Value, however they are written
        return [{key: name, value: text} for name, text in tags.items()]
    return dict(tags)


def _tags_of(type: ResourceType, properties: Arguments) -> dict[str, str]:
    """The tags that a template gives a resource."""
    found = properties.get("Tags", ())
    if type.tagging and type.tagging.mapped:
        if found and not isinstance(found, Mapping):
            raise BadProperty("#/Tags: expected type: JSONObject")
        return {str(key): str(value) for key, value in dict(found).items()}
    try:
        return {str(tag["Key"]): str(tag["Value"]) for tag in found}
    except (KeyError, TypeError):
        raise BadProperty("#/Tags: expected a list of Key and Value") from None
