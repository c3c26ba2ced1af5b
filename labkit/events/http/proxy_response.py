"""What a handler returned, read as the HTTP response that it stands for."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.events.http.request import Pairs

KEYS = ("statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded")
STATUSES = range(100, 600)


class Malformed(ValueError):
    """A result that stands for no HTTP response; the text says why."""


@dataclass(frozen=True)
class ProxyResponse:
    """A status, headers in their order and a body, which may be in base64."""

    status: int
    headers: Pairs
    body: str
    is_base64: bool

    @property
    def content(self) -> bytes:
        """The body as bytes; `Malformed` when it is not the base64 that it says it is."""
        if not self.is_base64:
            return self.body.encode()
        try:
            return base64.b64decode(self.body, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Malformed(f"isBase64Encoded is true, and the body is no base64: {error}") from error


def read_json(payload: bytes) -> Any:
    """What a function's result says; `Malformed` when it is no JSON, as a runtime of one's own may answer."""
    try:
        return json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"it is no JSON: {error}") from error


def error_message(payload: bytes) -> str:
    """The message in a function's error, empty when it has none."""
    try:
        return str(read_json(payload)["errorMessage"])
    except (Malformed, LookupError, TypeError):
        return ""


def read_response(payload: bytes, keys: tuple[str, ...] = KEYS) -> ProxyResponse:
    """The response in a handler's result: an object of these keys, none of them necessary; `Malformed` otherwise.

    A number or truth value stands for its text, as recorded of API Gateway.
    """
    result = read_json(payload)
    if not isinstance(result, dict) or not result:
        raise Malformed(f"it is {_shown(result)}; it has to be an object with at least one of {', '.join(keys)}")
    if unknown := [key for key in result if key not in keys]:
        raise Malformed(f"it has a key {unknown[0]!r}; the keys are {', '.join(keys)}")
    return ProxyResponse(
        status_code(result.get("statusCode")),
        _headers(result),
        _text(result.get("body"), "body"),
        _text(result.get("isBase64Encoded"), "isBase64Encoded") == "true",
    )


def status_code(value: Any) -> int:
    """The status, 200 for none; `Malformed` when it is no number from 100 to 599."""
    if value is None:
        return 200
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    if text.isdecimal() and int(text) in STATUSES:
        return int(text)
    raise Malformed(f"statusCode is {_shown(value)}; it has to be a number from 100 to 599")


def _headers(result: Mapping[str, Any]) -> Pairs:
    """Both kinds of headers in one list; a value that stands in both counts once."""
    single = [(name, _text(value, name)) for name, value in _object(result, "headers").items()]
    several = [
        (name, _text(value, name))
        for name, values in _object(result, "multiValueHeaders").items()
        for value in _list(values, name)
    ]
    known = {(name.lower(), value) for name, value in several}
    return (*((name, value) for name, value in single if (name.lower(), value) not in known), *several)


def _object(result: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = result.get(key)
    if found is not None and not isinstance(found, dict):
        raise Malformed(f"{key} is {_shown(found)}; it has to be an object")
    return found or {}


def _list(values: Any, name: str) -> list[Any]:
    if not isinstance(values, list):
        raise Malformed(f"multiValueHeaders has {_shown(values)} for {name}; it has to be a list")
    return values


def _text(value: Any, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise Malformed(f"{name} is {_shown(value)}; it has to be a string (json.dumps makes one)")


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 60 else f"{text[:57]}…"
