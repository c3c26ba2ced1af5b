"""Who may call a method of a REST API: signed requests, Lambda authorizers, tokens of Cognito.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
"""

from __future__ import annotations

import logging
import re
import time
from dataclasses import replace
from typing import Any

from labkit.events.http import tokens
from labkit.events.http.authorizers import (
    AuthorizerFailed,
    AuthorizerResults,
    Unauthorized,
    as_text,
    identity_value,
    verdict,
)
from labkit.events.http.calls import Functions, Signers
from labkit.events.http.gateway_errors import GatewayError
from labkit.events.http.rest_exchange import Exchange
from labkit.moto_bridge.apigateway import Authorizer

DEFAULT_SOURCE = "method.request.header.Authorization"
NOT_AUTHORIZED = "User is not authorized to access this resource"


class RestAuthorization:
    """Lets requests through to methods; `GatewayError` for those that may not."""

    def __init__(self, functions: Functions, signers: Signers):
        self._results = AuthorizerResults(functions)
        self._signers = signers

    def admit(self, exchange: Exchange) -> Exchange:
        """The exchange with what the event tells of the caller."""
        method = exchange.method
        match method.authorization:
            case "NONE":
                return exchange
            case "AWS_IAM":
                return self._signed(exchange)
            case "CUSTOM" if method.authorizer is not None:
                return self._custom(exchange, method.authorizer)
            case "COGNITO_USER_POOLS" if method.authorizer is not None:
                return _cognito(exchange, method.authorizer)
        _tell(f"method {method.name} {exchange.resource.path} has no authorizer for {method.authorization}")
        raise GatewayError("AUTHORIZER_CONFIGURATION_ERROR", None)

    def _signed(self, exchange: Exchange) -> Exchange:
        if exchange.request.signature is None:
            raise GatewayError("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
        signer = self._signers.signer(exchange.request.signature)
        if not self._signers.may(signer, "execute-api:Invoke", exchange.method_arn, {}):
            asked = f"execute-api:Invoke on resource: {exchange.method_arn}"
            raise GatewayError("ACCESS_DENIED", f"User: {signer.arn} is not authorized to perform: {asked}")
        identity = {"accessKey": signer.access_key_id, "accountId": exchange.account, "userArn": signer.arn}
        return replace(exchange, identity={**identity, "caller": signer.user_id, "user": signer.user_id})

    def _custom(self, exchange: Exchange, authorizer: Authorizer) -> Exchange:
        sources = [source.strip() for source in (authorizer.identity_source or "").split(",") if source.strip()]
        if authorizer.kind == "TOKEN":
            sources = sources or [DEFAULT_SOURCE]
        identity = [identity_value(source, exchange) for source in sources]
        if not all(identity) or (authorizer.validation and not re.fullmatch(authorizer.validation, identity[0])):
            raise GatewayError("UNAUTHORIZED", "Unauthorized")
        event = _token_event(exchange, identity[0]) if authorizer.kind == "TOKEN" else _request_event(exchange)
        started = time.perf_counter()
        try:
            result = self._results.result(exchange, authorizer, identity, event)
            found = verdict(result, exchange.method_arn)
        except Unauthorized:
            raise GatewayError("UNAUTHORIZED", "Unauthorized") from None
        except AuthorizerFailed as why:
            _tell(f"authorizer {authorizer.name}, for which API Gateway answers 500: {why}")
            raise GatewayError("AUTHORIZER_CONFIGURATION_ERROR", None) from why
        if not found.allowed:
            raise GatewayError("ACCESS_DENIED", NOT_AUTHORIZED + found.reason)
        context = {name: as_text(value) for name, value in found.context.items()}
        latency = int(1000 * (time.perf_counter() - started))
        return replace(exchange, authorizer={**context, "principalId": found.principal, "integrationLatency": latency})


def _token_event(exchange: Exchange, token: str) -> dict[str, Any]:
    return {"type": "TOKEN", "authorizationToken": token, "methodArn": exchange.method_arn}


def _request_event(exchange: Exchange) -> dict[str, Any]:
    event = {name: value for name, value in exchange.event().items() if name not in ("body", "isBase64Encoded")}
    return {"type": "REQUEST", "methodArn": exchange.method_arn, **event}


def _cognito(exchange: Exchange, authorizer: Authorizer) -> Exchange:
    token = identity_value(authorizer.identity_source or DEFAULT_SOURCE, exchange)
    claims = tokens.read_claims(token)
    if claims is None or not tokens.in_time(claims, exchange.request.received):
        raise GatewayError("UNAUTHORIZED", "Unauthorized")
    return replace(exchange, authorizer={"claims": {name: as_text(value) for name, value in claims.items()}})


def _tell(why: str) -> None:
    logging.getLogger("labkit").warning("%s", why)
