"""APIs made by stacks, from the template to the answer of their function."""

from __future__ import annotations

import pytest
from stacks import LOGS, att, complete, deploy, function, ref, resource, role

ECHO = """
def handler(event, context):
    return {"statusCode": 200, "body": "WORD " + str(event.get("rawPath") or event["path"])}
"""
GUARD = """
def handler(event, context):
    effect = "Allow" if event["authorizationToken"] == "let-me-in" else "Deny"
    statement = [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}]
    return {"principalId": "p", "policyDocument": {"Version": "2012-10-17", "Statement": statement}}
"""


def uri(name):
    path = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${NAME.Arn}/invocations"
    return {"Fn::Sub": path.replace("NAME", name)}


def base(word="first", **more):
    return {
        "Role": role(LOGS),
        "Function": function(att("Role", "Arn"), ECHO.replace("WORD", word)),
        "Permission": resource(
            "Lambda::Permission", FunctionName=ref("Function"), Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
        ),
        **more,
    }  # fmt: skip


def answered(account, api, path, headers=None, method="GET"):
    return account.request(method, f"{api}.execute-api.us-east-1.amazonaws.com", path, headers=headers)


def rest_api(stage="dev", path="pets", **variables):
    return base(
        Api=resource("ApiGateway::RestApi", Name="api", EndpointConfiguration={"Types": ["REGIONAL"]}),
        Path=resource(
            "ApiGateway::Resource", RestApiId=ref("Api"), ParentId=att("Api", "RootResourceId"), PathPart=path
        ),
        Method=resource(
            "ApiGateway::Method", RestApiId=ref("Api"), ResourceId=ref("Path"), HttpMethod="GET",
            AuthorizationType="NONE",
            Integration={"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": uri("Function")},
        ),
        Options=resource(
            "ApiGateway::Method", RestApiId=ref("Api"), ResourceId=ref("Path"), HttpMethod="OPTIONS",
            Integration={"Type": "MOCK", "RequestTemplates": {"application/json": '{"statusCode": 204}'},
                         "IntegrationResponses": [{"StatusCode": "204", "ResponseParameters": {
                             "method.response.header.Allow": "'GET'"}}]},
            MethodResponses=[{"StatusCode": 204, "ResponseParameters": {"method.response.header.Allow": True}}],
        ),
        **{f"Deployment{path}": resource("ApiGateway::Deployment", RestApiId=ref("Api"))
           | {"DependsOn": ["Method", "Options"]}},
        Stage=resource(
            "ApiGateway::Stage", RestApiId=ref("Api"), DeploymentId=ref(f"Deployment{path}"), StageName=stage,
            Variables=variables, MethodSettings=[{"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingRateLimit": 5}],
        ),
    )  # fmt: skip


def test_a_rest_api_answers_and_follows_its_template(served):
    stack = complete(deploy(served, rest_api(a="b")))
    api = stack.resources["Api"]
    assert answered(served, api, "/dev/pets").body == b"first /pets"
    options = answered(served, api, "/dev/pets", method="OPTIONS")
    assert (options.status, options.headers["Allow"]) == (204, "GET")
    stage = served.apigateway.get_stage(restApiId=api, stageName="dev")
    assert stage["variables"] == {"a": "b"} and stage["methodSettings"]["*/*"]["throttlingRateLimit"] == 5.0
    stack.update(rest_api(path="cats", c="d"))
    complete(stack)
    assert stack.resources["Api"] == api
    assert answered(served, api, "/dev/cats").body == b"first /cats"
    assert served.apigateway.get_stage(restApiId=api, stageName="dev")["variables"] == {"c": "d"}
    assert len(served.apigateway.get_deployments(restApiId=api)["items"]) == 1
    changed = rest_api(path="cats", c="d")
    changed["Method"]["Properties"]["AuthorizationType"] = "AWS_IAM"
    changed["Api"]["Properties"]["Description"] = "described"
    changed["Deploymentsecond"] = changed.pop("Deploymentcats")
    changed["Stage"]["Properties"]["DeploymentId"] = ref("Deploymentsecond")
    stack.update(changed)
    complete(stack)
    assert answered(served, api, "/dev/cats").status == 403
    assert served.apigateway.get_rest_api(restApiId=api)["description"] == "described"
    stack.delete()
    assert stack.status == "DELETE_COMPLETE" and served.apigateway.get_rest_apis()["items"] == []


def document(version, paths, schemes):
    where = {"securityDefinitions": schemes} if "swagger" in version else {"components": {"securitySchemes": schemes}}
    return {"info": {"title": "described", "version": "1"}, "paths": paths, **version, **where}


def integration(name, **more):
    told = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri(name), **more}
    return {"x-amazon-apigateway-integration": told, "responses": {}}


