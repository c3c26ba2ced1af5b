"""The types of resources of API Gateway's HTTP APIs.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from labkit.moto_bridge.cloudformation.resource_type import (
    Arguments,
    Part,
    ResourceType,
    Tagging,
    left_out,
    whole,
)  # fmt: skip
from labkit.moto_bridge.cloudformation.types.rest_apis import name_of_body

ARN = "arn:aws:apigateway:{Region}::/apis/{ApiId}"


def _body(properties: Arguments) -> Mapping[str, Arguments]:
    if "Body" not in properties:
        return {}
    more = {"FailOnWarnings": properties["FailOnWarnings"]} if "FailOnWarnings" in properties else {}
    return {"": {"Body": json.dumps(properties["Body"]), **more}}


API = ResourceType(
    "AWS::ApiGatewayV2::Api",
    "apigatewayv2",
    properties=(
        "ApiKeySelectionExpression", "Body", "CorsConfiguration", "CredentialsArn", "Description",
        "DisableExecuteApiEndpoint", "DisableSchemaValidation", "FailOnWarnings", "Name", "ProtocolType", "RouteKey",
        "RouteSelectionExpression", "Tags", "Target", "Version",
    ),
    create="CreateApi",
    updates=("UpdateApi",),
    delete="DeleteApi",
    replaced_by=("ProtocolType", "RouteKey", "Target", "CredentialsArn"),
    constant={"ProtocolType": "HTTP"},
    converted={
        "Body": name_of_body,
        "FailOnWarnings": left_out,
        "Name": lambda name, properties: {} if "Body" in properties else {"Name": name},
    },
    cleared={"Description": ""},
    kept={"ApiId": "ApiId", "ApiEndpoint": "ApiEndpoint"},
    made={"Arn": ARN, "ExecuteApiArn": "arn:aws:execute-api:{Region}:{Account}:{ApiId}"},
    ref="{ApiId}",
    attributes={"ApiEndpoint": "ApiEndpoint", "ApiId": "ApiId", "ExecuteApiArn": "ExecuteApiArn"},
    parts=(Part(_body, "ReimportApi"),),
    tagging=Tagging("Arn", mapped=True),
    unsupported=("BasePath", "BodyS3Location", "IpAddressType"),
)  # fmt: skip
INTEGRATION = ResourceType(
    "AWS::ApiGatewayV2::Integration",
    "apigatewayv2",
    properties=(
        "ApiId", "ConnectionId", "ConnectionType", "ContentHandlingStrategy", "CredentialsArn", "Description",
        "IntegrationMethod", "IntegrationSubtype", "IntegrationType", "IntegrationUri", "PassthroughBehavior",
        "PayloadFormatVersion", "RequestParameters", "RequestTemplates", "ResponseParameters",
        "TemplateSelectionExpression", "TimeoutInMillis", "TlsConfig",
    ),
    required=("ApiId", "IntegrationType"),
    create="CreateIntegration",
    updates=("UpdateIntegration",),
    delete="DeleteIntegration",
    replaced_by=("ApiId",),
    kept={"IntegrationId": "IntegrationId"},
    ref="{IntegrationId}",
    attributes={"IntegrationId": "IntegrationId"},
)  # fmt: skip
ROUTE = ResourceType(
    "AWS::ApiGatewayV2::Route",
    "apigatewayv2",
    properties=(
        "ApiId", "ApiKeyRequired", "AuthorizationScopes", "AuthorizationType", "AuthorizerId",
        "ModelSelectionExpression", "OperationName", "RequestModels", "RequestParameters", "RouteKey",
        "RouteResponseSelectionExpression", "Target",
    ),
    required=("ApiId", "RouteKey"),
    create="CreateRoute",
    updates=("UpdateRoute",),
    delete="DeleteRoute",
    replaced_by=("ApiId",),
    cleared={"AuthorizationType": "NONE"},
    kept={"RouteId": "RouteId"},
    ref="{RouteId}",
    attributes={"RouteId": "RouteId"},
)  # fmt: skip
STAGE = ResourceType(
    "AWS::ApiGatewayV2::Stage",
    "apigatewayv2",
    properties=(
        "ApiId", "AutoDeploy", "DefaultRouteSettings", "DeploymentId", "Description", "RouteSettings", "StageName",
        "StageVariables", "Tags",
    ),
    required=("ApiId", "StageName"),
    create="CreateStage",
    updates=("UpdateStage",),
    delete="DeleteStage",
    replaced_by=("ApiId", "StageName"),
    cleared={"AutoDeploy": False, "Description": "", "StageVariables": {}},
    made={"Arn": f"{ARN}/stages/{{StageName}}"},
    ref="{StageName}",
    tagging=Tagging("Arn", mapped=True),
    unsupported=("AccessLogSettings", "ClientCertificateId"),
)  # fmt: skip
AUTHORIZER = ResourceType(
    "AWS::ApiGatewayV2::Authorizer",
    "apigatewayv2",
    properties=(
        "ApiId", "AuthorizerCredentialsArn", "AuthorizerPayloadFormatVersion", "AuthorizerResultTtlInSeconds",
        "AuthorizerType", "AuthorizerUri", "EnableSimpleResponses", "IdentitySource", "IdentityValidationExpression",
        "JwtConfiguration", "Name",
    ),
    required=("ApiId", "AuthorizerType", "Name"),
    create="CreateAuthorizer",
    updates=("UpdateAuthorizer",),
    delete="DeleteAuthorizer",
    replaced_by=("ApiId",),
    constant={"IdentitySource": []},
    kept={"AuthorizerId": "AuthorizerId"},
    ref="{AuthorizerId}",
    attributes={"AuthorizerId": "AuthorizerId"},
)  # fmt: skip
DEPLOYMENT = ResourceType(
    "AWS::ApiGatewayV2::Deployment",
    "apigatewayv2",
    properties=("ApiId", "Description", "StageName"),
    required=("ApiId",),
    create="CreateDeployment",
    delete="DeleteDeployment",
    kept={"DeploymentId": "DeploymentId"},
    ref="{DeploymentId}",
    attributes={"DeploymentId": "DeploymentId"},
    parts=(Part(whole("StageName"), None, "DeleteStage", owned=("GetStage", "DeploymentId", "DeploymentId")),),
)
TYPES = (API, INTEGRATION, ROUTE, STAGE, AUTHORIZER, DEPLOYMENT)
