"""What moto's HTTP APIs lack: quick create, deployments, and stages that can be updated.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import iso_8601_datetime_without_milliseconds, utcnow
from moto.moto_api._internal import mock_random

from labkit.moto_bridge import apigatewayv2_import
from labkit.moto_bridge.apigateway_mending import timeout_problem
from labkit.moto_bridge.apigatewayv2 import HttpRoute, routes_of
from labkit.moto_bridge.late import when_loaded
from labkit.moto_bridge.replaced import add, around

DEFAULT = "$default"  # route, and stage
DEPLOYMENTS = "{0}/v2/apis/(?P<api_id>[^/]+)/deployments"


@dataclass(frozen=True)
class HttpDeployment:
    """The routes of an API at one time."""

    id: str
    description: str
    routes: tuple[HttpRoute, ...]
    created: datetime = field(default_factory=utcnow)

    def described(self) -> dict[str, Any]:
        """As the API answers it."""
        about = {"description": self.description} if self.description else {}
        created = iso_8601_datetime_without_milliseconds(self.created)
        status = {"deploymentId": self.id, "deploymentStatus": "DEPLOYED", "autoDeployed": False}
        return {**status, "createdDate": created, **about}


def connect() -> None:
    """Mend moto's HTTP APIs as soon as they are loaded."""
    when_loaded("moto.apigatewayv2.urls", _add_urls)


def _add_urls() -> None:
    from moto.apigatewayv2.responses import ApiGatewayV2Response
    from moto.apigatewayv2.urls import url_paths

    apigatewayv2_import.mend()
    url_paths[f"{DEPLOYMENTS}$"] = ApiGatewayV2Response.dispatch
    url_paths[f"{DEPLOYMENTS}/(?P<deployment_id>[^/]+)$"] = ApiGatewayV2Response.dispatch
    for operation in (create_deployment, get_deployment, get_deployments, delete_deployment, update_stage):
        add(ApiGatewayV2Response, operation.__name__, operation)
    around(ApiGatewayV2Response, "create_api")(_create_api)
    around(ApiGatewayV2Response, "create_integration")(_create_integration)


def _create_api(original: Any, response: Any) -> Any:
    """With a Target, the API gets an integration, a route and a stage that deploys by itself."""
    status, headers, body = original(response)
    given, made = json.loads(response.body), json.loads(body)
    if status == 200 and given.get("target"):
        _quick_create(response.apigatewayv2_backend.get_api(made["apiId"]), given)
    return status, headers, body


def _create_integration(original: Any, response: Any) -> Any:
    from moto.apigatewayv2.exceptions import BadRequestException

    if problem := timeout_problem("http_api_timeout", json.loads(response.body).get("timeoutInMillis")):
        raise BadRequestException(problem)
    return original(response)


def _quick_create(api: Any, given: dict[str, Any]) -> None:
    target = given["target"]
    is_function = target.startswith("arn:")
    integration = api.create_integration(
        connection_type="INTERNET",
        description=None,
        integration_method="POST" if is_function else "ANY",
        integration_type="AWS_PROXY" if is_function else "HTTP_PROXY",
        integration_uri=target,
        credentials_arn=given.get("credentialsArn"),
        payload_format_version="2.0" if is_function else "1.0",
    )
    route = given.get("routeKey") or DEFAULT
    api.create_route(False, None, route, f"integrations/{integration.id}", authorization_type="NONE")
    api.create_stage({"stageName": DEFAULT, "autoDeploy": True})


# Operations as moto writes them: methods of its response, found by their names.


def create_deployment(response: Any) -> Any:
    """CreateDeployment: the routes as they are, under the stage that is named, if one is."""
    api, given = _api(response, -2), json.loads(response.body or "{}")
    deployment = HttpDeployment(mock_random.get_random_hex(6), given.get("description", ""), routes_of(api))
    if given.get("stageName"):
        api.get_stage(given["stageName"]).config["deploymentId"] = deployment.id
    _deployments(api)[deployment.id] = deployment
    return 201, {}, json.dumps(deployment.described())


def get_deployments(response: Any) -> Any:
    """GetDeployments."""
    found = _deployments(_api(response, -2)).values()
    return 200, {}, json.dumps({"items": [each.described() for each in found]})


def get_deployment(response: Any) -> Any:
    """GetDeployment."""
    found = _deployments(_api(response, -3)).get(_last(response))
    return (200, {}, json.dumps(found.described())) if found else _no_deployment()


def delete_deployment(response: Any) -> Any:
    """DeleteDeployment."""
    found = _deployments(_api(response, -3)).pop(_last(response), None)
    return (204, {}, "") if found else _no_deployment()


def update_stage(response: Any) -> Any:
    """UpdateStage: what is given replaces what was set."""
    api, given = _api(response, -3), json.loads(response.body or "{}")
    stage = api.get_stage(_last(response))
    created = stage.created
    stage.__init__(api, stage.config | {name: value for name, value in given.items() if value is not None})
    stage.created = created
    return 200, {}, json.dumps(stage.to_json())


def _api(response: Any, position: int) -> Any:
    return response.apigatewayv2_backend.get_api(response.path.split("/")[position])


def _last(response: Any) -> str:
    return str(response.path.split("/")[-1]).replace("%24", "$")


def _deployments(api: Any) -> dict[str, HttpDeployment]:
    if not hasattr(api, "deployments"):
        api.deployments = {}
    deployments: dict[str, HttpDeployment] = api.deployments
    return deployments


def _no_deployment() -> Any:
    body = {"message": "Unable to find Deployment by id"}
    return 404, {"status": 404, "x-amzn-errortype": "NotFoundException"}, json.dumps(body)
