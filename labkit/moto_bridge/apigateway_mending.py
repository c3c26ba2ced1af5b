"""What moto's API Gateway leaves out: a deployment keeps its API as it is; some arguments are no longer dropped.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from labkit import facts
from labkit.moto_bridge import apigateway_import
from labkit.moto_bridge.apigateway import deployed
from labkit.moto_bridge.late import when_loaded
from labkit.moto_bridge.replaced import around

BINARY_MEDIA_TYPES = "/binaryMediaTypes/"
STILL_ACTIVE = "Active stages pointing to this deployment must be moved or deleted"
SHORTEST_TIMEOUT = 50  # milliseconds (fact API-01)


def timeout_problem(quota: str, milliseconds: int | None) -> str:
    """AWS's words for an integration's timeout that it does not take; empty for one that it does."""
    longest = int(1000 * facts.QUOTAS[quota].maximum)
    if milliseconds is None or SHORTEST_TIMEOUT <= int(milliseconds) <= longest:
        return ""
    return f"Timeout should be between {SHORTEST_TIMEOUT} ms and {longest} ms"


def connect() -> None:
    """Mend moto's API Gateway as soon as it is loaded."""
    when_loaded("moto.apigateway.models", _mend_models)
    when_loaded("moto.apigateway.responses", _mend_responses)


def _mend_models() -> None:
    apigateway_import.mend()
    from moto.apigateway.exceptions import BadRequestException, DeploymentNotFoundException
    from moto.apigateway.models import APIGatewayBackend

    @around(APIGatewayBackend, "create_deployment")
    def create_deployment(
        original: Any, backend: Any, function_id: str, name: str, description: str = "", stage_variables: Any = None
    ) -> Any:
        api = backend.get_rest_api(function_id)
        before = api.stages.get(name)
        deployment = original(backend, function_id, name, description, stage_variables)
        deployment.deployed = deployed(api)
        if before is not None:  # moto has put a new stage in its place
            before.deployment_id = deployment.id
            before.variables.update(stage_variables or {})
            api.stages[name] = before
        return deployment

    @around(APIGatewayBackend, "delete_deployment")
    def delete_deployment(original: Any, backend: Any, function_id: str, deployment_id: str) -> Any:
        api = backend.get_rest_api(function_id)
        if any(stage.deployment_id == deployment_id for stage in api.stages.values()):
            raise BadRequestException(STILL_ACTIVE)
        if deployment_id not in api.deployments:
            raise DeploymentNotFoundException()
        return api.deployments.pop(deployment_id)

    @around(APIGatewayBackend, "put_integration")
    def put_integration(original: Any, *arguments: Any, **named: Any) -> Any:
        if problem := timeout_problem("rest_timeout", named.get("timeout_in_millis")):
            raise BadRequestException(problem)
        return original(*arguments, **named)

    @around(APIGatewayBackend, "update_rest_api")
    def update_rest_api(
        original: Any, backend: Any, function_id: str, patch_operations: Sequence[Mapping[str, Any]]
    ) -> Any:
        others = [each for each in patch_operations if not each["path"].startswith(BINARY_MEDIA_TYPES)]
        api = original(backend, function_id, others)
        for operation in patch_operations:
            if operation["path"].startswith(BINARY_MEDIA_TYPES):
                _change_media_types(api.binaryMediaTypes, operation)
        return api


def _mend_responses() -> None:
    from moto.apigateway.responses import APIGatewayResponse

    @around(APIGatewayResponse, "create_rest_api")
    def create_rest_api(original: Any, response: Any) -> Any:
        status, headers, body = original(response)
        if status == 200 and (types := response._get_param("binaryMediaTypes")):
            api = response.backend.get_rest_api(json.loads(body)["id"])
            api.binaryMediaTypes = list(types)
            body = json.dumps(api.to_dict())
        return status, headers, body

    @around(APIGatewayResponse, "create_authorizer")
    def create_authorizer(original: Any, response: Any) -> Any:
        status, headers, body = original(response)
        if status == 201 and (expression := response._get_param("identityValidationExpression")):
            api = response.backend.get_rest_api(response.path.split("/")[2])
            authorizer = api.authorizers[json.loads(body)["id"]]
            authorizer.identity_validation_expression = expression
            body = json.dumps(authorizer.to_json())
        return status, headers, body


def _change_media_types(types: list[str], operation: Mapping[str, Any]) -> None:
    """One patch: the type stands in its path, a slash of it as `~1`."""
    named = operation["path"].removeprefix(BINARY_MEDIA_TYPES).replace("~1", "/").replace("~0", "~")
    if named in types and operation["op"] in ("remove", "replace"):
        types.remove(named)
    if operation["op"] in ("add", "replace") and (new := operation.get("value") or named) not in types:
        types.append(new)
