"""API Gateway's REST APIs: `https://ID.execute-api.REGION.amazonaws.com/STAGE/PATH`.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-rest-api.html
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from labkit import facts
from labkit.events.asynchronous import Attempt
from labkit.events.http import mock_integration, payload_1_0
from labkit.events.http.calls import FunctionCall, Functions, InvokedBy
from labkit.events.http.gateway_errors import GatewayError, gateway_answer
from labkit.events.http.integrations import function_arn
from labkit.events.http.proxy_response import Malformed, read_response
from labkit.events.http.request import MEGABYTE, HttpRequest, grouped
from labkit.events.http.routing import most_specific
from labkit.moto_bridge import apigateway
from labkit.moto_bridge.apigateway import Integration, Method, Resource, Stage
from labkit.moto_bridge.server import Answer
from labkit.runtime.trace import new_trace

SOURCE = "rest-api"
INTERNAL = "Internal server error"
# Header names that API Gateway needs itself; under these it sends a handler's on.
REMAPPED = {
    "authorization", "connection", "content-length", "content-md5", "date", "expect", "host", "max-forwards",
    "proxy-authenticate", "server", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "via",
    "www-authenticate",
}  # fmt: skip


@dataclass(frozen=True)
class Exchange:
    """A request that has found its method. `path` is without the stage, `parameters` are the path's."""

    request: HttpRequest
    stage: Stage
    path: str
    resource: Resource
    method: Method
    parameters: Mapping[str, str]
    request_id: str
    trace: str


class RestApis:
    """Answers requests to the REST APIs of an account."""

    def __init__(self, account: str, functions: Functions):
        self._account = account
        self._functions = functions

    def answer(self, request: HttpRequest, region: str, api_id: str) -> Answer:
        """What the API answers; its own errors are answered as its gateway responses say."""
        request_id = str(uuid.uuid4())
        name, path = _without_stage(request.path)
        stage = apigateway.find_stage(self._account, region, api_id, name)
        responses = stage.deployed.gateway_responses if stage else {}
        try:
            if stage is None:
                raise GatewayError("INVALID_API_KEY", "Forbidden")
            return self._integrate(_exchange(request, stage, path, request_id))
        except GatewayError as error:
            return gateway_answer(error, responses, request_id)

    def _integrate(self, exchange: Exchange) -> Answer:
        if len(exchange.request.body) > facts.QUOTAS["api_payload"].maximum * MEGABYTE:
            raise GatewayError("REQUEST_TOO_LARGE", "Request Too Long")
        _refuse_without_api_key(exchange)
        integration = exchange.method.integration
        if integration is not None and integration.kind == "AWS_PROXY":
            return self._proxy(exchange, integration)
        if integration is not None and integration.kind == "MOCK":
            return mock_integration.answer(integration, exchange.request, exchange.request_id)
        kind = integration.kind if integration else None
        _tell(f"labkit does not offer the integration type {kind}; AWS_PROXY invokes a function")
        raise GatewayError("API_CONFIGURATION_ERROR", INTERNAL)

    def _proxy(self, exchange: Exchange, integration: Integration) -> Answer:
        arn = function_arn(integration.uri, exchange.stage.variables)
        if arn is None or integration.method != "POST":
            _tell(f"a Lambda proxy integration is called by POST with a function's URI, not {integration.method}")
            raise GatewayError("API_CONFIGURATION_ERROR", INTERNAL)
        event = json.dumps(self._event(exchange)).encode()
        call = FunctionCall(arn, event, SOURCE, exchange.trace, str(uuid.uuid4()))
        by = InvokedBy("apigateway.amazonaws.com", self._source_arn(exchange), integration.role)
        return _answer(exchange, self._functions.call(call, by, integration.timeout), arn)

    def _event(self, exchange: Exchange) -> dict[str, Any]:
        request, stage = exchange.request, exchange.stage
        context = payload_1_0.request_context(
            request, account=self._account, api_id=stage.api_id, stage=stage.name, resource=exchange.resource.path,
            resource_id=exchange.resource.id, path=request.path, request_id=exchange.request_id,
        )  # fmt: skip
        return payload_1_0.event(
            request,
            payload_1_0.forwarded(request, exchange.trace),
            context | {"deploymentId": stage.deployment_id},
            resource=exchange.resource.path,
            path=exchange.path,
            parameters=exchange.parameters,
            variables=stage.variables,
            binary=_is_binary(request.header("content-type"), stage),
        )

    def _source_arn(self, exchange: Exchange) -> str:
        stage, path = exchange.stage, exchange.resource.path
        plain = "/".join("*" if part.startswith("{") else part for part in path.split("/"))
        api = f"arn:aws:execute-api:{stage.region}:{self._account}:{stage.api_id}"
        return f"{api}/{stage.name}/{exchange.request.method}{plain}"


