"""ImportApi and ReimportApi: the routes, integrations, authorizers and settings that a document has.

moto takes neither authorizers nor the route `$default`, and forgets the stages.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from labkit.moto_bridge.openapi_document import EXTENSION, Operation, authorizers_of, operations_of
from labkit.moto_bridge.replaced import around

DEFAULT = "$default"


def mend() -> None:
    """Change moto's HTTP APIs, which are loaded."""
    from moto.apigatewayv2.models import Api

    @around(Api, "import_api")
    def import_api(original: Any, api: Any, body_str: str, fail_on_warnings: bool) -> None:
        from moto.apigatewayv2.exceptions import BadRequestException

        document = yaml.safe_load(body_str)
        if not isinstance(document, Mapping) or "openapi" not in document:
            raise BadRequestException("Unable to parse document: an OpenAPI 3 document is wanted")
        _import(api, document)


def _import(api: Any, document: Mapping[str, Any]) -> None:
    for kept in (api.authorizers, api.integrations, api.routes):
        kept.clear()
    about = document.get("info") or {}
    api.name = about.get("title", api.name)
    api.version = str(about.get("version", api.version))
    api.description = about.get("description", api.description)
    if cors := document.get(f"{EXTENSION}cors"):
        api.cors_configuration = cors
    authorizers = {name: _authorizer(api, name, told) for name, _, told in authorizers_of(document)}
    for operation in operations_of(document):
        _make_route(api, operation, authorizers.get(operation.security.scheme))


def _authorizer(api: Any, name: str, told: Mapping[str, Any]) -> Any:
    source = told.get("identitySource") or ""
    return api.create_authorizer(
        auth_creds_arn=told.get("authorizerCredentials"),
        auth_payload_format_version=told.get("authorizerPayloadFormatVersion"),
        auth_result_ttl=told.get("authorizerResultTtlInSeconds"),
        authorizer_type=told["type"].upper(),
        authorizer_uri=told.get("authorizerUri"),
        enable_simple_response=told.get("enableSimpleResponses"),
        identity_source=re.split(r"\s*,\s*", source) if isinstance(source, str) and source else list(source),
        identity_validation_expr=None,
        jwt_config=told.get("jwtConfiguration"),
        name=name,
    )


def _make_route(api: Any, operation: Operation, authorizer: Any) -> None:
    told = operation.integration
    integration = told and api.create_integration(
        connection_type=told.get("connectionType", "INTERNET"),
        description=None,
        credentials_arn=told.get("credentials"),
        integration_type=str(told.get("type")).upper(),
        integration_method=told.get("httpMethod"),
        payload_format_version=told.get("payloadFormatVersion"),
        integration_uri=told.get("uri"),
        timeout_in_millis=told.get("timeoutInMillis"),
        request_parameters=told.get("requestParameters"),
    )
    api.create_route(
        api_key_required=False,
        authorization_scopes=list(operation.security.scopes),
        authorization_type=_authorization(operation, authorizer),
        authorizer_id=authorizer and authorizer.id,
        operation_name=operation.body.get("operationId"),
        route_key=DEFAULT if operation.path in (DEFAULT, f"/{DEFAULT}") else f"{operation.method} {operation.path}",
        target=f"integrations/{integration.id}" if integration else None,
    )


def _authorization(operation: Operation, authorizer: Any) -> str:
    if authorizer is not None:
        return "JWT" if authorizer.authorizer_type == "JWT" else "CUSTOM"
    return "AWS_IAM" if operation.security.signed else "NONE"
