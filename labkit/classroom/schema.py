"""The form of a hand-in, as JSON Schema; keys that it does not know are not looked at."""

from __future__ import annotations

from typing import Any

from labkit.classroom.submission import FORMAT, KINDS

LONGEST_ID = 200  # characters
MOST_EVENTS = 5_000


def _text(longest: int, shortest: int = 0) -> dict[str, Any]:
    return {"type": "string", "minLength": shortest, "maxLength": longest}


def _named(values: dict[str, Any], most: int) -> dict[str, Any]:
    return {
        "type": "object",
        "maxProperties": most,
        "propertyNames": _text(LONGEST_ID, 1),
        "additionalProperties": values,
    }


def _record(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


_EVENT = _record(
    id=_text(LONGEST_ID, 1),
    at=_text(40, 10),
    kind={"enum": list(KINDS)},
    content={"type": "object", "maxProperties": 20, "properties": {"question": _text(LONGEST_ID)}},
)
_FUNCTION = _record(
    code={"type": "string", "pattern": r"^[A-Za-z0-9+/=]*\Z"},
    configuration={"type": "object", "maxProperties": 20},
    managed={"type": "array", "maxItems": 20, "items": _text(2048)},
    inline=_named({"type": "object"}, 20),
)
SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    **_record(
        format={"const": FORMAT},
        student={**_text(LONGEST_ID), "pattern": r"\S"},
        name=_text(LONGEST_ID),
        made_at=_text(40, 10),
        versions=_named(_text(LONGEST_ID), 20),
        events={"type": "array", "maxItems": MOST_EVENTS, "items": _EVENT},
        labs=_named(_named(_FUNCTION, 10), 50),
    ),
}
