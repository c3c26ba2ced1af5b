"""Who may call an API: Lambda authorizers of REST and HTTP APIs, signed requests, tokens."""

from __future__ import annotations

import base64
import json
import time

import pytest
from apis import ACCOUNT, HttpApi, RestApi
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ECHO = """
import json
def lambda_handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"].get("authorizer"))}
"""
AUTHORIZER = """
import json
def lambda_handler(event, context):
    print("ASKED", json.dumps(event))
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    token = event.get("authorizationToken") or headers["authorization"]
    if token == "nobody":
        raise Exception("Unauthorized")
    if token == "broken":
        return {"principalId": 3}
    arn = event.get("methodArn") or event["routeArn"]
    effect = "Deny" if token == "deny" else "Allow"
    resource = "arn:aws:execute-api:*/none" if token == "other" else arn
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "me", "policyDocument": policy, "context": {"n": 1, "yes": True, "text": "a"}}
"""
SIMPLE = """
def lambda_handler(event, context):
    return {"isAuthorized": event["identitySource"] == ["good", "b"], "context": {"list": "x", "n": 1}}
"""


def asked(account):
    return [json.loads(line.removeprefix("ASKED ")) for line in account.messages("auth") if line.startswith("ASKED ")]


def uri(name="auth"):
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"


def signed(api, credentials, path):
    request = AWSRequest("GET", f"https://{api.host}{path}")
    SigV4Auth(credentials, "execute-api", "us-east-1").add_auth(request)
    return api.get(path, headers=dict(request.headers.items()))


