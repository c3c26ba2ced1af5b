"""REST APIs: requests to `ID.execute-api…` reach the handler as AWS's event, and its answer is read as AWS reads it."""

from __future__ import annotations

import base64
import json
import re

import pytest
from apis import ACCOUNT, RestApi
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


@pytest.fixture
def make_api(served):
    """`make_api(code)`: function f behind all paths of an API, with permission."""

    def make(code=ECHO, path="/{proxy+}", name="ANY", integration=None, **given):
        served.function(code)
        api = RestApi(served, **given).method(name, path, integration=integration).permit()
        api.deploy()
        return api

    return make


def test_the_event(make_api):
    api = make_api()
    headers = [("tEsT", "1"), ("tEsT", "2"), ("User-Agent", "me")]
    event = api.get("/dev/a/b%20c/?q=1&r=%C3%A9&q=2+3", headers=headers).json
    context = event.pop("requestContext")
    trace = event["headers"].pop("X-Amzn-Trace-Id")
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}.*", trace)
    assert event.pop("multiValueHeaders") == {
        "tEsT": ["1", "2"], "User-Agent": ["me"], "Host": [api.host], "X-Amzn-Trace-Id": [trace],
        "X-Forwarded-For": ["127.0.0.1"], "X-Forwarded-Port": ["443"], "X-Forwarded-Proto": ["https"],
    }  # fmt: skip
    assert event == {
        "resource": "/{proxy+}",
        "path": "/a/b%20c/",
        "httpMethod": "GET",
        "headers": {
            "tEsT": "2", "User-Agent": "me", "Host": api.host, "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Port": "443", "X-Forwarded-Proto": "https",
        },
        "queryStringParameters": {"q": "2 3", "r": "é"},
        "multiValueQueryStringParameters": {"q": ["1", "2 3"], "r": ["é"]},
        "pathParameters": {"proxy": "a/b%20c"},
        "stageVariables": None,
        "body": None,
        "isBase64Encoded": False,
    }  # fmt: skip
    identity = context.pop("identity")
    assert (identity.pop("sourceIp"), identity.pop("userAgent")) == ("127.0.0.1", "me")
    assert set(identity) == {
        "cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "principalOrgId", "accessKey",
        "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "user",
    } and not any(identity.values())  # fmt: skip
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", context.pop("requestTime"))
    assert isinstance(context.pop("requestTimeEpoch"), int)
    assert all(context.pop(name) for name in ("requestId", "extendedRequestId", "deploymentId"))
    assert context == {
        "resourceId": api.resources["/{proxy+}"], "resourcePath": "/{proxy+}", "httpMethod": "GET",
        "path": "/dev/a/b%20c/", "accountId": ACCOUNT, "protocol": "HTTP/1.1", "stage": "dev", "domainPrefix": api.id,
        "domainName": api.host, "apiId": api.id,
    }  # fmt: skip


def test_a_body_is_text_unless_its_media_type_is_binary(make_api):
    api = make_api(binaryMediaTypes=["image/png"])
    text = api.get(method="POST", body=b'{"a": "\xc3\xa9"}', headers={"Content-Type": "application/json"}).json
    assert (text["body"], text["isBase64Encoded"]) == ('{"a": "é"}', False)
    assert "Content-Length" not in text["headers"]
    binary = api.get(method="PUT", body=b"\x89PNG\xff", headers={"Content-Type": "image/png"}).json
    assert (base64.b64decode(binary["body"]), binary["isBase64Encoded"]) == (b"\x89PNG\xff", True)
    api.client.update_rest_api(
        restApiId=api.id, patchOperations=[{"op": "add", "path": "/binaryMediaTypes/application~1json"}]
    )
    assert api.client.get_rest_api(restApiId=api.id)["binaryMediaTypes"] == ["image/png", "application/json"]


