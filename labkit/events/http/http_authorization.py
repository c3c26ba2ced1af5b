"""Who may call a route of an HTTP API: signed requests, Lambda authorizers, JSON Web Tokens.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from labkit.events.http import tokens
from labkit.events.http.authorizers import (
    AuthorizerFailed,
    AuthorizerResults,
    Unauthorized,
    as_text,
    identity_value,
    plain_context,
    verdict,
)
from labkit.events.http.calls import Functions, Signers, signer_identity
from labkit.events.http.http_exchange import FORBIDDEN, INTERNAL, UNAUTHORIZED, Exchange, HttpApiError
from labkit.moto_bridge.apigatewayv2 import HttpAuthorizer


class HttpAuthorization:
    """Lets requests through to routes; `HttpApiError` for those that may not."""

    def __init__(self, functions: Functions, signers: Signers):
        self._results = AuthorizerResults(functions)
        self._signers = signers

    def admit(self, exchange: Exchange) -> Exchange:
        """The exchange with what the event tells of the caller."""
        route = exchange.route
        match route.authorization:
            case "NONE":
                return exchange
            case "AWS_IAM":
                return self._signed(exchange)
            case "CUSTOM" if route.authorizer is not None:
                return self._custom(exchange, route.authorizer)
            case "JWT" if route.authorizer is not None:
                return _with_token(exchange, route.authorizer)
        _tell(f"route {route.key} has no authorizer for {route.authorization}")
        raise HttpApiError(*INTERNAL)

    def _signed(self, exchange: Exchange) -> Exchange:
        if exchange.request.signature is None:
            raise HttpApiError(*FORBIDDEN)
        signer = self._signers.signer(exchange.request.signature)
        if not self._signers.may(signer, "execute-api:Invoke", exchange.route_arn, {}):
            raise HttpApiError(*FORBIDDEN)
        return replace(exchange, authorizer={"iam": signer_identity(signer, exchange.account)})

    def _custom(self, exchange: Exchange, authorizer: HttpAuthorizer) -> Exchange:
        identity = [identity_value(source, exchange) for source in authorizer.identity_sources]
        if not all(identity):
            raise HttpApiError(*UNAUTHORIZED)
        event = _event(exchange, authorizer, identity)
        try:
            result = self._results.result(exchange, authorizer, identity, event)
            allowed, context = _judged(result, exchange, authorizer)
        except Unauthorized:
            raise HttpApiError(*UNAUTHORIZED) from None
        except AuthorizerFailed as why:
            _tell(f"authorizer {authorizer.id}, for which API Gateway answers 500: {why}")
            raise HttpApiError(*INTERNAL) from why
        if not allowed:
            raise HttpApiError(*FORBIDDEN)
        return replace(exchange, authorizer={"lambda": context})


def _judged(result: Any, exchange: Exchange, authorizer: HttpAuthorizer) -> tuple[bool, dict[str, Any]]:
    """Whether a result allows the call, and the context for the event."""
    if authorizer.simple:
        if not isinstance(result, dict) or not isinstance(result.get("isAuthorized"), bool):
            raise AuthorizerFailed("it has to return an object with isAuthorized, true or false")
        return result["isAuthorized"], dict(plain_context(result.get("context")))
    found = verdict(result, exchange.route_arn)
    return found.allowed, {**found.context, "principalId": found.principal}


def _event(exchange: Exchange, authorizer: HttpAuthorizer, identity: list[str]) -> dict[str, Any]:
    """What the authorizer's function is given: the route's event without the body."""
    event = exchange.event(authorizer.payload)
    for name in ("body", "isBase64Encoded"):
        event.pop(name, None)
    named: dict[str, Any] = {"routeArn": exchange.route_arn, "identitySource": identity}
    if authorizer.payload == "1.0":
        sources = ",".join(identity)
        named = {"methodArn": exchange.route_arn, "identitySource": sources, "authorizationToken": sources}
    return {"version": authorizer.payload, "type": "REQUEST", **named, **event}


def _with_token(exchange: Exchange, authorizer: HttpAuthorizer) -> Exchange:
    source = authorizer.identity_sources[0] if authorizer.identity_sources else "$request.header.Authorization"
    claims = tokens.read_claims(identity_value(source, exchange))
    if claims is None or not tokens.in_time(claims, exchange.request.received):
        raise HttpApiError(*UNAUTHORIZED)
    if not tokens.is_for(claims, authorizer.issuer, authorizer.audience):
        raise HttpApiError(*UNAUTHORIZED)
    wanted, given = exchange.route.scopes, tokens.scopes_of(claims)
    if wanted and not set(wanted) & set(given):
        raise HttpApiError(*FORBIDDEN)
    told = {name: as_text(value) for name, value in claims.items()}
    return replace(exchange, authorizer={"jwt": {"claims": told, "scopes": list(wanted) or None}})


def _tell(why: str) -> None:
    logging.getLogger("labkit").warning("%s", why)
