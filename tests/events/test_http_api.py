"""HTTP APIs: requests reach the handler as payload format 2.0 or 1.0, and CORS is answered by configuration."""

from __future__ import annotations

import base64
import json
import re

import pytest
from apis import ACCOUNT, HttpApi
from botocore.exceptions import ClientError

ECHO = """
import json
def lambda_handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"""
RETURN = """
import json
def lambda_handler(event, context):
    return json.loads(event["body"])
"""
CORS = {
    "AllowOrigins": ["https://a.example", "http://*"], "AllowMethods": ["GET", "PUT"], "AllowHeaders": ["x-mine"],
    "ExposeHeaders": ["x-shown"], "MaxAge": 60,
}  # fmt: skip


@pytest.fixture
def quick(served):
    """`quick(code)`: an API of quick create in front of function f, with permission."""

    def make(code=ECHO, **given):
        return HttpApi(served, Target=served.function(code), **given).permit()

    return make


def test_quick_create_and_the_event(quick):
    api = quick()
    assert [stage["StageName"] for stage in api.client.get_stages(ApiId=api.id)["Items"]] == ["$default"]
    headers = [("One", "1"), ("one", "2"), ("Cookie", "a=1; b=2"), ("User-Agent", "me")]
    event = api.get("/a%20b/c?q=1&r=%C3%A9&q=2+3", headers=headers).json
    context, trace = event.pop("requestContext"), event["headers"].pop("x-amzn-trace-id")
    assert trace.startswith("Root=1-")
    assert event == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/a b/c",
        "rawQueryString": "q=1&r=%C3%A9&q=2+3",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "one": "1,2", "user-agent": "me", "host": api.host, "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "443", "x-forwarded-proto": "https",
        },
        "queryStringParameters": {"q": "1,2 3", "r": "é"},
        "isBase64Encoded": False,
    }  # fmt: skip
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", context.pop("time"))
    assert isinstance(context.pop("timeEpoch"), int) and context.pop("requestId")
    assert context == {
        "accountId": ACCOUNT, "apiId": api.id, "domainName": api.host, "domainPrefix": api.id,
        "http": {
            "method": "GET", "path": "/a b/c", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "me",
        },
        "routeKey": "$default", "stage": "$default",
    }  # fmt: skip


def test_quick_create_alone_permits_nothing(served):
    api = HttpApi(served, Target=served.function(ECHO))
    answered = api.get()
    assert (answered.status, answered.json) == (500, {"message": "Internal Server Error"})
    assert "Apigw-Requestid" in answered.headers
    assert f"SourceArn='{api.arn}/$default/$default'" in served.complaints()
    assert api.permit("/*/$default").get().status == 200


def test_a_stage_and_a_route_with_parameters(served):
    served.function(ECHO)
    api = HttpApi(served).route("GET /pets/{id}").stage("prod", StageVariables={"a": "b"}).permit("/prod/GET/pets/*")
    event = api.get("/prod/pets/rex%20i", headers={"User-Agent": "me"}).json
    assert (event["rawPath"], event["routeKey"]) == ("/prod/pets/rex i", "GET /pets/{id}")
    assert (event["pathParameters"], event["stageVariables"]) == ({"id": "rex i"}, {"a": "b"})
    assert event["requestContext"]["http"]["path"] == "/prod/pets/rex i"
    assert event["requestContext"]["stage"] == "prod"
    for path, method in [("/prod/pets", "GET"), ("/prod/pets/rex", "POST"), ("/pets/rex", "GET"), ("/", "GET")]:
        assert (api.get(path, method).status, api.get(path, method).json) == (404, {"message": "Not Found"})


def test_the_most_specific_route_is_chosen(served):
    served.function(ECHO)
    keys = ["GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"]
    api = HttpApi(served).route(*keys).stage().permit()
    for method, path, key in [
        ("GET", "/pets/dog/1", keys[0]), ("GET", "/pets/dog/2", keys[1]), ("GET", "/pets/cat/1", keys[2]),
        ("POST", "/pets/dog/1", keys[3]), ("GET", "/", keys[4]),
    ]:  # fmt: skip
        assert api.get(path, method).json["routeKey"] == key


def test_payload_format_1_0(served):
    served.function(ECHO)
    api = HttpApi(served).route("POST /a/{b}", payload="1.0").stage("dev").permit()
    body = b"\xff\x00"
    event = api.get("/dev/a/1?q=1&q=2", "POST", body, {"X-One": "1", "Content-Type": "application/octet-stream"}).json
    assert (event["version"], event["resource"], event["path"]) == ("1.0", "/a/{b}", "/dev/a/1")
    assert (base64.b64decode(event["body"]), event["isBase64Encoded"]) == (body, True)
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "2"]}
    assert event["pathParameters"] == {"b": "1"} and event["stageVariables"] is None
    context = event["requestContext"]
    assert context["resourceId"] is None and context["stage"] == "dev"
    assert context["authorizer"] == {"claims": None, "scopes": None}


