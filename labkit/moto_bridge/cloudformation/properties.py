"""A resource's properties as arguments of API calls: of the types that botocore's model has for them.

A template may write a number or a truth value as text, and a text as a number; CloudFormation takes either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from labkit.moto_bridge.cloudformation.resource_type import capitalised

TRUTH = {"true": True, "false": False}


class BadProperty(Exception):
    """A property that is not as the type of resource has it; the message is CloudFormation's."""


def argument(shape: Shape, value: Any, path: str) -> Any:
    """The value in the types of a shape; `BadProperty` names the place, such as `#/Code`, where it can't be."""
    if isinstance(shape, StructureShape):
        given = _expected(value, Mapping, "JSONObject", path)
        known = {capitalised(name): name for name in shape.members} | {name: name for name in shape.members}
        refuse_extraneous(given, known, path)
        return {
            known[name]: argument(shape.members[known[name]], item, f"{path}/{name}") for name, item in given.items()
        }
    if isinstance(shape, ListShape):
        items = _expected(value, list, "JSONArray", path)
        return [argument(shape.member, item, f"{path}/{number}") for number, item in enumerate(items)]
    if isinstance(shape, MapShape):
        entries = _expected(value, Mapping, "JSONObject", path)
        return {str(key): argument(shape.value, item, f"{path}/{key}") for key, item in entries.items()}
    if isinstance(value, list | Mapping):
        raise _mismatch(shape.type_name.capitalize(), value, path)
    try:
        return SCALARS[shape.type_name](value)
    except (ValueError, KeyError):
        raise _mismatch(shape.type_name.capitalize(), value, path) from None


def refuse_extraneous(given: Mapping[str, Any], known: Any, path: str = "#") -> None:
    """`BadProperty` for a name that is not among the known ones."""
    for name in given:
        if name not in known:
            raise BadProperty(f"{path}: extraneous key [{name}] is not permitted")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _truth(value: Any) -> bool:
    return TRUTH[_text(value).lower()]


def _moment(value: Any) -> datetime:
    """Of seconds since 1970, or of a text; in UTC and without a time zone, as moto's parser has it."""
    try:
        found = datetime.fromtimestamp(float(value), UTC)
    except ValueError:
        found = datetime.fromisoformat(str(value))
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


SCALARS: dict[str, Callable[[Any], Any]] = {
    "string": _text,
    "integer": int,
    "long": int,
    "double": float,
    "float": float,
    "boolean": _truth,
    "timestamp": _moment,
    "blob": bytes,
}


def _expected(value: Any, kind: type, name: str, path: str) -> Any:
    if not isinstance(value, kind):
        raise _mismatch(name, value, path)
    return value


def _mismatch(expected: str, value: Any, path: str) -> BadProperty:
    found = {dict: "JSONObject", list: "JSONArray", str: "String", bool: "Boolean", int: "Integer"}
    return BadProperty(f"{path}: expected type: {expected}, found: {found.get(type(value), type(value).__name__)}")
