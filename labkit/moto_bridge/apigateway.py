"""REST APIs as moto keeps them.

moto's module is loaded when it is first used, so it is imported where it is needed.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit import facts

MODELS = "moto.apigateway.models"


@dataclass(frozen=True)
class IntegrationResponse:
    """How a non-proxy integration's result is answered; the default one has no `pattern`."""

    status: int
    pattern: str
    templates: Mapping[str, str]
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class Integration:
    """What is behind a method. `kind` is AWS_PROXY, AWS, MOCK, HTTP or HTTP_PROXY, `timeout` is in seconds."""

    kind: str
    uri: str
    method: str
    timeout: float
    role: str
    templates: Mapping[str, str]
    parameters: Mapping[str, str]
    passthrough: str
    responses: tuple[IntegrationResponse, ...]


@dataclass(frozen=True)
class Authorizer:
    """A function that says who may call. `kind` is TOKEN, REQUEST or COGNITO_USER_POOLS; `ttl` is in seconds."""

    id: str
    name: str
    kind: str
    uri: str
    role: str
    identity_source: str
    validation: str
    ttl: float


@dataclass(frozen=True)
class Method:
    """A method of a resource; `authorization` is NONE, AWS_IAM, CUSTOM or COGNITO_USER_POOLS."""

    name: str
    authorization: str
    authorizer: Authorizer | None
    needs_api_key: bool
    integration: Integration | None


@dataclass(frozen=True)
class Resource:
    """A path of an API, such as `/pets/{id}`, and its methods by name."""

    id: str
    path: str
    methods: Mapping[str, Method]


@dataclass(frozen=True)
class GatewayResponse:
    """How an error of API Gateway's own is answered; an empty `status` leaves it as it is."""

    status: str
    parameters: Mapping[str, str]
    templates: Mapping[str, str]


@dataclass(frozen=True)
class Deployed:
    """What an API was when it was deployed; gateway responses are by their type."""

    resources: tuple[Resource, ...]
    binary_media_types: tuple[str, ...]
    gateway_responses: Mapping[str, GatewayResponse]


@dataclass(frozen=True)
class Stage:
    """A deployment under a name. `api_keys` are the values that its usage plans let in."""

    api_id: str
    region: str
    name: str
    deployment_id: str
    variables: Mapping[str, str]
    deployed: Deployed
    api_keys: frozenset[str]


def has_rest_api(account: str, region: str, api_id: str) -> bool:
    """Whether there is such a REST API."""
    return api_id in _backend(account, region).apis if MODELS in sys.modules else False


def find_stage(account: str, region: str, api_id: str, name: str) -> Stage | None:
    """A deployed stage of a REST API, None when there is none of that name."""
    backend = _backend(account, region)
    api = backend.apis[api_id]
    stage = api.stages.get(name)
    deployment = stage and api.deployments.get(stage.deployment_id)
    if deployment is None or api.disableExecuteApiEndpoint:
        return None
    keys = _api_keys(backend, api_id, name)
    return Stage(api_id, region, name, deployment.id, dict(stage.variables), deployment.deployed, keys)


def stage_names(account: str, region: str, api_id: str) -> list[str]:
    """The names of a REST API's stages."""
    return list(_backend(account, region).apis[api_id].stages)


def region_of(account: str, api_id: str) -> str | None:
    """The region that has a REST API of this id, None when none has."""
    if MODELS not in sys.modules:
        return None
    from moto.apigateway.models import apigateway_backends

    return next((region for region, backend in apigateway_backends[account].items() if api_id in backend.apis), None)


def _backend(account: str, region: str) -> Any:
    from moto.apigateway.models import apigateway_backends

    return apigateway_backends[account][region]


def _api_keys(backend: Any, api_id: str, stage: str) -> frozenset[str]:
    plans = [plan.id for plan in backend.usage_plans.values() if {"apiId": api_id, "stage": stage} in _stages(plan)]
    ids = {key_id for plan in plans for key_id in backend.usage_plan_keys.get(plan, ())}
    return frozenset(key.value for key in backend.keys.values() if key.id in ids and key.enabled)


def _stages(plan: Any) -> list[dict[str, str]]:
    return [{"apiId": stage["apiId"], "stage": stage["stage"]} for stage in plan.api_stages]


def deployed(api: Any) -> Deployed:
    """What one of moto's APIs is now."""
    authorizers = {each.id: _authorizer(each) for each in api.authorizers.values()}
    resources = tuple(
        Resource(each.id, each.get_path(), {m.http_method: _method(m, authorizers) for m in methods})
        for each in api.resources.values()
        if (methods := list(each.resource_methods.values()))
    )
    responses = {
        each.response_type: GatewayResponse(
            str(each.status_code or ""), dict(each.response_parameters or {}), dict(each.response_templates or {})
        )
        for each in api.gateway_responses.values()
    }
    return Deployed(resources, tuple(api.binaryMediaTypes), responses)


def _method(method: Any, authorizers: Mapping[str, Authorizer]) -> Method:
    integration = method.method_integration
    return Method(
        method.http_method,
        method.authorization_type or "NONE",
        authorizers.get(method.authorizer_id),
        bool(method.api_key_required),
        _integration(integration) if integration else None,
    )


def _integration(integration: Any) -> Integration:
    longest = 1000 * facts.QUOTAS["rest_timeout"].maximum
    return Integration(
        integration.integration_type,
        integration.uri or "",
        integration.http_method or "",
        float(integration.timeout_in_millis or longest) / 1000,
        integration.credentials or "",
        dict(integration.request_templates or {}),
        dict(integration.request_parameters or {}),
        integration.passthrough_behaviour or "WHEN_NO_MATCH",
        tuple(
            IntegrationResponse(
                int(each.status_code),
                each.selection_pattern or "",
                {kind: template or "" for kind, template in (each.response_templates or {}).items()},
                dict(each.response_parameters or {}),
            )
            for each in (integration.integration_responses or {}).values()
        ),
    )


def _authorizer(authorizer: Any) -> Authorizer:
    ttl = authorizer.authorizer_result_ttl
    return Authorizer(
        authorizer.id,
        authorizer.name,
        authorizer.type,
        authorizer.authorizer_uri or "",
        authorizer.authorizer_credentials or "",
        authorizer.identity_source or "",
        authorizer.identity_validation_expression or "",
        300.0 if ttl is None else float(ttl),
    )