@pytest.mark.parametrize("version", [{"swagger": "2.0"}, {"openapi": "3.0.1"}], ids=["swagger", "openapi"])
def test_a_rest_api_is_as_its_document_says(served, version):
    guarded = {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom"}
    scheme = guarded | {"x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": uri("Guard")}}

    def resources(path):
        paths = {
            "/open/{id}": {"x-amazon-apigateway-any-method": integration("Function")},
            path: {"get": integration("Function") | {"security": [{"Guard": []}]}},
        }
        return base(
            Guard=function(att("Role", "Arn"), GUARD),
            MayGuard=resource(
                "Lambda::Permission", FunctionName=ref("Guard"), Action="lambda:InvokeFunction",
                Principal="apigateway.amazonaws.com",
            ),
            Api=resource("ApiGateway::RestApi", Body=document(version, paths, {"Guard": scheme})),
            **{f"Deployment{path[1:]}": resource("ApiGateway::Deployment", RestApiId=ref("Api"), StageName="dev")},
        )  # fmt: skip

    stack = complete(deploy(served, resources("/closed")))
    api = stack.resources["Api"]
    assert served.apigateway.get_rest_api(restApiId=api)["name"] == "described"
    assert answered(served, api, "/dev/open/1").body == b"first /open/1"
    assert answered(served, api, "/dev/closed").status == 401
    assert answered(served, api, "/dev/closed", {"Authorization": "no"}).status == 403
    assert answered(served, api, "/dev/closed", {"Authorization": "let-me-in"}).body == b"first /closed"
    stack.update(resources("/other"))
    complete(stack)
    assert stack.resources["Api"] == api
    assert answered(served, api, "/dev/other", {"Authorization": "let-me-in"}).body == b"first /other"
    assert answered(served, api, "/dev/closed", {"Authorization": "let-me-in"}).status == 403
    stack.delete()
    assert stack.status == "DELETE_COMPLETE" and served.apigateway.get_rest_apis()["items"] == []


def http_api(route, word="first"):
    return base(
        word,
        Api=resource("ApiGatewayV2::Api", Name="api", ProtocolType="HTTP", CorsConfiguration={"AllowOrigins": ["*"]}),
        Integration=resource(
            "ApiGatewayV2::Integration", ApiId=ref("Api"), IntegrationType="AWS_PROXY", PayloadFormatVersion="2.0",
            IntegrationUri=att("Function", "Arn"),
        ),
        Route=resource(
            "ApiGatewayV2::Route", ApiId=ref("Api"), RouteKey=route,
            Target={"Fn::Join": ["/", ["integrations", ref("Integration")]]},
        ),
        Stage=resource("ApiGatewayV2::Stage", ApiId=ref("Api"), StageName="$default", AutoDeploy=True),
    )  # fmt: skip


def test_an_http_api_answers_and_follows_its_template(served):
    told = {"Outputs": {"Endpoint": {"Value": att("Api", "ApiEndpoint")}}}
    stack = complete(deploy(served, http_api("GET /pets"), sections=told))
    api, before = stack.resources["Api"], stack.resources
    assert stack.outputs["Endpoint"] == f"https://{api}.execute-api.us-east-1.amazonaws.com"
    answer = answered(served, api, "/pets", {"Origin": "https://example.com"})
    assert (answer.body, answer.headers["Access-Control-Allow-Origin"]) == (b"first /pets", "*")
    stack.update(http_api("GET /cats", "second"), sections=told)
    complete(stack)
    assert stack.resources == before
    assert answered(served, api, "/cats").body == b"second /cats"
    assert answered(served, api, "/pets").status == 404
    stack.delete()
    assert stack.status == "DELETE_COMPLETE" and served.apigatewayv2.get_apis()["Items"] == []


def test_an_http_api_is_as_its_document_says(served):
    jwt = {"type": "jwt", "identitySource": "$request.header.Authorization",
           "jwtConfiguration": {"issuer": "https://issuer.example.com", "audience": ["a"]}}  # fmt: skip
    schemes = {"Users": {"type": "oauth2", "x-amazon-apigateway-authorizer": jwt}}
    paths = {
        "/open": {"get": integration("Function", payloadFormatVersion="2.0")},
        "/closed": {"get": integration("Function", payloadFormatVersion="2.0") | {"security": [{"Users": ["read"]}]}},
        "$default": {"x-amazon-apigateway-any-method": integration("Function", payloadFormatVersion="2.0")},
    }
    resources = base(
        Api=resource("ApiGatewayV2::Api", Body=document({"openapi": "3.0.1"}, paths, schemes), Tags={"a": "b"}),
        Stage=resource("ApiGatewayV2::Stage", ApiId=ref("Api"), StageName="dev", AutoDeploy=True),
    )
    stack = complete(deploy(served, resources))
    api = stack.resources["Api"]
    assert served.apigatewayv2.get_api(ApiId=api)["Name"] == "described"
    assert answered(served, api, "/dev/open").body == b"first /dev/open"
    assert answered(served, api, "/dev/closed").status == 401
    assert answered(served, api, "/dev/anything").body == b"first /dev/anything"
    routes = {each["RouteKey"]: each for each in served.apigatewayv2.get_routes(ApiId=api)["Items"]}
    assert routes["GET /closed"]["AuthorizationScopes"] == ["read"]


def test_keys_and_plans_let_callers_in(served):
    resources = rest_api()
    resources["Method"]["Properties"]["ApiKeyRequired"] = True
    resources |= {
        "Key": resource("ApiGateway::ApiKey", Enabled=True, Value="a-key-of-at-least-twenty"),
        "Plan": resource("ApiGateway::UsagePlan", ApiStages=[{"ApiId": ref("Api"), "Stage": ref("Stage")}]),
        "PlanKey": resource("ApiGateway::UsagePlanKey", KeyId=ref("Key"), KeyType="API_KEY", UsagePlanId=ref("Plan")),
    }
    stack = complete(deploy(served, resources))
    api = stack.resources["Api"]
    assert answered(served, api, "/dev/pets").status == 403
    assert answered(served, api, "/dev/pets", {"x-api-key": "a-key-of-at-least-twenty"}).status == 200
    stack.delete()
    assert stack.status == "DELETE_COMPLETE" and served.apigateway.get_usage_plans()["items"] == []