def _without_stage(path: str) -> tuple[str, str]:
    """The stage's name and the path in it."""
    name, _, rest = path.lstrip("/").partition("/")
    return name, f"/{rest.lstrip('/')}"


def _exchange(request: HttpRequest, stage: Stage, path: str, request_id: str) -> Exchange:
    """The request with the resource and method that it is for; `GatewayError` when there are none."""
    found = most_specific(stage.deployed.resources, lambda resource: resource.path, path)
    if found is not None:
        resource, parameters = found
        method = resource.methods.get(request.method) or resource.methods.get("ANY")
        if method is not None:
            trace = request.header("x-amzn-trace-id") or new_trace(request.received)
            return Exchange(request, stage, path, resource, method, parameters, request_id, trace)
    raise GatewayError("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")


def _refuse_without_api_key(exchange: Exchange) -> None:
    if exchange.method.needs_api_key and exchange.request.header("x-api-key") not in exchange.stage.api_keys:
        raise GatewayError("INVALID_API_KEY", "Forbidden")


def _is_binary(media_type: str, stage: Stage) -> bool:
    """Whether the API treats this type as binary; of several the first counts."""
    plain = media_type.split(",")[0].partition(";")[0].strip().lower()
    types = stage.deployed.binary_media_types
    return any(each == "*/*" or (plain and fnmatchcase(plain, each.lower())) for each in types)


def _answer(exchange: Exchange, attempt: Attempt, arn: str) -> Answer:
    match attempt.outcome:
        case "ok":
            return _proxied(exchange, attempt.payload, arn)
        case "failed":
            raise GatewayError("DEFAULT_5XX", INTERNAL)
        case "late":
            raise GatewayError("INTEGRATION_TIMEOUT", "Endpoint request timed out")
        case "too_large":
            raise GatewayError("REQUEST_TOO_LARGE", "Request Too Long")
        case _:
            raise GatewayError("API_CONFIGURATION_ERROR", INTERNAL)


def _proxied(exchange: Exchange, payload: bytes, arn: str) -> Answer:
    try:
        response = read_response(payload)
        accepts = _is_binary(exchange.request.header("accept"), exchange.stage)
        body = response.content if accepts else response.body.encode()
    except Malformed as why:
        _tell(f"{arn} returned no proxy response, so API Gateway answers 502: {why}")
        raise GatewayError("DEFAULT_5XX", INTERNAL) from why
    given = ((f"x-amzn-Remapped-{n}" if n.lower() in REMAPPED else n, value) for n, value in response.headers)
    headers: dict[str, Any] = grouped(given)
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    headers |= {
        "x-amzn-RequestId": exchange.request_id,
        "x-amz-apigw-id": payload_1_0.extended_request_id(),
        "X-Amzn-Trace-Id": exchange.trace.partition(";")[0],
    }
    return Answer(response.status, body, headers)


def _tell(why: str) -> None:
    logging.getLogger("labkit").warning("%s", why)
