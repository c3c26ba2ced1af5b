"""API Gateway's REST APIs: `https://ID.execute-api.REGION.amazonaws.com/STAGE/PATH`.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-rest-api.html
"""

from __future__ import annotations

import json
import logging
import uuid
from typing import Any

from labkit import facts
from labkit.events.asynchronous import Attempt
from labkit.events.http import custom_integration, mock_integration, payload_1_0
from labkit.events.http.calls import FunctionCall, Functions, InvokedBy, Signers
from labkit.events.http.gateway_errors import GatewayError, gateway_answer
from labkit.events.http.integrations import function_arn
from labkit.events.http.proxy_response import Malformed, read_response
from labkit.events.http.request import MEGABYTE, HttpRequest, grouped
from labkit.events.http.rest_authorization import RestAuthorization
from labkit.events.http.rest_exchange import Exchange, find_exchange, is_binary, without_stage
from labkit.moto_bridge import apigateway
from labkit.moto_bridge.apigateway import Integration
from labkit.moto_bridge.server import Answer

SOURCE = "rest-api"
INTERNAL = "Internal server error"
# Header names that API Gateway needs itself; under these it sends a handler's on.
REMAPPED = {
    "authorization", "connection", "content-length", "content-md5", "date", "expect", "host", "max-forwards",
    "proxy-authenticate", "server", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "via",
    "www-authenticate",
}  # fmt: skip


class RestApis:
    """Answers requests to the REST APIs of an account."""

    def __init__(self, account: str, functions: Functions, signers: Signers):
        self._account = account
        self._functions = functions
        self._authorization = RestAuthorization(functions, signers)

    def answer(self, request: HttpRequest, region: str, api_id: str) -> Answer:
        """What the API answers; its own errors are answered as its gateway responses say."""
        request_id = str(uuid.uuid4())
        name, path = without_stage(request.path)
        stage = apigateway.find_stage(self._account, region, api_id, name)
        responses = stage.deployed.gateway_responses if stage else {}
        try:
            if stage is None:
                raise GatewayError("INVALID_API_KEY", "Forbidden")
            exchange = find_exchange(self._account, request, stage, path, request_id)
            return self._integrate(self._authorization.admit(exchange))
        except GatewayError as error:
            return gateway_answer(error, responses, request_id)

    def _integrate(self, exchange: Exchange) -> Answer:
        if len(exchange.request.body) > facts.QUOTAS["api_payload"].maximum * MEGABYTE:
            raise GatewayError("REQUEST_TOO_LARGE", "Request Too Long")
        _refuse_without_api_key(exchange)
        integration = exchange.method.integration
        match integration.kind if integration else None:
            case "AWS_PROXY" | "AWS" if integration is not None:
                return self._invoke(exchange, integration)
            case "MOCK" if integration is not None:
                return mock_integration.answer(integration, exchange.request, exchange.request_id)
            case kind:
                _tell(f"labkit does not offer the integration type {kind}; AWS_PROXY invokes a function")
                raise GatewayError("API_CONFIGURATION_ERROR", INTERNAL)

    def _invoke(self, exchange: Exchange, integration: Integration) -> Answer:
        arn = function_arn(integration.uri, exchange.stage.variables)
        if arn is None or integration.method != "POST":
            _tell(f"a Lambda integration is called by POST with a function's URI, not {integration.method}")
            raise GatewayError("API_CONFIGURATION_ERROR", INTERNAL)
        is_proxy, request = integration.kind == "AWS_PROXY", exchange.request
        event = json.dumps(exchange.event()).encode() if is_proxy else custom_integration.event(integration, request)
        call = FunctionCall(arn, event, SOURCE, exchange.trace, str(uuid.uuid4()))
        by = InvokedBy("apigateway.amazonaws.com", exchange.source_arn, integration.role)
        asynchronous = custom_integration.is_asynchronous(integration)
        attempt = self._functions.call(call, by, integration.timeout, asynchronous and not is_proxy)
        if is_proxy or attempt.outcome not in ("ok", "failed"):
            return _answer(exchange, attempt, arn)
        return custom_integration.answer(integration, attempt, request, exchange.request_id)


def _refuse_without_api_key(exchange: Exchange) -> None:
    if exchange.method.needs_api_key and exchange.request.header("x-api-key") not in exchange.stage.api_keys:
        raise GatewayError("INVALID_API_KEY", "Forbidden")


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
        accepts = is_binary(exchange.request.header("accept"), exchange.stage)
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
