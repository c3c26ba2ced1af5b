"""A call to Lambda's API, and what it may answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from labkit.moto_bridge.server import Answer


@dataclass(frozen=True)
class Request:
    """The operation and its arguments as boto3 names them, and where it was sent; `size` is its body's in bytes.

    A waiter of boto3's, which asks until something has changed, is told after the change (`by_waiter`).
    """

    operation: str
    given: Mapping[str, Any]
    region: str
    account: str
    trace_id: str | None = None
    size: int = 0
    by_waiter: bool = False


# A handler returns the members of the answer, None for an empty one, or the whole of it where it is no JSON.
Handler = Callable[[Request], Mapping[str, Any] | Answer | None]
Method = TypeVar("Method", bound=Callable[..., Any])


def operation(*names: str) -> Callable[[Method], Method]:
    """Marks the method that answers these operations of Lambda's API."""

    def mark(method: Method) -> Method:
        method.operations = names  # type: ignore[attr-defined]
        return method

    return mark


def handlers_of(subjects: Iterable[object]) -> dict[str, Handler]:
    """The methods of these subjects by the operation that each answers."""
    methods = [getattr(subject, name) for subject in subjects for name in vars(type(subject))]
    return {name: method for method in methods for name in getattr(method, "operations", ())}
