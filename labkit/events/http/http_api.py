"""API Gateway's HTTP APIs: `https://ID.execute-api.REGION.amazonaws.com/`, or `/STAGE/` where a stage has a name.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from labkit import facts
from labkit.events.asynchronous import Attempt
from labkit.events.http import cors, payload_1_0, payload_2_0
from labkit.events.http.calls import FunctionCall, Functions, InvokedBy
from labkit.events.http.integrations import function_arn
from labkit.events.http.proxy_response import Malformed, read_response
from labkit.events.http.request import MEGABYTE, HttpRequest, Pairs, grouped
from labkit.events.http.routing import most_specific
from labkit.moto_bridge.apigatewayv2 import HttpApi, HttpIntegration, HttpRoute, HttpStage
from labkit.moto_bridge.server import Answer
from labkit.runtime.trace import new_trace

SOURCE = "http-api"
DEFAULT = "$default"
JSON = "application/json"
# What an HTTP API answers by itself.
INTERNAL = (500, "Internal Server Error")
NOT_FOUND = (404, "Not Found")
TOO_LARGE = (413, "Request Entity Too Large")
UNAVAILABLE = (503, "Service Unavailable")


class HttpApiError(Exception):
    """An error of the API's own: its status and message."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Exchange:
    """A request that has found its route. `path` is without the stage, `parameters` are the path's, decoded."""

    request: HttpRequest
    api: HttpApi
    stage: HttpStage
    path: str
    route: HttpRoute
    parameters: Mapping[str, str]
    request_id: str
    trace: str


class HttpApis:
    """Answers requests to the HTTP APIs of an account."""

    def __init__(self, account: str, functions: Functions):
        self._account = account
        self._functions = functions

    def answer(self, request: HttpRequest, api: HttpApi) -> Answer:
        """What the API answers; it answers preflights itself where CORS is configured."""
        configured = cors.CrossOrigin.of(api.cors) if api.cors else None
        request_id = payload_1_0.extended_request_id()
        if configured and cors.is_preflight(request):
            status, body, headers = 204, b"", cors.preflight_headers(request, configured)
        else:
            status, body, headers = self._respond(request, api, request_id)
            headers = cors.with_cors(request, configured, headers) if configured else headers
        return Answer(status, body, grouped((*headers, ("Apigw-Requestid", request_id))))

    def _respond(self, request: HttpRequest, api: HttpApi, request_id: str) -> tuple[int, bytes, Pairs]:
        try:
            return self._integrate(_exchange(request, api, request_id))
        except HttpApiError as error:
            return error.status, json.dumps({"message": error.message}).encode(), (("Content-Type", JSON),)

    def _integrate(self, exchange: Exchange) -> tuple[int, bytes, Pairs]:
        if len(exchange.request.body) > facts.QUOTAS["api_payload"].maximum * MEGABYTE:
            raise HttpApiError(*TOO_LARGE)
        integration = exchange.route.integration
        arn = function_arn(integration.uri, exchange.stage.variables) if integration else None
        if integration is None or integration.kind != "AWS_PROXY" or arn is None:
            _tell(f"labkit offers Lambda integrations only; route {exchange.route.key} has {integration}")
            raise HttpApiError(*INTERNAL)
        event = self._event_1_0(exchange) if integration.payload == "1.0" else self._event_2_0(exchange)
        call = FunctionCall(arn, json.dumps(event).encode(), SOURCE, exchange.trace, str(uuid.uuid4()))
        by = InvokedBy("apigateway.amazonaws.com", self._source_arn(exchange), integration.role)
        return _response(self._functions.call(call, by, integration.timeout), integration, arn)

    def _event_2_0(self, exchange: Exchange) -> dict[str, Any]:
        path = _full_path(exchange)
        context = payload_2_0.request_context(
            exchange.request, account=self._account, api_id=exchange.api.id, route_key=exchange.route.key,
            stage=exchange.stage.name, path=path, request_id=exchange.request_id,
        )  # fmt: skip
        return payload_2_0.event(
            exchange.request, payload_1_0.forwarded(exchange.request, exchange.trace), context,
            route_key=exchange.route.key, raw_path=unquote(path), parameters=exchange.parameters,
            variables=exchange.stage.variables,
        )  # fmt: skip

    def _event_1_0(self, exchange: Exchange) -> dict[str, Any]:
        request, resource, path = exchange.request, _resource(exchange.route), unquote(_full_path(exchange))
        context = payload_1_0.request_context(
            request, account=self._account, api_id=exchange.api.id, stage=exchange.stage.name, resource=resource,
            resource_id=None, path=path, request_id=exchange.request_id,
        )  # fmt: skip
        binary = not payload_2_0.is_text(request)
        event = payload_1_0.event(
            request, payload_1_0.forwarded(request, exchange.trace), context, resource=resource, path=path,
            parameters=exchange.parameters, variables=exchange.stage.variables, binary=binary,
        )  # fmt: skip
        return {"version": "1.0", **event}

    def _source_arn(self, exchange: Exchange) -> str:
        api = f"arn:aws:execute-api:{exchange.api.region}:{self._account}:{exchange.api.id}/{exchange.stage.name}"
        if exchange.route.key == DEFAULT:
            return f"{api}/{DEFAULT}"
        method, _, path = exchange.route.key.partition(" ")
        return f"{api}/{'*' if method == 'ANY' else method}{path}"


