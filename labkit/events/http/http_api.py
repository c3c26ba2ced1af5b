"""API Gateway's HTTP APIs: `https://ID.execute-api.REGION.amazonaws.com/`, or `/STAGE/` where a stage has a name.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html
"""

from __future__ import annotations

import json
import logging
import uuid

from labkit import facts
from labkit.events.asynchronous import Attempt
from labkit.events.http import cors, payload_1_0, payload_2_0
from labkit.events.http.calls import FunctionCall, Functions, InvokedBy, Signers
from labkit.events.http.http_authorization import HttpAuthorization
from labkit.events.http.http_exchange import INTERNAL, TOO_LARGE, UNAVAILABLE, Exchange, HttpApiError, find_exchange
from labkit.events.http.integrations import function_arn
from labkit.events.http.proxy_response import Malformed, read_response
from labkit.events.http.request import MEGABYTE, HttpRequest, Pairs, grouped
from labkit.moto_bridge.apigatewayv2 import HttpApi, HttpIntegration
from labkit.moto_bridge.server import Answer

SOURCE = "http-api"
JSON = "application/json"


class HttpApis:
    """Answers requests to the HTTP APIs of an account."""

    def __init__(self, account: str, functions: Functions, signers: Signers):
        self._account = account
        self._functions = functions
        self._authorization = HttpAuthorization(functions, signers)

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
            exchange = find_exchange(self._account, request, api, request_id)
            return self._integrate(self._authorization.admit(exchange))
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
        event = json.dumps(exchange.event(integration.payload)).encode()
        call = FunctionCall(arn, event, SOURCE, exchange.trace, str(uuid.uuid4()))
        by = InvokedBy("apigateway.amazonaws.com", exchange.source_arn, integration.role)
        return _response(self._functions.call(call, by, integration.timeout), integration, arn)


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
