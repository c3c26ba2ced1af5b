"""A request on its way through a REST API's stage: the method it has found, and the event for the function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from labkit.events.http import payload_1_0
from labkit.events.http.gateway_errors import GatewayError
from labkit.events.http.request import HttpRequest
from labkit.events.http.routing import most_specific
from labkit.moto_bridge.apigateway import Method, Resource, Stage
from labkit.runtime.trace import new_trace


@dataclass(frozen=True)
class Exchange:
    """A request that has found its method. `path` is without the stage, `parameters` are the path's.

    `authorizer` and `identity` are what the event tells of whom an authorizer or a signature has named.
    """

    account: str
    request: HttpRequest
    stage: Stage
    path: str
    resource: Resource
    method: Method
    parameters: Mapping[str, str]
    request_id: str
    trace: str
    authorizer: Mapping[str, Any] = field(default_factory=dict)
    identity: Mapping[str, Any] = field(default_factory=dict)

    @property
    def api_arn(self) -> str:
        """The API as policies name it."""
        return f"arn:aws:execute-api:{self.stage.region}:{self.account}:{self.stage.api_id}"

    @property
    def stage_arn(self) -> str:
        """What the ARNs of all methods of the stage begin with."""
        return f"{self.api_arn}/{self.stage.name}"

    @property
    def method_arn(self) -> str:
        """The method and path that are called, as policies name them."""
        return f"{self.stage_arn}/{self.request.method}/{self.path.strip('/')}"

    @property
    def source_arn(self) -> str:
        """The same with the resource's path, in which `*` stands for a parameter, as functions' policies name it."""
        parts = self.resource.path.split("/")
        plain = "/".join("*" if part.startswith("{") else part for part in parts)
        return f"{self.stage_arn}/{self.request.method}{plain}"

    @property
    def context(self) -> Mapping[str, Any]:
        """What `context` stands for."""
        context: Mapping[str, Any] = self.event()["requestContext"]
        return context

    def event(self) -> dict[str, Any]:
        """The event of a Lambda proxy integration."""
        request, stage = self.request, self.stage
        context = payload_1_0.request_context(
            request, account=self.account, api_id=stage.api_id, stage=stage.name, resource=self.resource.path,
            resource_id=self.resource.id, path=request.path, request_id=self.request_id,
        )  # fmt: skip
        more: dict[str, Any] = {"deploymentId": stage.deployment_id}
        if self.authorizer:
            more["authorizer"] = dict(self.authorizer)
        if self.method.needs_api_key:
            more["identity"] = {"apiKey": request.header("x-api-key")}
        more["identity"] = {**context["identity"], **more.get("identity", {}), **self.identity}
        return payload_1_0.event(
            request,
            tuple(each for each in payload_1_0.forwarded(request, self.trace) if each[0].lower() != "content-length"),
            context | more,
            resource=self.resource.path,
            path=self.path,
            parameters=self.parameters,
            variables=stage.variables,
            binary=is_binary(request.header("content-type"), stage),
        )


def without_stage(path: str) -> tuple[str, str]:
    """The stage's name and the path in it."""
    name, _, rest = path.lstrip("/").partition("/")
    return name, f"/{rest.lstrip('/')}"


def find_exchange(account: str, request: HttpRequest, stage: Stage, path: str, request_id: str) -> Exchange:
    """The request with the resource and method that it is for; `GatewayError` when there are none."""
    found = most_specific(stage.deployed.resources, lambda resource: resource.path, path)
    if found is not None:
        resource, parameters = found
        method = resource.methods.get(request.method) or resource.methods.get("ANY")
        if method is not None:
            trace = request.header("x-amzn-trace-id") or new_trace(request.received)
            return Exchange(account, request, stage, path, resource, method, parameters, request_id, trace)
    raise GatewayError("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")


def is_binary(media_type: str, stage: Stage) -> bool:
    """Whether the API treats this type as binary; of several the first counts."""
    plain = media_type.split(",")[0].partition(";")[0].strip().lower()
    types = stage.deployed.binary_media_types
    return any(each == "*/*" or (plain and fnmatchcase(plain, each.lower())) for each in types)
