"""A call to Lambda's API, and what it may answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.moto_bridge.server import Answer


@dataclass(frozen=True)
class Request:
    """The operation and its arguments as boto3 names them, and where it was sent; `size` is its body's in bytes."""

    operation: str
    given: Mapping[str, Any]
    region: str
    account: str
    trace_id: str | None = None
    size: int = 0


# A handler returns the members of the answer, None for an empty one, or the whole of it where it is no JSON.
Handler = Callable[[Request], Mapping[str, Any] | Answer | None]
