"""Lambda authorizers: functions that say who may call an API, and the results that API Gateway keeps of them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from labkit import facts
from labkit.events.http.calls import FunctionCall, Functions, InvokedBy
from labkit.events.http.integrations import function_arn
from labkit.events.http.proxy_response import Malformed, error_message, read_json
from labkit.events.http.request import HttpRequest
from labkit.identity import Context, Policy, PolicyError, Requirement, evaluate

SOURCE = "authorizer"


class Unauthorized(Exception):
    """The authorizer has said just that."""


class AuthorizerFailed(Exception):
    """The authorizer has failed, or answered in no form that is known; the text says why."""


class Authorizer(Protocol):
    """An API's authorizer, REST or HTTP; its results are kept for `ttl` seconds of account time."""

    @property
    def id(self) -> str: ...
    @property
    def uri(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def ttl(self) -> float: ...


class Stage(Protocol):
    """A stage of an API."""

    @property
    def name(self) -> str: ...
    @property
    def variables(self) -> Mapping[str, str]: ...


class Exchange(Protocol):
    """A request on its way through a stage; `api_arn` is the API as policies name it."""

    @property
    def request(self) -> HttpRequest: ...
    @property
    def stage(self) -> Stage: ...
    @property
    def trace(self) -> str: ...
    @property
    def api_arn(self) -> str: ...
    @property
    def context(self) -> Mapping[str, Any]: ...


class AuthorizerResults:
    """Calls authorizers and keeps their results."""

    def __init__(self, functions: Functions):
        self._functions = functions
        self._kept: dict[tuple[str, ...], tuple[float, Any]] = {}
        self._lock = threading.Lock()

    def result(
        self, exchange: Exchange, authorizer: Authorizer, identity: Sequence[str], event: Mapping[str, Any]
    ) -> Any:
        """What the authorizer answers, or has answered not long ago; `Unauthorized` or `AuthorizerFailed`."""
        ttl, now = authorizer.ttl if identity else 0.0, exchange.request.received
        key = (exchange.api_arn, authorizer.id, exchange.stage.name, *identity)
        with self._lock:
            until, kept = self._kept.get(key, (0.0, None))
        if ttl and now < until:
            return kept
        result = self._call(exchange, authorizer, event)
        with self._lock:
            self._kept = {name: one for name, one in self._kept.items() if one[0] > now}
            self._kept[key] = (now + ttl, result)
        return result

    def _call(self, exchange: Exchange, authorizer: Authorizer, event: Mapping[str, Any]) -> Any:
        arn = function_arn(authorizer.uri, exchange.stage.variables)
        if arn is None:
            raise AuthorizerFailed(f"its URI names no function: {authorizer.uri}")
        payload, limit = json.dumps(event).encode(), facts.QUOTAS["rest_timeout"].maximum
        as_named = f"{exchange.api_arn}/authorizers/{authorizer.id}"  # by the function's policy
        attempt = self._functions.call(
            FunctionCall(arn, payload, SOURCE, exchange.trace, str(uuid.uuid4())),
            InvokedBy("apigateway.amazonaws.com", as_named, authorizer.role),
            limit,
        )
        if attempt.outcome == "failed" and error_message(attempt.payload) == "Unauthorized":
            raise Unauthorized
        if attempt.outcome != "ok":
            raise AuthorizerFailed(
                f"{arn} did not answer: {attempt.outcome} {attempt.payload.decode(errors='replace')}"
            )
        try:
            return read_json(attempt.payload)
        except Malformed as why:
            raise AuthorizerFailed(str(why)) from why


@dataclass(frozen=True)
class Verdict:
    """What an authorizer's policy says of a method: `reason` tells of an explicit deny. `context` goes to the event."""

    allowed: bool
    reason: str
    principal: str
    context: Mapping[str, Any]


def verdict(result: Any, method_arn: str) -> Verdict:
    """The verdict in a result: `principalId`, `policyDocument` and perhaps `context`; `AuthorizerFailed` otherwise."""
    if not isinstance(result, dict) or not isinstance(result.get("principalId"), str):
        raise AuthorizerFailed("it has to return an object with principalId, a string, and policyDocument")
    try:
        policy = Policy.parse(result.get("policyDocument") or {}, "policyDocument")
    except PolicyError as error:
        raise AuthorizerFailed(str(error)) from error
    decision = evaluate([policy], Requirement("execute-api:Invoke", method_arn), Context({}))
    reason = " with an explicit deny" if decision.statement is not None and not decision.allowed else ""
    return Verdict(decision.allowed, reason, result["principalId"], plain_context(result.get("context")))


def plain_context(given: Any) -> Mapping[str, Any]:
    """The context of a result: texts, numbers and truth values; `AuthorizerFailed` for anything else in it."""
    context = given or {}
    if not isinstance(context, dict):
        raise AuthorizerFailed("context has to be an object")
    for name, value in context.items():
        if not isinstance(value, (str, int, float, bool)) and value is not None:
            raise AuthorizerFailed(
                f"context has {type(value).__name__} for {name}; it takes texts, numbers and booleans"
            )
    return context


def as_text(value: Any) -> str:
    """A context's value as a REST API's event has it."""
    return value if isinstance(value, str) else json.dumps(value)


def identity_value(source: str, exchange: Exchange) -> str:
    """What a source such as `method.request.header.X` or `$request.header.X` stands for, empty when it is not there."""
    kind, _, name = source.removeprefix("$").removeprefix("method.").rpartition(".")
    match kind:
        case "request.header":
            return exchange.request.header(name.lower())
        case "request.querystring":
            return dict(exchange.request.parameters).get(name, "")
        case "stageVariables":
            return exchange.stage.variables.get(name, "")
        case "context":
            return str(exchange.context.get(name, ""))
    return ""
