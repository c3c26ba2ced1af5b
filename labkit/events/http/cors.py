"""Cross-origin resource sharing as HTTP APIs and function URLs do it themselves, by configuration.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from labkit.events.http.request import HttpRequest, Pairs

PREFIX = "access-control-"


@dataclass(frozen=True)
class CrossOrigin:
    """Which pages of other origins may call; `max_age` is in seconds."""

    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    max_age: int | None = None
    credentials: bool = False

    @classmethod
    def of(cls, configuration: Mapping[str, Any]) -> CrossOrigin:
        """What a configuration says, whether its names begin with a capital (Lambda) or not (API Gateway)."""
        given = {name[:1].lower() + name[1:]: value for name, value in configuration.items()}
        return cls(
            tuple(given.get("allowOrigins") or ()),
            tuple(given.get("allowMethods") or ()),
            tuple(given.get("allowHeaders") or ()),
            tuple(given.get("exposeHeaders") or ()),
            given.get("maxAge"),
            bool(given.get("allowCredentials")),
        )


def is_preflight(request: HttpRequest) -> bool:
    """Whether a browser asks if it may send a request of another origin's page."""
    asks = request.header("origin") and request.header("access-control-request-method")
    return request.method == "OPTIONS" and bool(asks)


def preflight_headers(request: HttpRequest, cors: CrossOrigin) -> Pairs:
    """What a preflight is answered: none for an origin that may not call."""
    if not _allows(request, cors):
        return ()
    listed = {
        "access-control-allow-methods": ",".join(cors.methods),
        "access-control-allow-headers": ",".join(cors.headers),
        "access-control-max-age": "" if cors.max_age is None else str(cors.max_age),
    }
    return (*_common(request, cors), *((name, value) for name, value in listed.items() if value))


def with_cors(request: HttpRequest, cors: CrossOrigin, headers: Iterable[tuple[str, str]]) -> Pairs:
    """A response's headers with those of the configuration in the place of the handler's own."""
    others = tuple((name, value) for name, value in headers if not name.lower().startswith(PREFIX))
    if not _allows(request, cors):
        return others
    exposed = (("access-control-expose-headers", ",".join(cors.exposed)),) if cors.exposed else ()
    return (*others, *_common(request, cors), *exposed)


def _allows(request: HttpRequest, cors: CrossOrigin) -> bool:
    origin = request.header("origin")
    return bool(origin) and any(fnmatchcase(origin.lower(), allowed.lower()) for allowed in cors.origins)


def _common(request: HttpRequest, cors: CrossOrigin) -> Pairs:
    origin = "*" if "*" in cors.origins and not cors.credentials else request.header("origin")
    credentials = (("access-control-allow-credentials", "true"),) if cors.credentials else ()
    return (("access-control-allow-origin", origin), *credentials)