def role_credentials(account, name, **allowed):
    given = account.sts.assume_role(RoleArn=account.role(name=name, **allowed), RoleSessionName="me")["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


@pytest.fixture
def rest(served):
    """`rest(kind, **given)`: a REST API with a Lambda authorizer of this kind, deployed as dev."""

    def make(kind, **given):
        served.function(ECHO)
        served.function(AUTHORIZER, "auth")
        api = RestApi(served).permit()
        authorizer = api.client.create_authorizer(
            restApiId=api.id, name="auth", type=kind, authorizerUri=uri(), **given
        )["id"]
        api.method("GET", "/{id}", authorizationType="CUSTOM", authorizerId=authorizer).deploy()
        api.permit(f"/authorizers/{authorizer}", function="auth")
        return api

    return make


def test_a_token_authorizer_of_a_rest_api(rest, served):
    api = rest("TOKEN", identitySource="method.request.header.Authorization", identityValidationExpression="[a-z]+")
    answered = api.get("/dev/1", headers={"Authorization": "good"})
    authorizer = answered.json
    assert isinstance(authorizer.pop("integrationLatency"), int)
    assert (answered.status, authorizer) == (200, {"principalId": "me", "n": "1", "yes": "true", "text": "a"})
    assert asked(served) == [
        {"type": "TOKEN", "authorizationToken": "good", "methodArn": f"{api.arn}/dev/GET/1"}
    ]  # fmt: skip
    for token, status, body, error in [
        ("deny", 403, {"Message": "User is not authorized to access this resource with an explicit deny"},
         "AccessDeniedException"),
        ("other", 403, {"Message": "User is not authorized to access this resource"}, "AccessDeniedException"),
        ("nobody", 401, {"message": "Unauthorized"}, "UnauthorizedException"),
        ("NOT valid", 401, {"message": "Unauthorized"}, "UnauthorizedException"),
        ("broken", 500, {"message": None}, "AuthorizerConfigurationException"),
    ]:  # fmt: skip
        answered = api.get("/dev/1", headers={"Authorization": token})
        found = answered.status, answered.json, answered.headers["x-amzn-ErrorType"]
        assert found == (status, body, error), token
    assert api.get("/dev/1").status == 401
    assert "it has to return an object with principalId, a string, and policyDocument" in served.complaints()


def test_results_are_kept_for_their_time(rest, served):
    api = rest("TOKEN", identitySource="method.request.header.Authorization", authorizerResultTtlInSeconds=60)
    for path, status in [("/dev/1", 200), ("/dev/1", 200), ("/dev/2", 403)]:  # the policy names the first path only
        assert api.get(path, headers={"Authorization": "good"}).status == status
    assert len(asked(served)) == 1
    served.advance(61)
    assert api.get("/dev/2", headers={"Authorization": "good"}).status == 200
    assert len(asked(served)) == 2


def test_a_request_authorizer_of_a_rest_api(rest, served):
    api = rest(
        "REQUEST", identitySource="method.request.header.Authorization, method.request.querystring.q",
        authorizerResultTtlInSeconds=0,
    )  # fmt: skip
    assert api.get("/dev/1", headers={"Authorization": "good"}).status == 401
    assert api.get("/dev/1?q=1", headers={"Authorization": "good"}).status == 200
    (event,) = asked(served)
    assert (event["type"], event["methodArn"], event["resource"]) == ("REQUEST", f"{api.arn}/dev/GET/1", "/{id}")
    assert event["pathParameters"] == {"id": "1"} and event["requestContext"]["stage"] == "dev"
    assert not {"body", "isBase64Encoded"} & set(event)
    served.awslambda.remove_permission(FunctionName="auth", StatementId="api")
    assert api.get("/dev/1?q=1", headers={"Authorization": "good"}).status == 500


def test_a_signed_request_to_a_rest_api(served):
    served.function(ECHO.replace('event["requestContext"].get("authorizer")', 'event["requestContext"]["identity"]'))
    api = RestApi(served).method("GET", "/a", authorizationType="AWS_IAM").permit()
    api.deploy()
    unsigned = api.get("/dev/a")
    assert (unsigned.status, unsigned.json) == (403, {"message": "Missing Authentication Token"})
    may = role_credentials(served, "may", allow=[{"Action": "execute-api:Invoke", "Resource": f"{api.arn}/dev/GET/a"}])
    answered = signed(api, may, "/dev/a")
    assert answered.json["userArn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/may/me"
    refused = signed(api, role_credentials(served, "maynot"), "/dev/a")
    assert refused.status == 403
    assert refused.json["Message"].endswith(f"perform: execute-api:Invoke on resource: {api.arn}/dev/GET/a")
    assert signed(api, Credentials("AKIATESTER", "invented"), "/dev/a").json["accountId"] == ACCOUNT


def http(account, *, code, function="auth", payload="2.0", **given):
    """An HTTP API with an authorizer for `GET /{id}`."""
    account.function(ECHO)
    account.function(code, function)
    api = HttpApi(account).stage("dev").permit()
    authorizer = api.client.create_authorizer(
        ApiId=api.id, Name="auth", AuthorizerType="REQUEST", AuthorizerUri=uri(function),
        AuthorizerPayloadFormatVersion=payload, **given,
    )["AuthorizerId"]  # fmt: skip
    api.permit(f"/authorizers/{authorizer}", function=function)
    return api.route("GET /{id}", AuthorizationType="CUSTOM", AuthorizerId=authorizer)


def test_a_simple_response_of_an_http_api_authorizer(served):
    sources = ["$request.header.Authorization", "$request.querystring.q"]
    api = http(served, code=SIMPLE, EnableSimpleResponses=True, IdentitySource=sources)
    answered = api.get("/dev/1?q=b", headers={"Authorization": "good"})
    assert (answered.status, answered.json) == (200, {"lambda": {"list": "x", "n": 1}})
    for path, token, status, message in [
        ("/dev/1?q=b", "bad", 403, "Forbidden"), ("/dev/1", "good", 401, "Unauthorized"),
    ]:  # fmt: skip
        answered = api.get(path, headers={"Authorization": token})
        assert (answered.status, answered.json) == (status, {"message": message})


@pytest.mark.parametrize("payload", ["1.0", "2.0"])
def test_a_policy_of_an_http_api_authorizer(served, payload):
    api = http(served, code=AUTHORIZER, payload=payload, IdentitySource=["$request.header.Authorization"])
    answered = api.get("/dev/1", headers={"Authorization": "good"})
    assert answered.json == {"lambda": {"principalId": "me", "n": 1, "yes": True, "text": "a"}}
    (event,) = asked(served)
    arn = f"{api.arn}/dev/GET/1"
    if payload == "1.0":
        named = {"methodArn": arn, "identitySource": "good", "authorizationToken": "good"}
    else:
        named = {"routeArn": arn, "identitySource": ["good"]}
    assert named.items() <= event.items() and (event["version"], event["type"]) == (payload, "REQUEST")
    for token, status in [("deny", 403), ("broken", 500)]:
        assert api.get("/dev/1", headers={"Authorization": token}).status == status


def token(**claims):
    parts = [{"alg": "none"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return "Bearer " + ".".join([*encoded, "signature"])


def test_a_token_for_an_http_api(served):
    served.function(ECHO)
    api = HttpApi(served).stage().permit()
    authorizer = api.client.create_authorizer(
        ApiId=api.id, Name="jwt", AuthorizerType="JWT", IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": "https://issuer.example", "Audience": ["me"]},
    )["AuthorizerId"]  # fmt: skip
    api.route("GET /", AuthorizationType="JWT", AuthorizerId=authorizer, AuthorizationScopes=["read"])
    good = {"iss": "https://issuer.example", "aud": "me", "exp": int(time.time()) + 600, "scope": "read write"}
    answered = api.get("/", headers={"Authorization": token(**good)})
    told = {name: str(value) for name, value in good.items()}
    assert answered.json == {"jwt": {"claims": told, "scopes": ["read"]}}
    for changed, status in [
        ({"iss": "https://other.example"}, 401), ({"aud": "you"}, 401), ({"exp": 1}, 401), ({"scope": "write"}, 403),
    ]:  # fmt: skip
        assert api.get("/", headers={"Authorization": token(**(good | changed))}).status == status, changed
    assert api.get("/").status == api.get("/", headers={"Authorization": "Bearer x"}).status == 401
    served.advance(601)
    assert api.get("/", headers={"Authorization": token(**good)}).status == 401
    assert "its signature is not verified" in served.complaints()


def test_a_signed_request_to_an_http_api(served):
    served.function(ECHO)
    api = HttpApi(served).stage().route("GET /a", AuthorizationType="AWS_IAM").permit()
    assert (api.get("/a").status, api.get("/a").json) == (403, {"message": "Forbidden"})
    may = role_credentials(served, "may", allow=[{"Action": "execute-api:Invoke", "Resource": f"{api.arn}/*/GET/a"}])
    assert signed(api, may, "/a").json["iam"]["userArn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/may/me"
    assert signed(api, role_credentials(served, "maynot"), "/a").status == 403
