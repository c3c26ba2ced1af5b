"""Which front door a request is for: told by its Host header, or by the host in a path that a browser can open."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from labkit.clock import Clock
from labkit.control_plane.function_urls import FoundUrl
from labkit.events.http.addresses import EXECUTE_API, FUNCTION_URL, PATH
from labkit.events.http.calls import Functions, Signers
from labkit.events.http.function_url import FunctionUrlDoor
from labkit.events.http.http_api import HttpApis
from labkit.events.http.request import HttpRequest
from labkit.events.http.rest_api import RestApis
from labkit.moto_bridge import apigateway, apigateway_mending, apigatewayv2, apigatewayv2_mending
from labkit.moto_bridge.requests import read_body, read_signature
from labkit.moto_bridge.server import HEADERS, Answer

FORBIDDEN = Answer(
    403, b'{"message":"Forbidden"}', {"Content-Type": "application/json", "x-amzn-ErrorType": "ForbiddenException"}
)


class HttpFront:
    """Answers what is sent to a host name that AWS gave a front door, None for everything else."""

    def __init__(
        self, account: str, functions: Functions, signers: Signers, find_url: Callable[[str], FoundUrl | None],
        clock: Clock,
    ):  # fmt: skip
        self._account = account
        self._clock = clock
        self._rest_apis = RestApis(account, functions)
        self._http_apis = HttpApis(account, functions)
        self._function_urls = FunctionUrlDoor(account, functions, signers, find_url)
        apigateway_mending.connect()
        apigatewayv2_mending.connect()

    def __call__(self, environ: dict[str, Any]) -> Answer | None:
        host, path = _address(environ)
        if FUNCTION_URL.fullmatch(host):
            return self._function_urls.answer(self._read(environ, host, path))
        found = EXECUTE_API.fullmatch(host)
        if found is None:
            return None
        request = self._read(environ, host, path)
        if apigateway.has_rest_api(self._account, found["region"], found["id"]):
            return self._rest_apis.answer(request, found["region"], found["id"])
        api = apigatewayv2.find_http_api(self._account, found["region"], found["id"])
        return self._http_apis.answer(request, api) if api else FORBIDDEN

    def _read(self, environ: dict[str, Any], host: str, path: str) -> HttpRequest:
        return HttpRequest(
            method=environ["REQUEST_METHOD"],
            host=host,
            path=path,
            query=environ["QUERY_STRING"],
            headers=environ[HEADERS],
            body=read_body(environ),
            source_ip=environ["REMOTE_ADDR"],
            protocol=environ["SERVER_PROTOCOL"],
            received=self._clock.time(),
            signature=read_signature(environ),
        )


def _address(environ: dict[str, Any]) -> tuple[str, str]:
    """The host that a request is for, and the path there, encoded as it was sent."""
    path = re.sub(r"^\w+://[^/]*", "", environ["RAW_URI"]).partition("?")[0] or "/"
    if path.startswith(PATH):
        host, _, path = path.removeprefix(PATH).partition("/")
        return host.lower(), f"/{path}"
    return environ.get("HTTP_HOST", "").partition(":")[0].lower(), path
