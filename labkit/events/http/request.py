"""An HTTP request as a front door of AWS receives it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import unquote_plus

from labkit.moto_bridge.requests import Signature

Pairs = tuple[tuple[str, str], ...]
MEGABYTE = 1 << 20
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class HttpRequest:
    """A request: `path` and `query` are encoded as they were sent, `headers` are in their order and case.

    `host` is the name that AWS gave the front door, however the request found its way; `port` is the one named with
    it. `received` is account time.
    """

    method: str
    host: str
    port: int | None
    path: str
    query: str
    headers: Pairs
    body: bytes
    source_ip: str
    protocol: str
    received: float
    signature: Signature | None = None

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """The values of each header by its name in lower case."""
        return grouped((name.lower(), value) for name, value in self.headers)

    def header(self, name: str) -> str:
        """The last value of a header, empty when there is none; `name` is in lower case."""
        return self.by_name.get(name, [""])[-1]

    @cached_property
    def parameters(self) -> Pairs:
        """The query's names and values, decoded."""
        return tuple((unquote_plus(name), unquote_plus(value)) for name, value in self.raw_parameters)

    @cached_property
    def raw_parameters(self) -> Pairs:
        """The query's names and values, encoded as they were sent."""
        parts = (part.partition("=") for part in self.query.split("&") if part)
        return tuple((name, value) for name, _, value in parts)

    @property
    def text(self) -> str:
        """The body as text; what is no UTF-8 is lost."""
        return self.body.decode(errors="replace")

    @property
    def log_time(self) -> str:
        """When it was received, as access logs write it: `12/Mar/2020:19:03:58 +0000`."""
        at = datetime.fromtimestamp(self.received, UTC)
        return f"{at:%d}/{MONTHS[at.month - 1]}/{at:%Y:%H:%M:%S} +0000"


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The values of each name, in their order."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
