"""ImportRestApi and PutRestApi: the methods, authorizers and settings that a document has.

moto takes OpenAPI 3 only, and of it neither who may call nor what the API itself is set to.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.moto_bridge.openapi_document import EXTENSION, Operation, authorizers_of, operations_of
from labkit.moto_bridge.replaced import around

OVERWRITE, MODES = "overwrite", ("merge", "overwrite")
SETTINGS = {  # what a document has of the API itself -> moto's name for it
    f"{EXTENSION}binary-media-types": "binaryMediaTypes",
    f"{EXTENSION}api-key-source": "api_key_source",
    f"{EXTENSION}policy": "policy",
    f"{EXTENSION}minimum-compression-size": "minimum_compression_size",
}


def mend() -> None:
    """Change moto's API Gateway, which is loaded."""
    from moto.apigateway.models import APIGatewayBackend

    @around(APIGatewayBackend, "put_rest_api")
    def put_rest_api(
        original: Any, backend: Any, function_id: str, api_doc: Any, fail_on_warnings: bool, mode: str = "merge"
    ) -> Any:
        from moto.apigateway.exceptions import BadRequestException, InvalidOpenApiModeException

        if mode not in MODES:
            raise InvalidOpenApiModeException()
        if not isinstance(api_doc, Mapping) or not ("swagger" in api_doc or "openapi" in api_doc):
            raise BadRequestException("Failed to parse document: no swagger or openapi version in it")
        api = backend.get_rest_api(function_id)
        if mode == OVERWRITE:
            _clear(api)
        _Import(backend, api, api_doc).take()
        return api


def _clear(api: Any) -> None:
    root = next(each for each in api.resources.values() if each.get_path() == "/")
    root.resource_methods.clear()
    api.resources = {root.id: root}
    api.authorizers.clear()
    api.gateway_responses.clear()


class _Import:
    """One document, taken into one of moto's APIs."""

    def __init__(self, backend: Any, api: Any, document: Mapping[str, Any]):
        self._backend = backend
        self._api = api
        self._document = document
        self._authorizers: dict[str, Any] = {}
        self._resources = {each.get_path(): each for each in api.resources.values()}

    def take(self) -> None:
        """Make all that the document has."""
        for name, attribute in SETTINGS.items():
            if name in self._document:
                setattr(self._api, attribute, self._document[name])
        endpoint = self._document.get(f"{EXTENSION}endpoint-configuration") or {}
        if "disableExecuteApiEndpoint" in endpoint:
            self._api.disableExecuteApiEndpoint = endpoint["disableExecuteApiEndpoint"]
        for kind, response in (self._document.get(f"{EXTENSION}gateway-responses") or {}).items():
            self._backend.put_gateway_response(
                self._api.id, kind, response.get("statusCode"), response.get("responseParameters"),
                response.get("responseTemplates"),
            )  # fmt: skip
        for name, scheme, told in authorizers_of(self._document):
            self._authorizers[name] = self._authorizer(name, scheme, told)
        for operation in operations_of(self._document):
            self._take_operation(operation)

    def _authorizer(self, name: str, scheme: Mapping[str, Any], told: Mapping[str, Any]) -> Any:
        header = f"method.request.header.{scheme['name']}" if scheme.get("in") == "header" else None
        made = self._backend.create_authorizer(
            self._api.id,
            name,
            told["type"].upper(),
            provider_arns=told.get("providerARNs"),
            auth_type=scheme.get(f"{EXTENSION}authtype"),
            authorizer_uri=told.get("authorizerUri"),
            authorizer_credentials=told.get("authorizerCredentials"),
            identity_source=told.get("identitySource") or header,
            authorizer_result_ttl=told.get("authorizerResultTtlInSeconds"),
        )
        made.identity_validation_expression = told.get("identityValidationExpression")
        return made

    def _take_operation(self, operation: Operation) -> None:
        resource = self._resource(operation.path)
        authorizer = self._authorizers.get(operation.security.scheme)
        self._backend.put_method(
            self._api.id,
            resource.id,
            operation.method,
            _authorization(operation, authorizer),
            api_key_required=operation.security.api_key,
            request_parameters=_parameters(operation.body),
            operation_name=operation.body.get("operationId"),
            authorizer_id=authorizer and authorizer.id,
            authorization_scopes=list(operation.security.scopes) or None,
        )
        for status, response in (operation.body.get("responses") or {}).items():
            headers = {f"method.response.header.{name}": False for name in (response.get("headers") or {})}
            self._backend.put_method_response(
                self._api.id, resource.id, operation.method, str(status), response_models=None,
                response_parameters=headers or None,
            )  # fmt: skip
        if operation.integration:
            self._take_integration(resource, operation)

    def _take_integration(self, resource: Any, operation: Operation) -> None:
        told = {**operation.integration, "type": str(operation.integration.get("type")).upper()}
        arguments = {name: value for name, value in self._backend._build_integration_args(told).items() if value}
        place = {"function_id": self._api.id, "resource_id": resource.id, "method_type": operation.method}
        self._backend.put_integration(**place, **{"uri": None, "integration_method": None, **arguments})
        for response in self._backend._build_integration_responses_args(told):
            self._backend.put_integration_response(**place, **{**response, "status_code": str(response["status_code"])})

    def _resource(self, path: str) -> Any:
        """The resource of a path, made with those above it where it is not there."""
        if path not in self._resources:
            above, _, part = path.rstrip("/").rpartition("/")
            parent = self._resource(above or "/")
            self._resources[path] = self._backend.create_resource(self._api.id, parent.id, part)
        return self._resources[path]


def _authorization(operation: Operation, authorizer: Any) -> str:
    if authorizer is not None:
        return "COGNITO_USER_POOLS" if authorizer.type == "COGNITO_USER_POOLS" else "CUSTOM"
    return "AWS_IAM" if operation.security.signed else "NONE"


def _parameters(body: Mapping[str, Any]) -> dict[str, bool]:
    """Those of a request, and whether they must be there."""
    places = {"path": "path", "query": "querystring", "header": "header"}
    return {
        f"method.request.{places[each['in']]}.{each['name']}": bool(each.get("required"))
        for each in body.get("parameters") or ()
        if each.get("in") in places
    }
