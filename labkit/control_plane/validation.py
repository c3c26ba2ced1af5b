"""The form of a request: its arguments against the constraints of Lambda's API model, refused in Lambda's words.

The model is botocore's, which is AWS's own; `recorded` has the words that differ from it. What `labkit.limits` explains
is left to it: the facts may be narrower than the model, whose widest bounds are those of managed instances. Only of a
list's members does the model know more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from labkit import limits
from labkit.control_plane.errors import ApiError, refuse
from labkit.control_plane.model import lambda_model
from labkit.control_plane.recorded import ENUMERATED, FIRST, MEMBERS, PATTERNS
from labkit.control_plane.request import Request

EXPLAINED = {  # the operations whose arguments labkit.limits explains, by their names in boto3
    "CreateFunction": "create_function",
    "UpdateFunctionConfiguration": "update_function_configuration",
    "UpdateFunctionCode": "update_function_code",
}


def refuse_malformed(request: Request) -> None:
    """`ApiError` for arguments that are out of form or out of bounds, all of the former in one message."""
    findings: limits.Findings | tuple[()] = ()
    explained: Collection[str] = ()
    if request.operation in EXPLAINED:
        findings = _explained(request)
        explained = findings.checked
    shape = lambda_model().operation_model(request.operation).input_shape
    refuse(findings, list(broken_constraints(shape, request.given, explained)))


def _explained(request: Request) -> limits.Findings:
    try:
        return limits.check(operation=EXPLAINED[request.operation], request_size=request.size, **request.given)
    except TypeError as error:
        raise ApiError(400, "SerializationException", str(error), None) from error


# The constraints of the model, each a sentence of Lambda's.


def broken_constraints(shape: Shape | None, given: Mapping[str, Any], explained: Collection[str] = ()) -> Iterator[str]:
    """What is wrong with the form of arguments of this shape, but for those that are `explained` otherwise."""
    if isinstance(shape, StructureShape):
        yield from _members(shape, given, "", explained)


def _members(shape: StructureShape, given: Mapping[str, Any], path: str, explained: Collection[str]) -> Iterator[str]:
    first = FIRST.get(shape.name, ())
    for name, member in sorted(shape.members.items(), key=lambda entry: entry[0] not in first):
        where = f"{path}.{name}" if path else name
        if where in explained and not isinstance(member, ListShape):
            continue
        value = given.get(name)
        if value is not None:
            yield from _value(member, value, where, explained)
        elif name in shape.required_members:
            yield _sentence(where, None, "Member must not be null")


def _value(shape: Shape, value: Any, path: str, explained: Collection[str]) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from _members(shape, value, path, explained)
    elif isinstance(shape, ListShape):
        yield from _list(shape, value, path, explained)
    elif isinstance(shape, MapShape):
        yield from _map(shape, value, path)
    else:
        yield from (_sentence(path, value, constraint) for constraint in _broken(shape, value))


def _list(shape: ListShape, items: Sequence[Any], path: str, explained: Collection[str]) -> Iterator[str]:
    shown = f"[{', '.join(map(str, items))}]"
    yield from (_sentence(path, shown, constraint) for constraint in _broken(shape, items))
    if isinstance(shape.member, StructureShape | ListShape | MapShape):
        for number, item in enumerate(items, 1):
            yield from _value(shape.member, item, f"{path}.{number}.member", explained)
    elif shape.name in MEMBERS and any(_is_broken(shape.member, item) for item in items):
        yield _sentence(path, shown, _one_of(MEMBERS[shape.name]()))
    elif any(_is_broken(shape.member, item) for item in items):
        never_null = "enum" in shape.member.metadata or shape.member.metadata.get("min", 0) > 0
        yield _sentence(path, shown, f"Member must satisfy constraint: {_rules(shape.member, never_null)}")


def _map(shape: MapShape, entries: Mapping[str, Any], path: str) -> Iterator[str]:
    shown = f"{{{', '.join(f'{key}={value}' for key, value in entries.items())}}}"
    yield from (_sentence(path, shown, constraint) for constraint in _broken(shape, entries))
    if any(_is_broken(shape.key, key) for key in entries):
        yield _sentence(path, shown, f"Map keys must satisfy constraint: {_rules(shape.key, never_null=False)}")
    if any(_is_broken(shape.value, value) for value in entries.values()):
        yield _sentence(path, shown, f"Map value must satisfy constraint: {_rules(shape.value, never_null=True)}")


def _rules(shape: Shape, never_null: bool) -> str:
    """All constraints of a list's or map's members, as Lambda lists them when one is broken."""
    constraints = [sentence for sentence, _ in _constraints(shape)]
    return f"[{', '.join([*constraints, *(['Member must not be null'] if never_null else [])])}]"


def _is_broken(shape: Shape, value: Any) -> bool:
    return any(True for _ in _broken(shape, value))


def _broken(shape: Shape, value: Any) -> Iterator[str]:
    return (sentence for sentence, holds in _constraints(shape) if not holds(value))


def _constraints(shape: Shape) -> Iterator[tuple[str, Callable[[Any], bool]]]:
    """The constraints of the model, each in Lambda's words and as a test."""
    numeric = shape.type_name in ("integer", "long", "double", "float")
    size, measured = ("value", _itself) if numeric else ("length", len)
    bounds = shape.metadata
    if "max" in bounds:
        yield f"Member must have {size} less than or equal to {bounds['max']}", lambda v: measured(v) <= bounds["max"]
    if "min" in bounds:
        yield (
            f"Member must have {size} greater than or equal to {bounds['min']}",
            lambda v: measured(v) >= bounds["min"],
        )
    if "pattern" in bounds:
        rule = bounds["pattern"]
        yield (
            f"Member must satisfy regular expression pattern: {PATTERNS.get(shape.name, rule)}",
            lambda v: bool(_compiled(rule).fullmatch(v)),
        )
    if "enum" in bounds:
        yield _one_of(ENUMERATED.get(shape.name, bounds["enum"])), lambda v: v in bounds["enum"]


def _one_of(words: Sequence[str]) -> str:
    return f"Member must satisfy enum value set: [{', '.join(words)}]"


def _itself(value: Any) -> Any:
    return value


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """The model's pattern, which is Java's, as Python's: letters, separators and digits of any script."""
    unicode = pattern.replace(r"\p{L}\p{Z}\p{N}", r"\w\s")
    return re.compile(unicode, 0 if unicode != pattern else re.ASCII)


def _sentence(path: str, value: Any, constraint: str) -> str:
    """One validation error: the path as Lambda writes it, in camel case."""
    shown = "null" if value is None else f"'{value}'"
    where = ".".join(part[0].lower() + part[1:] for part in path.split("."))
    return f"Value {shown} at '{where}' failed to satisfy constraint: {constraint}"