def test_a_body_is_text_or_base64_by_its_media_type(quick):
    api = quick()
    for media_type, is_text in [
        ("application/json; charset=utf-8", True), ("text/csv", True), ("application/problem+json", True),
        ("application/x-www-form-urlencoded", False), ("image/png", False),
    ]:  # fmt: skip
        event = api.get("/", "POST", b"a=1", {"Content-Type": media_type}).json
        assert (event["body"], event["isBase64Encoded"]) == (("a=1", False) if is_text else ("YT0x", True)), media_type
        assert event["headers"]["content-length"] == "3"


def test_what_a_handler_returns_is_answered(quick):
    api = quick(RETURN)
    json_type, text = "application/json", "text/plain; charset=utf-8"
    for returned, status, media_type, body in [
        ({"hello": "é"}, 200, json_type, '{"hello":"é"}'.encode()),
        (["hello", 3, True], 200, json_type, b'["hello",3,true]'),
        ("hello", 200, json_type, b"hello"),
        (3.1, 200, json_type, b"3.1"),
        ({"statusCode": 201}, 201, text, b""),
        ({"statusCode": "418", "body": "tea", "headers": {"content-type": "text/tea"}}, 418, "text/tea", b"tea"),
        ({"statusCode": 200, "body": {"a": 1}}, 200, text, b'{"a":1}'),
        ({"statusCode": 200, "body": "iVD/", "isBase64Encoded": True}, 200, text, b"\x89P\xff"),
        ({"statusCode": 200, "unknown": 1}, 200, text, b""),
    ]:
        answered = api.get("/", "POST", json.dumps(returned).encode())
        found = answered.status, answered.headers["Content-Type"], answered.body
        assert found == (status, media_type, body), returned
    cookies = {"statusCode": 200, "cookies": ["a=1", "b=2; Secure"]}
    answered = api.get("/", "POST", json.dumps(cookies).encode())
    assert answered.headers.get_all("Set-Cookie") == ["a=1", "b=2; Secure"]
    for returned in ({"statusCode": "x"}, {"statusCode": 200, "headers": 3}, {"statusCode": 200, "cookies": "a=1"}):
        answered = api.get("/", "POST", json.dumps(returned).encode())
        assert (answered.status, answered.json) == (500, {"message": "Internal Server Error"}), returned


def test_a_failing_or_slow_function(served):
    served.function("import time\ndef lambda_handler(event, context):\n    time.sleep(0.5)\n    raise ValueError")
    api = HttpApi(served).route("GET /slow", integration={"TimeoutInMillis": 100}).route("GET /").stage().permit()
    assert (api.get("/slow").status, api.get("/slow").json) == (503, {"message": "Service Unavailable"})
    assert (api.get("/").status, api.get("/").json) == (500, {"message": "Internal Server Error"})
    large = api.get("/", body=b"x" * (10 * 2**20 + 1))
    assert (large.status, large.json) == (413, {"message": "Request Entity Too Large"})


def test_a_timeout_that_aws_does_not_take(served):
    with pytest.raises(ClientError, match=r"BadRequestException.*Timeout should be between 50 ms and 30000 ms"):
        HttpApi(served).route("GET /", integration={"TimeoutInMillis": 30001})


def test_cors_is_answered_by_configuration(quick):
    api = quick(
        "def lambda_handler(event, context):\n"
        "    return {'statusCode': 200, 'headers': {'Access-Control-Allow-Origin': 'no', 'x-shown': '1'}}",
        CorsConfiguration=CORS,
    )
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "PUT"}
    answered = api.get("/anywhere", "OPTIONS", headers=asked)
    allowed = {name: value for name, value in answered.headers.items() if name.startswith("access-control")}
    assert (answered.status, allowed) == (204, {
        "access-control-allow-origin": "https://a.example", "access-control-allow-methods": "GET,PUT",
        "access-control-allow-headers": "x-mine", "access-control-max-age": "60",
    })  # fmt: skip
    refused = api.get("/", "OPTIONS", headers=asked | {"Origin": "https://b.example"})
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (204, None)
    answered = api.get("/", headers={"Origin": "http://localhost:8888"})
    assert answered.headers.get_all("access-control-allow-origin") == ["http://localhost:8888"]
    assert answered.headers["access-control-expose-headers"] == "x-shown"
    assert api.get("/").headers["access-control-allow-origin"] is None


def test_a_stage_that_does_not_deploy_by_itself(served):
    served.function(ECHO)
    api = HttpApi(served).route("GET /a").stage("dev", AutoDeploy=False).permit()
    assert api.get("/dev/a").status == 404
    deployment = api.client.create_deployment(ApiId=api.id, StageName="dev", Description="first")
    assert api.get("/dev/a").status == 200
    api.route("GET /b")
    assert api.get("/dev/b").status == 404
    api.client.update_stage(ApiId=api.id, StageName="dev", AutoDeploy=True, StageVariables={"a": "b"})
    assert api.get("/dev/b").json["stageVariables"] == {"a": "b"}
    found = api.client.get_deployments(ApiId=api.id)["Items"]
    assert [(each["DeploymentId"], each["DeploymentStatus"]) for each in found] == [
        (deployment["DeploymentId"], "DEPLOYED")
    ]
    api.client.delete_deployment(ApiId=api.id, DeploymentId=deployment["DeploymentId"])
    with pytest.raises(ClientError, match="NotFoundException"):
        api.client.get_deployment(ApiId=api.id, DeploymentId=deployment["DeploymentId"])
