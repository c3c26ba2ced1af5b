"""Objects, fields and alternatives of a pattern. All fields have to match; of a field's alternatives, one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.control_plane.patterns.operators import ABSENT, Test, exactly, expression
from labkit.control_plane.patterns.reader import NotJson, PatternError, Reader, tokens_of


def compile_pattern(text: str) -> Test:
    """A test of an event; `PatternError` for a text that is no pattern."""
    try:
        return _compiled(Reader(tokens_of(text)))
    except NotJson as error:
        raise PatternError(str(error), error.position + 1) from None
    except RecursionError:
        raise PatternError("The pattern is nested too deeply", None) from None


def _compiled(reader: Reader) -> Test:
    if reader.token.value != "{" or reader.token.kind != "mark":
        raise reader.error("Filter is not an object")
    fields = _object(reader)
    return lambda event: fields(_nested(event))


def _object(reader: Reader) -> Test:
    """All fields of an object have to match."""
    tests: dict[str, Test] = {}
    for name in reader.members():
        tests[name] = _alternatives_of_objects(reader) if name == "$or" else _field(name.split("."), reader, name)
    if not tests:
        raise reader.error("Empty objects are not allowed")
    listed = list(tests.values())
    return lambda value: any(all(test(each) for test in listed) for each in _objects(value))


def _field(path: list[str], reader: Reader, name: str) -> Test:
    if reader.is_mark("{"):
        inner = _object(reader)
    elif reader.is_mark("["):
        inner = _leaf(reader)
    else:
        raise reader.error(f'"{name}" must be an object or an array')
    for part in reversed(path[1:]):
        inner = _below(part, inner)
    return _below(path[0], inner)


def _below(name: str, inner: Test) -> Test:
    return lambda value: inner(value.get(name, ABSENT) if isinstance(value, Mapping) else ABSENT)


def _objects(value: Any) -> list[Any]:
    """What an object pattern looks at: the value, or each element of an array, so that fields match together."""
    return [each for item in value for each in _objects(item)] if isinstance(value, list) else [value]


def _alternatives_of_objects(reader: Reader) -> Test:
    if not reader.is_mark("["):
        raise reader.error("It must be an Array followed with $or.")
    tests = []
    for _ in reader.elements():
        if not reader.is_mark("{"):
            raise reader.error("Only JSON object is allowed in array of $or relationship.")
        tests.append(_object(reader))
    if len(tests) < 2:
        raise reader.error("There must have at least 2 Objects in $or relationship.")
    return lambda value: any(test(value) for test in tests)


def _leaf(reader: Reader) -> Test:
    """One of the alternatives has to match one of the field's values."""
    tests: list[Test] = []
    for token in reader.elements():
        if reader.is_mark("{"):
            tests.append(expression(reader))
        elif token.kind == "mark":
            raise reader.error("Match value must be String, number, true, false, or null")
        else:
            tests.append(exactly(reader.text()))
    if not tests:
        raise reader.error("Empty arrays are not allowed")
    return lambda value: any(test(each) for each in _scalars(value) for test in tests)


def _scalars(value: Any) -> list[Any]:
    """The values of a field: those of an array one by one; a field without any, or with fields below it, is absent."""
    if isinstance(value, list):
        return [each for item in value for each in _scalars(item)] or [ABSENT]
    return [ABSENT if isinstance(value, Mapping) else value]


def _nested(value: Any) -> Any:
    """The event with keys that have dots in them taken apart, as patterns see them."""
    if isinstance(value, list):
        return [_nested(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    found: dict[str, Any] = {}
    for key, item in value.items():
        *above, last = key.split(".") if key.strip(".") else [key]
        place = found
        for part in above:
            below = place.get(part)
            place[part] = place = dict(below) if isinstance(below, Mapping) else {}
        place[last] = _merged(place.get(last), _nested(item))
    return found


def _merged(before: Any, value: Any) -> Any:
    return {**before, **value} if isinstance(before, Mapping) and isinstance(value, Mapping) else value
