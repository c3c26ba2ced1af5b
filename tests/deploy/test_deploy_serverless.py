"""A larger SAM template with its folders: layers, versions, authorizers, cross-origin answers, connectors."""

from __future__ import annotations

from pathlib import Path

from served import RUNTIME

from labkit.deploy.template import deploy_template

CODE = """
import shared
def handler(event, context):
    if "authorizationToken" not in event:
        return {"statusCode": 200, "body": shared.WORD}
    effect = "Allow" if event["authorizationToken"] == "let-me-in" else "Deny"
    statement = [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}]
    return {"principalId": "p", "policyDocument": {"Version": "2012-10-17", "Statement": statement}}
"""
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: RUNTIME, Handler: app.handler, CodeUri: src, Timeout: 10, Layers: [!Ref Shared], Tags: {team: a}}
  Api:
    Cors: "'*'"
Resources:
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer, CompatibleRuntimes: [RUNTIME], RetentionPolicy: Delete}
  F:
    Type: AWS::Serverless::Function
    Properties:
      AutoPublishAlias: live
      ReservedConcurrentExecutions: 5
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Dead.Arn}
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        DestinationConfig: {OnFailure: {Type: SQS}}
      Policies:
        - AWSLambdaBasicExecutionRole
        - AmazonS3FullAccess
        - Statement: [{Effect: Allow, Action: "dynamodb:GetItem", Resource: !GetAtt T.Arn}]
        - SQSSendMessagePolicy: {QueueName: !GetAtt Dead.QueueName}
      Events:
        A: {Type: Api, Properties: {Path: /closed, Method: any, RestApiId: !Ref Rest}}
        O: {Type: Api, Properties: {Path: /open, Method: get, RestApiId: !Ref Rest, Auth: {Authorizer: NONE}}}
        H: {Type: HttpApi, Properties: {Path: /route, Method: get, ApiId: !Ref Http}}
        HO: {Type: HttpApi}
  Dead: {Type: AWS::SQS::Queue}
  T: {Type: AWS::Serverless::SimpleTable, Properties: {PrimaryKey: {Name: id, Type: String}}}
  Auth:
    Type: AWS::Serverless::Function
    Properties: {}
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      Variables: {a: b}
      Auth:
        DefaultAuthorizer: Tok
        AddDefaultAuthorizerToCorsPreflight: false
        Authorizers: {Tok: {FunctionArn: !GetAtt Auth.Arn}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: dev
      CorsConfiguration: {AllowOrigins: ["https://example.com"], AllowMethods: [GET]}
  C:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: F}, Destination: {Id: T}, Permissions: [Read, Write]}
Outputs:
  Rest: {Value: !Ref Rest}
  Http: {Value: !Ref Http}
  Implicit: {Value: !Ref ServerlessHttpApi}
  Function: {Value: !Ref F}
  Version: {Value: !Ref F.Version}
""".replace("RUNTIME", RUNTIME)


def write(folder: Path, word: str) -> Path:
    """The template, and the folders that it names."""
    for name, text in {
        "template.yaml": TEMPLATE, "src/app.py": f"{CODE}# {word}\n", "layer/python/shared.py": f"WORD = {word!r}\n",
    }.items():  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "template.yaml"


def test_a_template_with_layers_versions_and_authorizers_is_deployed_and_followed(served, tmp_path):
    def deployed(word):
        clients = lambda service: getattr(served, service)  # noqa: E731
        return deploy_template(write(tmp_path, word), "shop", {}, None, clients, "123456789012", "us-east-1")

    def get(api, path, method="GET", **headers):
        return served.request(method, f"{api}.execute-api.us-east-1.amazonaws.com", path, headers=headers)

    stack = deployed("one")
    rest, http, implicit = (stack.outputs[name] for name in ("Rest", "Http", "Implicit"))
    function, client = stack.outputs["Function"], served.awslambda
    assert get(rest, "/dev/closed").status == 401
    assert get(rest, "/dev/closed", Authorization="let-me-in").body == b"one"
    assert get(rest, "/dev/open").body == b"one"
    preflight = get(rest, "/dev/closed", "OPTIONS")
    assert (preflight.status, preflight.headers["Access-Control-Allow-Origin"]) == (200, "*")
    answer = get(http, "/dev/route", Origin="https://example.com")
    assert (answer.body, answer.headers["Access-Control-Allow-Origin"]) == (b"one", "https://example.com")
    assert get(implicit, "/anything").body == b"one"
    assert client.get_function_event_invoke_config(FunctionName=function, Qualifier="live")["MaximumRetryAttempts"] == 1
    assert client.get_function(FunctionName=function)["Concurrency"] == {"ReservedConcurrentExecutions": 5}
    assert client.get_function(FunctionName=function)["Tags"]["team"] == "a"
    stack = deployed("two")
    assert stack.status == "UPDATE_COMPLETE" and stack.outputs["Version"].endswith(":2")
    assert get(rest, "/dev/open").body == b"two"
    assert client.get_alias(FunctionName=function, Name="live")["FunctionVersion"] == "2"
    stack.delete()
    assert client.list_functions()["Functions"] == client.list_layers()["Layers"] == []
    assert served.iam.list_roles()["Roles"] == served.apigateway.get_rest_apis()["items"] == []