def test_what_a_handler_returns_is_answered(make_api):
    api = make_api(RETURN)
    for returned, status, body in [
        ({"statusCode": 200}, 200, b""),
        ({"statusCode": "201", "body": "made"}, 201, b"made"),
        ({"headers": None, "body": "x"}, 200, b"x"),
        ({"headers": {"a": True}}, 200, b""),
        ({"statusCode": 404, "body": json.dumps({"error": "no such pet"})}, 404, b'{"error": "no such pet"}'),
        ({"statusCode": 200, "body": "aGk=", "isBase64Encoded": True}, 200, b"aGk="),
    ]:
        answered = api.get(method="POST", body=json.dumps(returned).encode())
        assert (answered.status, answered.body) == (status, body), returned
        assert answered.headers["Content-Type"] == "application/json"
        assert {"x-amzn-RequestId", "x-amz-apigw-id", "X-Amzn-Trace-Id"} <= set(answered.headers)


def test_what_is_no_proxy_response_is_a_bad_gateway(make_api, served):
    api = make_api(RETURN)
    for returned in [
        {}, {"statusCode": 200, "wrong": 1}, {"statusCode": "test"}, {"multiValueHeaders": {"a": "b"}},
        {"statusCode": 200, "body": {"a": 1}}, {"statusCode": 9}, "text", ["list"], 3, None,
    ]:  # fmt: skip
        answered = api.get(method="POST", body=json.dumps(returned).encode())
        assert (answered.status, answered.json) == (502, {"message": "Internal server error"}), returned
        assert answered.headers["x-amzn-ErrorType"] == "InternalServerErrorException"
    assert 'body is {"a": 1}; it has to be a string (json.dumps makes one)' in served.complaints()


def test_headers_cookies_and_bytes_come_back(make_api):
    returned = {
        "headers": {"X-One": "1", "Both": "a", "Server": "mine"},
        "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"], "both": ["a", "b"]},
        "body": base64.b64encode(b"\x89\xff").decode(), "isBase64Encoded": True,
    }  # fmt: skip
    api = make_api(f"def lambda_handler(event, context):\n    return {returned}", binaryMediaTypes=["image/*"])
    answered = api.get(headers={"Accept": "image/png, text/html"})
    assert answered.body == b"\x89\xff"
    assert answered.headers["X-One"] == "1"
    assert answered.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert answered.headers.get_all("both") == ["a", "b"]
    assert answered.headers["x-amzn-Remapped-Server"] == "mine"
    assert api.get(headers={"Accept": "text/html, image/png"}).body == b"if8="


def test_a_function_that_fails_or_answers_too_much(make_api):
    code = """
def lambda_handler(event, context):
    if event["path"] == "/large":
        return {"body": "x" * 6_300_000}
    raise ValueError("no")
"""
    api = make_api(code)
    for path in ("/dev/x", "/dev/large"):
        assert (api.get(path).status, api.get(path).json) == (502, {"message": "Internal server error"})


def test_a_slow_function_is_not_waited_for_and_runs_on(make_api, served, eventually):
    code = "import time\ndef lambda_handler(event, context):\n    time.sleep(0.5)\n    print('finished')"
    answered = make_api(code, integration={"timeoutInMillis": 100}).get()
    assert (answered.status, answered.json) == (504, {"message": "Endpoint request timed out"})
    eventually(lambda: "finished\n" in served.messages())


def test_a_timeout_that_aws_does_not_take(served):
    served.function(ECHO)
    for milliseconds in (49, 29001):
        with pytest.raises(ClientError, match=r"BadRequestException.*Timeout should be between 50 ms and 29000 ms"):
            RestApi(served).method(integration={"timeoutInMillis": milliseconds})


def test_without_permission_the_api_may_not_invoke(served):
    served.function(ECHO)
    api = RestApi(served).method().method(path="/gone", function="gone")
    api.deploy()
    for path in ("/dev/x", "/dev/gone"):
        answered = api.get(path)
        assert (answered.status, answered.json) == (500, {"message": "Internal server error"})
    told = served.complaints()
    assert f"rest-api could not invoke arn:aws:lambda:us-east-1:{ACCOUNT}:function:gone: there is none." in told
    assert f"Principal='apigateway.amazonaws.com' and SourceArn='{api.arn}/dev/GET/*' allows it." in told
    api.permit("/dev/GET/*")
    assert api.get().status == 200
    assert api.get(method="POST").status == 500


