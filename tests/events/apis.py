"""Short ways of making APIs in front of functions of a served account."""

from __future__ import annotations

ACCOUNT = "123456789012"


class RestApi:
    """A REST API in front of function f, deployed as stage `dev`."""

    def __init__(self, account, **given):
        self.account = account
        self.client = account.apigateway
        created = self.client.create_rest_api(name="api", **given)
        self.id, self.resources = created["id"], {"/": created["rootResourceId"]}
        self.host = f"{self.id}.execute-api.us-east-1.amazonaws.com"
        self.arn = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{self.id}"

    def resource(self, path):
        if path not in self.resources:
            parent, _, part = path.rpartition("/")
            created = self.client.create_resource(
                restApiId=self.id, parentId=self.resource(parent or "/"), pathPart=part
            )
            self.resources[path] = created["id"]
        return self.resources[path]

    def method(self, name="ANY", path="/{proxy+}", function="f", integration=None, **given):
        where = {"restApiId": self.id, "resourceId": self.resource(path), "httpMethod": name}
        self.client.put_method(**where, **({"authorizationType": "NONE"} | given))
        uri = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function}"
        self.client.put_integration(**where, **({
            "type": "AWS_PROXY", "integrationHttpMethod": "POST",
            "uri": f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{uri}/invocations",
        } | (integration or {})))  # fmt: skip
        return self

    def deploy(self, stage="dev", **given):
        return self.client.create_deployment(restApiId=self.id, stageName=stage, **given)["id"]

    def permit(self, source="/*/*", function="f", **given):
        self.account.awslambda.add_permission(
            FunctionName=function, StatementId="api", Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com", SourceArn=self.arn + source, **given,
        )  # fmt: skip
        return self

    def get(self, path="/dev/x", method="GET", body=None, headers=None):
        return self.account.request(method, self.host, path, body, headers)


class HttpApi:
    """An HTTP API."""

    def __init__(self, account, **given):
        self.account = account
        self.client = account.apigatewayv2
        created = self.client.create_api(Name="api", ProtocolType="HTTP", **given)
        self.id, self.endpoint = created["ApiId"], created["ApiEndpoint"]
        self.host = self.endpoint.removeprefix("https://")
        self.arn = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{self.id}"

    def route(self, *keys, function="f", payload="2.0", integration=None, **given):
        made = self.client.create_integration(**({
            "ApiId": self.id, "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": payload,
            "IntegrationUri": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function}",
        } | (integration or {})))  # fmt: skip
        for key in keys:
            self.client.create_route(
                ApiId=self.id, RouteKey=key, Target=f"integrations/{made['IntegrationId']}", **given
            )
        return self

    def stage(self, name="$default", **given):
        self.client.create_stage(ApiId=self.id, StageName=name, **({"AutoDeploy": True} | given))
        return self

    def permit(self, source="/*/*", function="f"):
        self.account.awslambda.add_permission(
            FunctionName=function, StatementId="api", Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com", SourceArn=self.arn + source,
        )  # fmt: skip
        return self

    def get(self, path="/x", method="GET", body=None, headers=None):
        return self.account.request(method, self.host, path, body, headers)
