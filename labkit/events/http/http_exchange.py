"""A request on its way through an HTTP API's stage: the route it has found, and the event for the function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from labkit.events.http import payload_1_0, payload_2_0
from labkit.events.http.request import HttpRequest
from labkit.events.http.routing import most_specific
from labkit.moto_bridge.apigatewayv2 import HttpApi, HttpRoute, HttpStage
from labkit.runtime.trace import new_trace

DEFAULT = "$default"
# What an HTTP API answers by itself.
UNAUTHORIZED = (401, "Unauthorized")
FORBIDDEN = (403, "Forbidden")
NOT_FOUND = (404, "Not Found")
TOO_LARGE = (413, "Request Entity Too Large")
INTERNAL = (500, "Internal Server Error")
UNAVAILABLE = (503, "Service Unavailable")


class HttpApiError(Exception):
    """An error of the API's own: its status and message."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Exchange:
    """A request that has found its route. `path` is without the stage, `parameters` are the path's, decoded.

    `authorizer` is what the event tells of the caller, by the kind of authorization: jwt, lambda or iam.
    """

    account: str
    request: HttpRequest
    api: HttpApi
    stage: HttpStage
    path: str
    route: HttpRoute
    parameters: Mapping[str, str]
    request_id: str
    trace: str
    authorizer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def resource(self) -> str:
        """The route's path, or `$default`."""
        return resource_of(self.route)

    @property
    def full_path(self) -> str:
        """The path with the stage where that has a name."""
        return self.path if self.stage.name == DEFAULT else f"/{self.stage.name}{self.path}"

    @property
    def api_arn(self) -> str:
        """The API as policies name it."""
        return f"arn:aws:execute-api:{self.api.region}:{self.account}:{self.api.id}"

    @property
    def route_arn(self) -> str:
        """The method and path that are called, as policies name them."""
        return f"{self.api_arn}/{self.stage.name}/{self.request.method}{self.path}"

    @property
    def source_arn(self) -> str:
        """The route as the policies of functions name it."""
        stage = f"{self.api_arn}/{self.stage.name}"
        method, _, path = self.route.key.partition(" ")
        return f"{stage}/{'*' if method == 'ANY' else method}{path}"

    @property
    def context(self) -> Mapping[str, Any]:
        """What `$context` stands for."""
        context: Mapping[str, Any] = self.event("2.0")["requestContext"]
        return context

    def event(self, payload: str) -> dict[str, Any]:
        """The event in payload format 1.0 or 2.0."""
        return self._event_1_0() if payload == "1.0" else self._event_2_0()

    def _event_2_0(self) -> dict[str, Any]:
        context = payload_2_0.request_context(
            self.request, account=self.account, api_id=self.api.id, route_key=self.route.key, stage=self.stage.name,
            path=self.full_path, request_id=self.request_id,
        )  # fmt: skip
        known = {"authorizer": dict(self.authorizer)} if self.authorizer else {}
        return payload_2_0.event(
            self.request, payload_1_0.forwarded(self.request, self.trace), context | known, route_key=self.route.key,
            raw_path=unquote(self.full_path), parameters=self.parameters, variables=self.stage.variables,
        )  # fmt: skip

    def _event_1_0(self) -> dict[str, Any]:
        request, path = self.request, unquote(self.full_path)
        context = payload_1_0.request_context(
            request, account=self.account, api_id=self.api.id, stage=self.stage.name, resource=self.resource,
            resource_id=None, path=path, request_id=self.request_id,
        )  # fmt: skip
        nobody = {"claims": None, "scopes": None}
        known = {"authorizer": self.authorizer.get("lambda") or self.authorizer.get("jwt") or nobody}
        event = payload_1_0.event(
            request, payload_1_0.forwarded(request, self.trace), context | known, resource=self.resource, path=path,
            parameters=self.parameters, variables=self.stage.variables, binary=not payload_2_0.is_text(request),
        )  # fmt: skip
        return {"version": "1.0", **event}


def find_exchange(account: str, request: HttpRequest, api: HttpApi, request_id: str) -> Exchange:
    """The request with its stage and route; `HttpApiError` when there is none."""
    name, _, rest = request.path.lstrip("/").partition("/")
    stage, path = api.stages.get(name), f"/{rest}"
    if stage is None:
        stage, path = api.stages.get(DEFAULT), request.path
    if stage is None:
        raise HttpApiError(*NOT_FOUND)
    route, parameters = _route(stage, request.method, path)
    trace = request.header("x-amzn-trace-id") or new_trace(request.received)
    return Exchange(account, request, api, stage, path, route, parameters, request_id, trace)


def resource_of(route: HttpRoute) -> str:
    """A route's path, or `$default`."""
    return route.key.partition(" ")[2] or route.key


def _route(stage: HttpStage, method: str, path: str) -> tuple[HttpRoute, dict[str, str]]:
    """The route for a method and path: the most specific one, the method itself before ANY, `$default` at last."""
    fitting = [route for name in (method, "ANY") for route in stage.routes if route.key.startswith(f"{name} ")]
    found = most_specific(fitting, resource_of, path)
    if found is not None:
        return found[0], {name: unquote(value) for name, value in found[1].items()}
    for route in stage.routes:
        if route.key == DEFAULT:
            return route, {}
    raise HttpApiError(*NOT_FOUND)
