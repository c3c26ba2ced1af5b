"""Which front door a request is for: told by its Host header, or by the host in a path that a browser can open."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from labkit.clock import Clock
from labkit.control_plane.function_urls import FoundUrl
from labkit.events.http import load_balancer
from labkit.events.http.addresses import EXECUTE_API, FUNCTION_URL, LOAD_BALANCER, PATH
from labkit.events.http.calls import Functions, Signers
from labkit.events.http.function_url import FunctionUrlDoor
from labkit.events.http.http_api import HttpApis
from labkit.events.http.load_balancer import LoadBalancers
from labkit.events.http.request import HttpRequest
from labkit.events.http.rest_api import RestApis
from labkit.moto_bridge import apigateway, apigateway_mending, apigatewayv2, apigatewayv2_mending, elbv2
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
        self._rest_apis = RestApis(account, functions, signers)
        self._http_apis = HttpApis(account, functions, signers)
        self._load_balancers = LoadBalancers(account, functions)
        self._function_urls = FunctionUrlDoor(account, functions, signers, find_url)
        self._doors = (
            (EXECUTE_API, self._answer_for_api),
            (FUNCTION_URL, self._answer_for_url),
            (LOAD_BALANCER, self._answer_for_balancer),
        )
        apigateway_mending.connect()
        apigatewayv2_mending.connect()
        elbv2.on_registration(partial(load_balancer.refuse_registration, functions))

    def __call__(self, environ: dict[str, Any]) -> Answer | None:
        host, port, path, prefix = _address(environ)
        for pattern, answer in self._doors:
            if found := pattern.fullmatch(host):
                return _redirected(answer(self._read(environ, host, port, path), found), prefix)
        return None

    def _answer_for_api(self, request: HttpRequest, found: re.Match[str]) -> Answer:
        region, api_id = found["region"], found["id"]
        if apigateway.has_rest_api(self._account, region, api_id):
            return self._rest_apis.answer(request, region, api_id)
        api = apigatewayv2.find_http_api(self._account, region, api_id)
        return self._http_apis.answer(request, api) if api else FORBIDDEN

    def _answer_for_url(self, request: HttpRequest, found: re.Match[str]) -> Answer:
        return self._function_urls.answer(request)

    def _answer_for_balancer(self, request: HttpRequest, found: re.Match[str]) -> Answer:
        balancer = elbv2.find_load_balancer(self._account, found["region"], request.host)
        return self._load_balancers.answer(request, balancer) if balancer else load_balancer.page(503)

    def _read(self, environ: dict[str, Any], host: str, port: int | None, path: str) -> HttpRequest:
        return HttpRequest(
            method=environ["REQUEST_METHOD"],
            host=host,
            port=port,
            path=path,
            query=environ["QUERY_STRING"],
            headers=environ[HEADERS],
            body=read_body(environ),
            source_ip=environ["REMOTE_ADDR"],
            protocol=environ["SERVER_PROTOCOL"],
            received=self._clock.time(),
            signature=read_signature(environ),
        )


def _address(environ: dict[str, Any]) -> tuple[str, int | None, str, str]:
    """The host and port that a request is for, the path there, encoded as it was sent, and what stood before that."""
    path, prefix = re.sub(r"^\w+://[^/]*", "", environ["RAW_URI"]).partition("?")[0] or "/", ""
    address = environ.get("HTTP_HOST", "")
    if path.startswith(PATH):
        address, _, rest = path.removeprefix(PATH).partition("/")
        path, prefix = f"/{rest}", f"{PATH}{address}"
    host, _, port = address.partition(":")
    return host.lower(), int(port) if port.isdecimal() else None, path, prefix


def _redirected(answer: Answer, prefix: str) -> Answer:
    """A redirection within the host leads a browser that came by a path of ours to a path of ours."""
    location = next((name for name in answer.headers if name.lower() == "location"), None)
    if not prefix or location is None:
        return answer
    value = answer.headers[location]
    target = value if isinstance(value, str) else value[0]
    return replace(answer, headers={**answer.headers, location: prefix + target}) if target[:1] == "/" else answer
