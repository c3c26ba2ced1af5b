"""HTTP requests through API Gateway beside a warm invocation of the same function, in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import boto3
from measures import make_function, side_by_side
from result import Result

import labkit

HANDLER = "import json\n\ndef lambda_handler(event, context):\n    return {'body': json.dumps(event)}\n"
TIMES = 300


def front_doors() -> list[Result]:
    """A request through each kind of API; the floor is the warm invocation, through boto3."""
    account = labkit.start()
    try:
        client = boto3.client("lambda")
        make_function(client, HANDLER)
        return [_beside_an_invocation(client, name, request) for name, request in _requests(client)]
    finally:
        account.stop()


def _beside_an_invocation(client: Any, name: str, request: Callable[[], Any]) -> Result:
    def invoke() -> bytes:
        return bytes(client.invoke(FunctionName="echo", Payload=b"{}")["Payload"].read())

    request(), invoke()
    before = labkit.invocations().counts()["cold"]
    took, floor = side_by_side(request, invoke, TIMES)
    assert labkit.invocations().counts()["cold"] == before
    return Result(f"request through a {name}", took, 3, floor, "warm invoke")


def _requests(client: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    client.add_permission(
        FunctionName="echo", StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    arn = client.get_function_configuration(FunctionName="echo")["FunctionArn"]
    yield "REST API", _getter(labkit.url(_rest_api(arn)))
    api = boto3.client("apigatewayv2").create_api(Name="echo", ProtocolType="HTTP", Target=arn)
    yield "HTTP API", _getter(labkit.url(api["ApiId"]))


def _getter(url: str) -> Callable[[], bytes]:
    """A request over a connection that stays open, as boto3's does."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc)

    def get() -> bytes:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.read()

    return get


def _rest_api(arn: str) -> str:
    client = boto3.client("apigateway")
    api = client.create_rest_api(name="echo")
    where = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    client.put_method(**where, authorizationType="NONE")
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    client.put_integration(**where, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    client.create_deployment(restApiId=api["id"], stageName="dev")
    return str(api["id"])
