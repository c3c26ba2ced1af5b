"""Function URLs: an HTTP request reaches the handler, whom the function's policy or the signer's role admits."""

from __future__ import annotations

import json
import re
import shutil
from http.client import HTTPConnection, IncompleteRead
from zipfile import ZipInfo

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ACCOUNT = "123456789012"
ECHO = """
import json
def lambda_handler(event, context):
    return {"statusCode": 200, "body": json.dumps({"event": event, "request": context.aws_request_id})}
"""
RETURN = """
import json
def lambda_handler(event, context):
    return json.loads(event["body"])
"""
FORBIDDEN = {
    "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
}

SHELL = """#!/bin/sh
API="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while :; do
  curl -sS -D /tmp/headers "$API/invocation/next" > /tmp/event
  id=$(grep -i '^Lambda-Runtime-Aws-Request-Id:' /tmp/headers | tr -d '[:space:]' | cut -d: -f2)
  curl -sS "$API/invocation/$id/response" -d "plain text" > /tmp/answer
done
"""
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")


class Url:
    """The URL of function f."""

    def __init__(self, account, auth="NONE", permit=True, **given):
        self.account = account
        created = account.awslambda.create_function_url_config(FunctionName="f", AuthType=auth, **given)
        self.url = created["FunctionUrl"]
        self.host = re.fullmatch(r"https://(.*)/", self.url)[1]
        if permit:
            self.permit(**{key: value for key, value in given.items() if key == "Qualifier"})

    def permit(self, **given):
        self.account.awslambda.add_permission(
            FunctionName="f", StatementId="url", Action="lambda:InvokeFunctionUrl", Principal="*",
            FunctionUrlAuthType="NONE", **given,
        )  # fmt: skip

    def get(self, path="/", method="GET", body=None, headers=None):
        return self.account.request(method, self.host, path, body, headers)

    def signed(self, credentials, path="/"):
        request = AWSRequest("GET", f"https://{self.host}{path}")
        SigV4Auth(credentials, "lambda", "us-east-1").add_auth(request)
        return self.get(path, headers=dict(request.headers.items()))


def test_the_event(served):
    served.function(ECHO)
    url = Url(served)
    headers = [("One", "1"), ("one", "2"), ("Cookie", "a=1; b=2"), ("User-Agent", "me")]
    answered = url.get("/a%20b/c?q=1&r=%C3%A9&q=2+3", headers=headers)
    event = answered.json["event"]
    context = event.pop("requestContext")
    assert event["headers"].pop("x-amzn-trace-id").startswith("Root=1-")
    assert event == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/a%20b/c",
        "rawQueryString": "q=1&r=%C3%A9&q=2+3",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "one": "1,2", "user-agent": "me", "host": url.host, "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "443", "x-forwarded-proto": "https", "x-amzn-tls-version": "TLSv1.3",
            "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256",
        },
        "queryStringParameters": {"q": "1,2 3", "r": "é"},
        "isBase64Encoded": False,
    }  # fmt: skip
    assert context.pop("requestId") == answered.headers["x-amzn-RequestId"] == answered.json["request"]
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", context.pop("time"))
    assert isinstance(context.pop("timeEpoch"), int)
    url_id = url.host.partition(".")[0]
    assert context == {
        "accountId": "anonymous", "apiId": url_id, "domainName": url.host, "domainPrefix": url_id,
        "http": {
            "method": "GET", "path": "/a b/c", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "me",
        },
        "routeKey": "$default", "stage": "$default",
    }  # fmt: skip


def test_what_a_handler_returns_is_answered(served):
    served.function(RETURN)
    url = Url(served)
    for returned, status, body in [
        ({"hello": "world"}, 200, b'{"hello":"world"}'),
        (["hello", 3, True], 200, b'["hello",3,true]'),
        ("hello", 200, b"hello"),
        (3.1, 200, b"3.1"),
        (True, 200, b"true"),
        ({"statusCode": 200, "body": "body123"}, 200, b"body123"),
        ({"statusCode": 200, "body": '{"hello": "world"}'}, 200, b'{"hello": "world"}'),
        ({"statusCode": "418"}, 418, b""),
        ({"statusCode": 200, "body": "iVD/", "isBase64Encoded": True}, 200, b"\x89P\xff"),
    ]:
        answered = url.get(method="POST", body=json.dumps(returned).encode())
        assert (answered.status, answered.body) == (status, body), returned
        assert answered.headers["Content-Type"] == "application/json"
    cookies = {"statusCode": 302, "cookies": ["a=1", "b=2"], "headers": {"Location": "/there"}}
    answered = url.get(method="POST", body=json.dumps(cookies).encode())
    assert (answered.status, answered.headers["Location"]) == (302, "/there")
    assert answered.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_what_fails(served):
    served.function("def lambda_handler(event, context):\n    raise ValueError('no')\n")
    url = Url(served)
    assert (url.get().status, url.get().body) == (502, b"Internal Server Error")
    assert url.get(method="POST", body=b"x" * 6_300_000).status == 413
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    assert url.get().status == 429
    unknown = served.request("GET", "0123456789abcdef0123456789abcdef.lambda-url.us-east-1.on.aws")
    assert (unknown.status, unknown.json) == (403, {"Message": None})
    assert unknown.headers["x-amzn-ErrorType"] == "AccessDeniedException"