def _exchange(request: HttpRequest, api: HttpApi, request_id: str) -> Exchange:
    """The request with its stage and route; `HttpApiError` when there is none."""
    name, _, rest = request.path.lstrip("/").partition("/")
    stage, path = api.stages.get(name), f"/{rest}"
    if stage is None:
        stage, path = api.stages.get(DEFAULT), request.path
    if stage is None:
        raise HttpApiError(*NOT_FOUND)
    route, parameters = _route(stage, request.method, path)
    trace = request.header("x-amzn-trace-id") or new_trace(request.received)
    return Exchange(request, api, stage, path, route, parameters, request_id, trace)


def _route(stage: HttpStage, method: str, path: str) -> tuple[HttpRoute, dict[str, str]]:
    """The route for a method and path: the most specific one, the method itself before ANY, `$default` at last."""
    fitting = [route for name in (method, "ANY") for route in stage.routes if route.key.startswith(f"{name} ")]
    found = most_specific(fitting, _resource, path)
    if found is not None:
        return found[0], {name: unquote(value) for name, value in found[1].items()}
    for route in stage.routes:
        if route.key == DEFAULT:
            return route, {}
    raise HttpApiError(*NOT_FOUND)


def _resource(route: HttpRoute) -> str:
    return route.key.partition(" ")[2] or route.key


def _full_path(exchange: Exchange) -> str:
    """The path with the stage where that has a name."""
    return exchange.path if exchange.stage.name == DEFAULT else f"/{exchange.stage.name}{exchange.path}"


def _response(attempt: Attempt, integration: HttpIntegration, arn: str) -> tuple[int, bytes, Pairs]:
    if attempt.outcome == "late":
        raise HttpApiError(*UNAVAILABLE)
    if attempt.outcome == "too_large":
        raise HttpApiError(*TOO_LARGE)
    if attempt.outcome != "ok":
        raise HttpApiError(*INTERNAL)
    try:
        read = read_response if integration.payload == "1.0" else payload_2_0.read_result
        response = read(attempt.payload)
        body = response.content
    except Malformed as why:
        _tell(f"{arn} returned no response of payload format {integration.payload}, so API Gateway answers 500: {why}")
        raise HttpApiError(*INTERNAL) from why
    has_type = any(name.lower() == "content-type" for name, _ in response.headers)
    default = () if has_type else (("Content-Type", "text/plain; charset=utf-8"),)
    return response.status, body, (*response.headers, *default)


def _tell(why: str) -> None:
    logging.getLogger("labkit").warning("%s", why)
