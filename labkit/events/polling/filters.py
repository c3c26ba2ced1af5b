"""Filter criteria: which records of a queue or stream a function is invoked with.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from labkit.control_plane.patterns import compile_pattern

Record = Mapping[str, Any]


def wanted(settings: Mapping[str, Any]) -> Callable[[Record], bool]:
    """A test of a record: whether one of the mapping's patterns matches; without any, all do."""
    filters = (settings.get("FilterCriteria") or {}).get("Filters") or []
    tests = [_test(each["Pattern"]) for each in filters if each.get("Pattern")]
    if not tests:
        return lambda record: True
    return lambda record: any(test(_as_seen(record)) for test in tests)


def _test(pattern: str) -> Callable[[Record], bool]:
    """A test of a record as patterns see it; one of a body's members matches no body that is a plain text."""
    matches = compile_pattern(pattern)
    of_members = [name for name in ("body", "data") if isinstance(json.loads(pattern).get(name), dict)]
    return lambda seen: all(isinstance(seen.get(name), dict) for name in of_members) and matches(seen)


def _as_seen(record: Record) -> dict[str, Any]:
    """The record as patterns see it: the body of a message and the data of a stream are read where they are JSON."""
    if "body" in record:
        return {**record, "body": _read(record["body"])}
    if "kinesis" in record:
        return {**record, **record["kinesis"], "data": _read(_decoded(record["kinesis"]["data"]))}
    return dict(record)


def _decoded(data: str) -> str:
    return base64.b64decode(data).decode("utf-8", "replace")


def _read(text: str) -> Any:
    """The JSON object or array that a text is, or the text."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, dict | list) else text