def test_nobody_may_call_it_without_permission(served):
    served.function(ECHO)
    url = Url(served, permit=False)
    for permitted in ({"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "AWS_IAM"}, None):
        answered = url.get()
        assert (answered.status, answered.json) == (403, FORBIDDEN)
        assert answered.headers["x-amzn-ErrorType"] == "AccessDeniedException"
        if permitted:
            served.awslambda.add_permission(FunctionName="f", StatementId="other", Principal="*", **permitted)
    assert "Principal='*', FunctionUrlAuthType='NONE') does." in served.complaints()
    url.permit()
    assert url.get().status == 200


def test_an_alias_has_its_own_url_and_permission(served):
    served.function(ECHO)
    served.awslambda.publish_version(FunctionName="f")
    served.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    url = Url(served, permit=False, Qualifier="live")
    assert url.get().status == 403
    url.permit(Qualifier="live")
    assert url.get().status == 200
    served.awslambda.delete_alias(FunctionName="f", Name="live")
    assert url.get().status == 403


def test_a_url_for_signed_requests(served):
    arn = served.function(ECHO)
    url = Url(served, auth="AWS_IAM", permit=False)
    assert (url.get().status, url.get().json) == (403, FORBIDDEN)
    owner = url.signed(Credentials("AKIATESTER", "invented")).json["event"]["requestContext"]
    assert owner["accountId"] == owner["authorizer"]["iam"]["accountId"] == ACCOUNT
    may = served.role(name="may", allow=[{"Action": "lambda:InvokeFunctionUrl", "Resource": arn}])
    found = {}
    for role in (may, served.role(name="maynot")):
        given = served.sts.assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
        found[role] = url.signed(
            Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]), "/x"
        )
    assert [answered.status for answered in found.values()] == [200, 403]
    identity = found[may].json["event"]["requestContext"]["authorizer"]["iam"]
    assert identity["userArn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/may/me"
    assert set(identity) == {
        "accessKey", "accountId", "callerId", "cognitoIdentity", "principalOrgId", "userArn", "userId",
    }  # fmt: skip


def test_cors_is_answered_by_configuration(served):
    served.function(ECHO)
    url = Url(served, Cors={"AllowOrigins": ["https://a.example"], "AllowMethods": ["PUT"], "AllowCredentials": True})
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "PUT"}
    answered = url.get(method="OPTIONS", headers=asked)
    assert (answered.status, answered.body) == (200, b"")
    assert answered.headers["access-control-allow-origin"] == "https://a.example"
    assert answered.headers["access-control-allow-methods"] == "PUT"
    assert url.get(headers={"Origin": "https://a.example"}).headers["access-control-allow-credentials"] == "true"
    other = url.get(headers={"Origin": "https://b.example"})
    assert (other.status, other.headers["access-control-allow-origin"]) == (200, None)


@needs_node
def test_a_streamed_response_comes_while_the_function_runs(served):
    code = """
exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
  stream = awslambda.HttpResponseStream.from(stream, {statusCode: 201, headers: {"x-one": "1"}, cookies: ["a=b"]});
  stream.write("first ");
  const go = `${process.env.AWS_ENDPOINT_URL}/bucket/go`;
  while ((await fetch(go)).status !== 200) await new Promise((next) => setTimeout(next, 20));
  stream.end("second");
});
"""
    served.s3.create_bucket(Bucket="bucket")
    served.function({"index.js": code}, Runtime="nodejs22.x", Handler="index.handler")
    url = Url(served, InvokeMode="RESPONSE_STREAM")
    connection = HTTPConnection(served.endpoint.removeprefix("http://"), timeout=60)
    connection.request("GET", "/", headers={"Host": url.host})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["x-one"], answer.headers["Set-Cookie"]) == (201, "1", "a=b")
    assert answer.read(6) == b"first "
    served.s3.put_object(Bucket="bucket", Key="go", Body=b"", ACL="public-read")
    assert answer.read() == b"second"
    connection.close()
    assert served.invoke("f", {}).body.endswith(b"second")


@needs_node
def test_a_stream_that_fails(served):
    code = """
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  if (event.rawPath === "/typed") { stream.setContentType("text/csv"); stream.end("a,b"); return; }
  if (event.rawPath === "/half") { stream.write("half"); await new Promise((next) => setTimeout(next, 50)); }
  throw new Error("no");
});
"""
    served.function({"index.js": code}, Runtime="nodejs22.x", Handler="index.handler")
    url = Url(served, InvokeMode="RESPONSE_STREAM")
    assert url.get("/typed").headers["Content-Type"] == "text/csv" and url.get("/typed").body == b"a,b"
    assert (url.get("/").status, url.get("/").body) == (502, b"Internal Server Error")
    with pytest.raises((IncompleteRead, ConnectionError)):
        url.get("/half")
    assert url.get("/typed").body == b"a,b"
    assert (url.get("/typed", "HEAD").status, url.get("/typed", "HEAD").body) == (200, b"")


@needs_curl
def test_what_a_runtime_of_ones_own_answers_need_not_be_json(served):
    bootstrap = ZipInfo("bootstrap")
    bootstrap.external_attr = 0o755 << 16
    served.function({bootstrap: SHELL}, Runtime="provided.al2023", Handler="any")
    url = Url(served)
    assert (url.get().status, url.get().body) == (502, b"Internal Server Error")
    served.awslambda.update_function_url_config(FunctionName="f", InvokeMode="RESPONSE_STREAM")
    assert (url.get().status, url.get().body) == (200, b"plain text")


def test_a_streaming_url_gives_what_an_ordinary_handler_returns_as_it_is(served):
    served.function(ECHO)
    answered = Url(served, InvokeMode="RESPONSE_STREAM").get()
    assert answered.headers["Content-Type"] == "application/octet-stream"
    assert set(answered.json) == {"statusCode", "body"}


def test_no_permission_is_needed_where_roles_are_not_evaluated(serve):
    account = serve("--no-iam")
    account.function(ECHO)
    assert Url(account, permit=False).get().status == 200
