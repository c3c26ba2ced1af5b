"""The types of resources of API Gateway's REST APIs.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from labkit.moto_bridge.cloudformation.resource_type import (
    Arguments,
    Generated,
    Part,
    ResourceType,
    Tagging,
    as_text,
    left_out,
    named,
    whole,
    written,
)  # fmt: skip

ARN = "arn:aws:apigateway:{Region}::/restapis/{RestApiId}"


def name_of_body(body: Any, properties: Arguments) -> Arguments:
    """An API's name, from its document where it has no other."""
    named = (body.get("info") or {}).get("title", properties.get("Name"))
    return {"Name": named} if named else {}


def _body(properties: Arguments) -> Mapping[str, Arguments]:
    if "Body" not in properties:
        return {}
    more = {name: properties[name] for name in ("FailOnWarnings", "Parameters") if name in properties}
    document = json.dumps(properties["Body"]).encode()
    return {"": {"Body": document, "Mode": properties.get("Mode", "overwrite"), **more}}


def _integration(properties: Arguments) -> Mapping[str, Arguments]:
    if "Integration" not in properties:
        return {}
    return {"": {name: value for name, value in properties["Integration"].items() if name != "IntegrationResponses"}}


def _integration_responses(properties: Arguments) -> Mapping[str, Arguments]:
    found = properties.get("Integration", {}).get("IntegrationResponses", ())
    return {str(each["StatusCode"]): dict(each) for each in found}


def _method_responses(properties: Arguments) -> Mapping[str, Arguments]:
    return {str(each["StatusCode"]): dict(each) for each in properties.get("MethodResponses", ())}


SETTINGS = {
    "CacheDataEncrypted": "caching/dataEncrypted", "CacheTtlInSeconds": "caching/ttlInSeconds",
    "CachingEnabled": "caching/enabled", "DataTraceEnabled": "logging/dataTrace", "LoggingLevel": "logging/loglevel",
    "MetricsEnabled": "metrics/enabled", "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
}  # fmt: skip


def _method_settings(properties: Arguments) -> Mapping[str, Arguments]:
    """What is set for methods of a stage, as patches of it."""
    found = {}
    for each in properties.get("MethodSettings", ()):
        resource = str(each.get("ResourcePath", "/*")).strip("/").replace("/", "~1") or "~1"
        place = f"/{resource}/{each.get('HttpMethod', '*')}"
        found[place] = {
            "PatchOperations": [
                {"op": "replace", "path": f"{place}/{path}", "value": written(each[name])}
                for name, path in SETTINGS.items()
                if name in each
            ]
        }
    return found


