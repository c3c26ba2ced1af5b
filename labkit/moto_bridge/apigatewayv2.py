"""HTTP APIs as moto keeps them.

moto's module is loaded when it is first used, so it is imported where it is needed.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit import facts

MODELS = "moto.apigatewayv2.models"


@dataclass(frozen=True)
class HttpIntegration:
    """What is behind a route. `kind` is AWS_PROXY or HTTP_PROXY, `payload` 1.0 or 2.0; `timeout` is in seconds."""

    kind: str
    uri: str
    payload: str
    timeout: float
    role: str


@dataclass(frozen=True)
class HttpAuthorizer:
    """Who says who may call a route. `kind` is REQUEST (a function) or JWT; `ttl` is in seconds."""

    id: str
    kind: str
    uri: str
    role: str
    payload: str
    simple: bool
    identity_sources: tuple[str, ...]
    ttl: float
    issuer: str
    audience: tuple[str, ...]


@dataclass(frozen=True)
class HttpRoute:
    """A route, such as `GET /pets/{id}` or `$default`; `authorization` is NONE, AWS_IAM, CUSTOM or JWT."""

    key: str
    integration: HttpIntegration | None
    authorization: str
    authorizer: HttpAuthorizer | None
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class HttpStage:
    """The routes that are deployed under a name; `$default` has no part in the path."""

    name: str
    variables: Mapping[str, str]
    routes: tuple[HttpRoute, ...]


@dataclass(frozen=True)
class HttpApi:
    """An HTTP API with its deployed stages by name; `cors` is its configuration for other origins, as it was given."""

    id: str
    region: str
    cors: Mapping[str, Any]
    stages: Mapping[str, HttpStage]


def find_http_api(account: str, region: str, api_id: str) -> HttpApi | None:
    """The HTTP API of this id, None when there is none."""
    if MODELS not in sys.modules:
        return None
    from moto.apigatewayv2.models import apigatewayv2_backends

    api: Any = apigatewayv2_backends[account][region].apis.get(api_id)
    if api is None or api.protocol_type != "HTTP":
        return None
    stages = {} if api.disable_execute_api_endpoint else {each.name: each for each in api.stages.values()}
    deployed = {name: routes for name, stage in stages.items() if (routes := deployed_routes(api, stage)) is not None}
    return HttpApi(
        api_id,
        region,
        dict(api.cors_configuration or {}),
        {name: HttpStage(name, dict(stages[name].stage_variables or {}), deployed[name]) for name in deployed},
    )


def region_of(account: str, api_id: str) -> str | None:
    """The region that has an HTTP API of this id, None when none has."""
    if MODELS not in sys.modules:
        return None
    from moto.apigatewayv2.models import apigatewayv2_backends

    backends = apigatewayv2_backends[account].items()
    return next((region for region, backend in backends if api_id in backend.apis), None)


def stage_names(account: str, region: str, api_id: str) -> list[str]:
    """The names of an HTTP API's deployed stages."""
    api = find_http_api(account, region, api_id)
    return list(api.stages) if api else []


def deployed_routes(api: Any, stage: Any) -> tuple[HttpRoute, ...] | None:
    """What a stage of moto's answers: the API as it is when it deploys by itself, otherwise its deployment's routes."""
    if stage.auto_deploy:
        return routes_of(api)
    deployments = getattr(api, "deployments", {})
    deployment = deployments.get(stage.config.get("deploymentId"))
    return deployment.routes if deployment else None


def routes_of(api: Any) -> tuple[HttpRoute, ...]:
    """The routes of one of moto's APIs as they are now."""
    return tuple(_route(api, route) for route in list(api.routes.values()))


def _route(api: Any, route: Any) -> HttpRoute:
    integration = api.integrations.get((route.target or "").removeprefix("integrations/"))
    authorizer = api.authorizers.get(route.authorizer_id)
    return HttpRoute(
        route.route_key,
        _integration(integration) if integration else None,
        route.authorization_type or "NONE",
        _authorizer(authorizer) if authorizer else None,
        tuple(route.authorization_scopes or ()),
    )


def _integration(integration: Any) -> HttpIntegration:
    longest = 1000 * facts.QUOTAS["http_api_timeout"].maximum
    return HttpIntegration(
        integration.integration_type,
        integration.integration_uri or "",
        integration.payload_format_version or "1.0",
        float(integration.timeout_in_millis or longest) / 1000,
        integration.credentials_arn or "",
    )


def _authorizer(authorizer: Any) -> HttpAuthorizer:
    jwt = authorizer.jwt_config or {}
    return HttpAuthorizer(
        authorizer.id,
        authorizer.authorizer_type,
        authorizer.authorizer_uri or "",
        authorizer.auth_creds_arn or "",
        authorizer.auth_payload_format_version or "1.0",
        bool(authorizer.enable_simple_response),
        tuple(authorizer.identity_source or ()),
        float(authorizer.auth_result_ttl or 0),
        jwt.get("issuer") or jwt.get("Issuer") or "",
        tuple(jwt.get("audience") or jwt.get("Audience") or ()),
    )