def test_a_role_of_the_integration_permits_instead(served):
    served.function(ECHO)
    allowed = served.role(name="caller", allow=[{"Action": "lambda:InvokeFunction", "Resource": "*"}])
    api = RestApi(served).method(integration={"credentials": allowed})
    api.method("POST", integration={"credentials": served.role(name="other")})
    api.deploy()
    assert (api.get().status, api.get(method="POST").status) == (200, 500)


def test_the_most_specific_resource_is_chosen(served):
    served.function(ECHO)
    api = RestApi(served).permit()
    for path in ("/{proxy+}", "/pets/{id}", "/pets/dog", "/pets/{id}/toys"):
        api.method("GET", path)
    api.deploy()
    for path, resource, parameters in [
        ("/pets/dog", "/pets/dog", None),
        ("/pets/cat/", "/pets/{id}", {"id": "cat"}),
        ("/pets/dog/toys", "/pets/{id}/toys", {"id": "dog"}),
        ("/pets", "/{proxy+}", {"proxy": "pets"}),
        ("/pets/dog/toys/1", "/{proxy+}", {"proxy": "pets/dog/toys/1"}),
        ("//pets/dog", "/pets/dog", None),
    ]:
        event = api.get(f"/dev{path}").json
        assert (event["resource"], event["pathParameters"]) == (resource, parameters), path
    missing = {"message": "Missing Authentication Token"}
    for method, path in [("POST", "/dev/pets/dog"), ("GET", "/dev"), ("GET", "/dev/")]:
        answered = api.get(path, method)
        assert (answered.status, answered.json) == (403, missing)
        assert answered.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


def test_what_is_not_deployed_is_forbidden(served):
    served.function(ECHO)
    api = RestApi(served).method("GET", "/a").permit()
    assert (api.get("/dev/a").status, api.get("/dev/a").json) == (403, {"message": "Forbidden"})
    api.deploy()
    assert api.get("/dev/a").status == 200
    api.method("GET", "/b")
    assert api.get("/dev/b").status == 403
    api.deploy()
    assert api.get("/dev/b").status == 200
    other = served.request("GET", "nosuchapi1.execute-api.us-east-1.amazonaws.com", "/dev/a")
    assert (other.status, other.json) == (403, {"message": "Forbidden"})


def test_stage_variables_choose_the_function_and_outlive_a_deployment(served):
    for name in ("one", "two"):
        served.function(f"def lambda_handler(event, context):\n    return {{'body': '{name}'}}", name=name)
    api = RestApi(served).method(function="${stageVariables.which}").permit(function="one").permit(function="two")
    api.deploy(variables={"which": "one"})
    api.deploy("prod", variables={"which": "two"})
    api.deploy()
    assert (api.get("/dev/x").body, api.get("/prod/x").body) == (b"one", b"two")


def test_a_mock_integration_answers_a_preflight(served):
    served.function(ECHO)
    api = RestApi(served).method("GET", "/a").permit()
    preflight = {"type": "MOCK", "requestTemplates": {"application/json": "{ statusCode: 200 }"}}
    api.method("OPTIONS", "/a", integration=preflight)
    where = {"restApiId": api.id, "resourceId": api.resource("/a"), "httpMethod": "OPTIONS", "statusCode": "200"}
    api.client.put_method_response(**where)
    api.client.put_integration_response(
        **where, responseTemplates={"application/json": ""},
        responseParameters={"method.response.header.Access-Control-Allow-Origin": "'https://a.example'"},
    )  # fmt: skip
    api.deploy()
    answered = api.get("/dev/a", "OPTIONS", headers={"Origin": "https://a.example"})
    assert (answered.status, answered.body) == (200, b"")
    assert answered.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert "Access-Control-Allow-Origin" not in api.get("/dev/a").headers