def _log_role(arn: Any, properties: Arguments) -> Arguments:
    return {"PatchOperations": [{"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}]}


REST_API = ResourceType(
    "AWS::ApiGateway::RestApi",
    "apigateway",
    properties=(
        "ApiKeySourceType", "BinaryMediaTypes", "Body", "Description", "DisableExecuteApiEndpoint",
        "EndpointConfiguration", "FailOnWarnings", "MinimumCompressionSize", "Mode", "Name", "Parameters", "Policy",
        "Tags",
    ),
    create="CreateRestApi",
    updates=("UpdateRestApi",),
    delete="DeleteRestApi",
    replaced_by=("EndpointConfiguration", "MinimumCompressionSize"),
    converted={
        "ApiKeySourceType": named("ApiKeySource"),
        "Body": name_of_body,
        "Name": lambda name, properties: {} if "Body" in properties else {"Name": name},
        "Policy": as_text("Policy"),
        **dict.fromkeys(("FailOnWarnings", "Mode", "Parameters"), left_out),
    },
    kept={"RestApiId": "id", "RootResourceId": "rootResourceId"},
    ref="{RestApiId}",
    attributes={"RestApiId": "RestApiId", "RootResourceId": "RootResourceId"},
    parts=(Part(_body, "PutRestApi"),),
    tagging=Tagging("RestApiId"),
    unsupported=("BodyS3Location", "CloneFrom", "EndpointAccessMode", "SecurityPolicy", "Version"),
)  # fmt: skip
RESOURCE = ResourceType(
    "AWS::ApiGateway::Resource",
    "apigateway",
    properties=("ParentId", "PathPart", "RestApiId"),
    required=("ParentId", "PathPart", "RestApiId"),
    create="CreateResource",
    delete="DeleteResource",
    kept={"ResourceId": "id"},
    ref="{ResourceId}",
    attributes={"ResourceId": "ResourceId"},
)
METHOD = ResourceType(
    "AWS::ApiGateway::Method",
    "apigateway",
    properties=(
        "ApiKeyRequired", "AuthorizationScopes", "AuthorizationType", "AuthorizerId", "HttpMethod", "Integration",
        "MethodResponses", "OperationName", "RequestModels", "RequestParameters", "RequestValidatorId", "ResourceId",
        "RestApiId",
    ),
    required=("HttpMethod", "ResourceId", "RestApiId"),
    create="PutMethod",
    delete="DeleteMethod",
    replaced_by=("HttpMethod", "ResourceId", "RestApiId"),
    remade=True,
    constant={"AuthorizationType": "NONE"},
    converted=dict.fromkeys(("Integration", "MethodResponses"), left_out),
    generated=Generated("Id", 128),
    ref="{Id}",
    parts=(
        Part(_method_responses, "PutMethodResponse", "DeleteMethodResponse"),
        Part(_integration, "PutIntegration", "DeleteIntegration"),
        Part(_integration_responses, "PutIntegrationResponse", "DeleteIntegrationResponse"),
    ),
)  # fmt: skip
DEPLOYMENT = ResourceType(
    "AWS::ApiGateway::Deployment",
    "apigateway",
    properties=("Description", "RestApiId", "StageName"),
    required=("RestApiId",),
    create="CreateDeployment",
    delete="DeleteDeployment",
    kept={"DeploymentId": "id"},
    ref="{DeploymentId}",
    attributes={"DeploymentId": "DeploymentId"},
    parts=(
        Part(whole("StageName"), None, "DeleteStage", owned=("GetStage", "deploymentId", "DeploymentId")),
    ),
    unsupported=("DeploymentCanarySettings", "StageDescription"),
)  # fmt: skip
STAGE = ResourceType(
    "AWS::ApiGateway::Stage",
    "apigateway",
    properties=(
        "CacheClusterEnabled", "CacheClusterSize", "DeploymentId", "Description", "MethodSettings", "RestApiId",
        "StageName", "Tags", "TracingEnabled", "Variables",
    ),
    required=("RestApiId",),
    create="CreateStage",
    updates=("UpdateStage",),
    delete="DeleteStage",
    replaced_by=("RestApiId", "StageName"),
    converted={"MethodSettings": left_out},
    made={"Arn": f"{ARN}/stages/{{StageName}}"},
    ref="{StageName}",
    parts=(Part(_method_settings, "UpdateStage", default={"PatchOperations": []}),),
    tagging=Tagging("Arn"),
    unsupported=("AccessLogSetting", "CanarySetting", "ClientCertificateId", "DocumentationVersion"),
)  # fmt: skip
AUTHORIZER = ResourceType(
    "AWS::ApiGateway::Authorizer",
    "apigateway",
    properties=(
        "AuthType", "AuthorizerCredentials", "AuthorizerResultTtlInSeconds", "AuthorizerUri", "IdentitySource",
        "IdentityValidationExpression", "Name", "ProviderARNs", "RestApiId", "Type",
    ),
    required=("Name", "RestApiId", "Type"),
    create="CreateAuthorizer",
    updates=("UpdateAuthorizer",),
    delete="DeleteAuthorizer",
    replaced_by=("RestApiId",),
    kept={"AuthorizerId": "id"},
    ref="{AuthorizerId}",
    attributes={"AuthorizerId": "AuthorizerId"},
)  # fmt: skip
GATEWAY_RESPONSE = ResourceType(
    "AWS::ApiGateway::GatewayResponse",
    "apigateway",
    properties=("ResponseParameters", "ResponseTemplates", "ResponseType", "RestApiId", "StatusCode"),
    required=("ResponseType", "RestApiId"),
    create="PutGatewayResponse",
    updates=("PutGatewayResponse",),
    delete="DeleteGatewayResponse",
    replaced_by=("ResponseType", "RestApiId"),
    generated=Generated("Id", 128),
    ref="{Id}",
    attributes={"Id": "Id"},
)
API_KEY = ResourceType(
    "AWS::ApiGateway::ApiKey",
    "apigateway",
    properties=("CustomerId", "Description", "Enabled", "GenerateDistinctId", "Name", "Tags", "Value"),
    create="CreateApiKey",
    updates=("UpdateApiKey",),
    delete="DeleteApiKey",
    replaced_by=("GenerateDistinctId", "Name", "Value"),
    generated=Generated("Name", 128),
    constant={"Enabled": False},
    converted={"StageKeys": left_out},
    kept={"ApiKey": "id"},
    ref="{ApiKey}",
    attributes={"APIKeyId": "ApiKey"},
    tagging=Tagging("ApiKey"),
    unsupported=("StageKeys",),
)
USAGE_PLAN = ResourceType(
    "AWS::ApiGateway::UsagePlan",
    "apigateway",
    properties=("ApiStages", "Description", "Quota", "Tags", "Throttle", "UsagePlanName"),
    create="CreateUsagePlan",
    delete="DeleteUsagePlan",
    replaced_by=(),
    remade=True,
    generated=Generated("Name", 128),
    converted={"UsagePlanName": named("Name")},
    kept={"UsagePlanId": "id"},
    ref="{UsagePlanId}",
    attributes={"Id": "UsagePlanId"},
    tagging=Tagging("UsagePlanId"),
)
USAGE_PLAN_KEY = ResourceType(
    "AWS::ApiGateway::UsagePlanKey",
    "apigateway",
    properties=("KeyId", "KeyType", "UsagePlanId"),
    required=("KeyId", "KeyType", "UsagePlanId"),
    create="CreateUsagePlanKey",
    delete="DeleteUsagePlanKey",
    ref="{KeyId}:{UsagePlanId}",
    made={"Id": "{KeyId}:{UsagePlanId}"},
    attributes={"Id": "Id"},
)
ACCOUNT = ResourceType(
    "AWS::ApiGateway::Account",
    "apigateway",
    properties=("CloudWatchRoleArn",),
    create="UpdateAccount",
    converted={"CloudWatchRoleArn": _log_role},
    generated=Generated("Id", 128),
    ref="{Id}",
    attributes={"Id": "Id"},
)
MODEL = ResourceType(
    "AWS::ApiGateway::Model",
    "apigateway",
    properties=("ContentType", "Description", "Name", "RestApiId", "Schema"),
    required=("RestApiId",),
    create="CreateModel",
    delete="DeleteModel",
    replaced_by=("ContentType", "Name", "RestApiId"),
    remade=True,
    generated=Generated("Name", 128),
    constant={"ContentType": "application/json"},
    converted={"Schema": as_text("Schema")},
    made={"ModelName": "{Name}"},
    ref="{Name}",
)
REQUEST_VALIDATOR = ResourceType(
    "AWS::ApiGateway::RequestValidator",
    "apigateway",
    properties=("Name", "RestApiId", "ValidateRequestBody", "ValidateRequestParameters"),
    required=("RestApiId",),
    create="CreateRequestValidator",
    updates=("UpdateRequestValidator",),
    delete="DeleteRequestValidator",
    replaced_by=("Name", "RestApiId"),
    kept={"RequestValidatorId": "id"},
    ref="{RequestValidatorId}",
    attributes={"RequestValidatorId": "RequestValidatorId"},
)
TYPES = (
    REST_API, RESOURCE, METHOD, DEPLOYMENT, STAGE, AUTHORIZER, GATEWAY_RESPONSE, API_KEY, USAGE_PLAN, USAGE_PLAN_KEY,
    ACCOUNT, MODEL, REQUEST_VALIDATOR,
)  # fmt: skip