def test_a_custom_integration(served, eventually):
    code = """
def lambda_handler(event, context):
    print("GOT", event)
    if event.get("fail"):
        raise ValueError("Not found: " + event["fail"])
    return {"got": event}
"""
    served.function(code)
    api = RestApi(served).permit()
    given = {"type": "AWS", "passthroughBehavior": "WHEN_NO_MATCH"}
    api.method("POST", "/a", integration=given)
    later = given | {"requestParameters": {"integration.request.header.X-Amz-Invocation-Type": "'Event'"}}
    api.method("POST", "/later", integration=later)
    api.method("POST", "/templated", integration=given | {"requestTemplates": {"application/json": '{"a": "fixed"}'}})
    vtl = {"requestTemplates": {"application/json": "$input.json('$')"}, "passthroughBehavior": "NEVER"}
    api.method("POST", "/vtl", integration=given | vtl)
    for path in ("/a", "/later", "/templated", "/vtl"):
        where = {"restApiId": api.id, "resourceId": api.resource(path), "httpMethod": "POST"}
        api.client.put_integration_response(
            **where, statusCode="200", responseParameters={"method.response.header.X-One": "'1'"}
        )
        api.client.put_integration_response(**where, statusCode="404", selectionPattern="Not found.*")
    api.deploy()
    answered = api.get("/dev/a", "POST", b'{"x": 1}')
    assert (answered.status, answered.json, answered.headers["X-One"]) == (200, {"got": {"x": 1}}, "1")
    failed = api.get("/dev/a", "POST", b'{"fail": "it"}')
    assert (failed.status, failed.json["errorMessage"]) == (404, "Not found: it")
    assert api.get("/dev/templated", "POST", b"{}").json == {"got": {"a": "fixed"}}
    assert (api.get("/dev/later", "POST", b'{"later": 1}').status, answered.status) == (200, 200)
    eventually(lambda: any("GOT {'later': 1}" in line for line in served.messages()))
    assert api.get("/dev/a", "POST", b"no json").status == 400
    assert api.get("/dev/vtl", "POST", b"{}").status == 500
    assert "labkit fills in no mapping templates" in served.complaints()
    unsupported = api.get("/dev/vtl", "POST", b"a", {"Content-Type": "text/plain"})
    assert (unsupported.status, unsupported.json) == (415, {"message": "Unsupported Media Type"})


def test_api_keys(served):
    served.function(ECHO)
    api = RestApi(served).method(apiKeyRequired=True).permit()
    api.deploy()
    key = api.client.create_api_key(name="key", enabled=True)
    plan = api.client.create_usage_plan(name="plan", apiStages=[{"apiId": api.id, "stage": "dev"}])
    assert api.get(headers={"x-api-key": key["value"]}).status == 403
    api.client.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    assert api.get(headers={"x-api-key": key["value"]}).status == 200
    assert (api.get().status, api.get().json) == (403, {"message": "Forbidden"})


def test_gateway_responses_change_what_the_api_answers_itself(served):
    served.function(ECHO)
    api = RestApi(served).method("GET", "/a").permit()
    api.client.put_gateway_response(
        restApiId=api.id, responseType="DEFAULT_4XX",
        responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
        responseTemplates={"application/json": '{"why": $context.error.messageString}'},
    )  # fmt: skip
    api.deploy()
    answered = api.get("/dev/b")
    assert (answered.status, answered.json) == (403, {"why": "Missing Authentication Token"})
    assert answered.headers["Access-Control-Allow-Origin"] == "*"


def test_too_large_a_request(make_api):
    api = make_api()
    for size in (6_400_000, 10 * 2**20 + 1):
        answered = api.get(method="POST", body=b"x" * size)
        assert (answered.status, answered.json) == (413, {"message": "Request Too Long"})


def test_a_chunked_body_and_a_url_that_a_browser_opens(make_api, served):
    api = make_api()
    chunked = served.request(
        "POST", api.host, "/dev/x", headers={"Transfer-Encoding": "chunked"}, chunks=[b"ab", b"cd"]
    )
    assert chunked.json["body"] == "abcd"
    event = served.request("GET", "", f"/_labkit/http/{api.host}/dev/a%2Fb?q=1").json
    assert (event["path"], event["queryStringParameters"]) == ("/a%2Fb", {"q": "1"})
    assert event["headers"]["Host"] == event["requestContext"]["domainName"] == api.host
