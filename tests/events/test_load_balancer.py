"""Application Load Balancers: a request reaches the function that is a target; its answer is read as ALB reads it."""

from __future__ import annotations

import base64
import json

import pytest
from botocore.exceptions import ClientError

ECHO = """
import json
def lambda_handler(event, context):
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(event)}
"""
RETURN = """
import json
def lambda_handler(event, context):
    return json.loads(event["body"])
"""
PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"


class Balancer:
    """A balancer with a listener on port 80, whose default is to forward to function f."""

    def __init__(self, account, *, permit=True, register=True):
        self.account = account
        self.client = account.elbv2
        subnet = account.ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        created = self.client.create_load_balancer(Name="web", Subnets=[subnet])["LoadBalancers"][0]
        self.arn, self.host = created["LoadBalancerArn"], created["DNSName"]
        self.group = self.client.create_target_group(Name="f", TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
        self.function_arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
        if permit:
            self.permit()
        if register:
            self.register()
        self.forward = [{"Type": "forward", "TargetGroupArn": self.group}]
        self.listener = self.listen(80)

    def listen(self, port):
        made = self.client.create_listener(
            LoadBalancerArn=self.arn, Protocol="HTTP", Port=port, DefaultActions=self.forward
        )
        return made["Listeners"][0]["ListenerArn"]

    def permit(self):
        self.account.awslambda.add_permission(
            FunctionName="f", StatementId="elb", Action="lambda:InvokeFunction",
            Principal="elasticloadbalancing.amazonaws.com", SourceArn=self.group,
        )  # fmt: skip

    def register(self):
        self.client.register_targets(TargetGroupArn=self.group, Targets=[{"Id": self.function_arn}])

    def rule(self, priority, conditions, *actions):
        self.client.create_rule(
            ListenerArn=self.listener, Priority=priority, Conditions=conditions, Actions=list(actions) or self.forward
        )

    def get(self, path="/", method="GET", body=None, headers=None):
        return self.account.request(method, self.host, path, body, headers)


def fixed(text):
    config = {"StatusCode": "200", "MessageBody": text, "ContentType": "text/plain"}
    return {"Type": "fixed-response", "FixedResponseConfig": config}


def test_the_event(served):
    served.function(ECHO)
    balancer = Balancer(served)
    event = balancer.get("/a%20b/?q=1&r=%C3%A9&q=2+3", headers=[("One", "1"), ("one", "2"), ("User-Agent", "me")]).json
    assert event["headers"].pop("x-amzn-trace-id").startswith("Root=1-")
    assert event == {
        "requestContext": {"elb": {"targetGroupArn": balancer.group}},
        "httpMethod": "GET",
        "path": "/a%20b/",
        "queryStringParameters": {"q": "2+3", "r": "%C3%A9"},
        "headers": {
            "one": "2", "user-agent": "me", "host": balancer.host, "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "80", "x-forwarded-proto": "http",
        },
        "body": "",
        "isBase64Encoded": False,
    }  # fmt: skip
    assert balancer.get().json["queryStringParameters"] == {}


def test_several_values_where_the_target_group_has_them(served):
    served.function(
        ECHO.replace('"headers": {"Content-Type": "application/json"}', '"multiValueHeaders": {"a": ["1", "2"]}')
    )
    balancer = Balancer(served)
    several = [{"Key": "lambda.multi_value_headers.enabled", "Value": "true"}]
    balancer.client.modify_target_group_attributes(TargetGroupArn=balancer.group, Attributes=several)
    answered = balancer.get("/?q=1&q=2", headers=[("One", "1"), ("one", "2")])
    assert answered.headers.get_all("a") == ["1", "2"]
    assert answered.json["multiValueQueryStringParameters"] == {"q": ["1", "2"]}
    assert answered.json["multiValueHeaders"]["one"] == ["1", "2"]
    assert not {"headers", "queryStringParameters"} & set(answered.json)


def test_a_body_is_text_or_base64_by_its_media_type(served):
    served.function(ECHO)
    balancer = Balancer(served)
    for media_type, is_text in [("application/json", True), ("text/csv; charset=x", True), ("image/png", False)]:
        event = balancer.get("/", "POST", b"a=1", {"Content-Type": media_type}).json
        assert (event["body"], event["isBase64Encoded"]) == (("a=1", False) if is_text else ("YT0x", True))
    compressed = balancer.get("/", "POST", b"a=1", {"Content-Type": "text/csv", "Content-Encoding": "gzip"}).json
    assert compressed["isBase64Encoded"]


def test_what_a_handler_returns_is_answered(served):
    served.function(RETURN)
    balancer = Balancer(served)
    text = {"Content-Type": "text/plain"}
    encoded = base64.b64encode(b"\x89\xff").decode()
    for returned, status, body in [
        ({"statusCode": 200, "statusDescription": "200 OK", "headers": {"a": "b"}, "body": "hi"}, 200, b"hi"),
        ({"statusCode": 404}, 404, b""),
        ({"statusCode": 200, "isBase64Encoded": True, "body": encoded}, 200, b"\x89\xff"),
    ]:
        answered = balancer.get("/", "POST", json.dumps(returned).encode(), text)
        assert (answered.status, answered.body, answered.headers["Server"]) == (status, body, "awselb/2.0"), returned
    for returned in ({}, {"body": "no status"}, {"statusCode": "x"}, "text", None):
        answered = balancer.get("/", "POST", json.dumps(returned).encode(), text)
        assert (answered.status, answered.body.decode()) == (502, PAGE.format("502 Bad Gateway")), returned


def test_a_failing_function_and_payloads_that_are_too_large(served):
    code = """
import json
def lambda_handler(event, context):
    if event["path"] == "/large":
        return {"statusCode": 200, "body": "x" * (1 << 20)}
    raise ValueError
"""
    served.function(code)
    balancer = Balancer(served)
    assert (balancer.get().status, balancer.get("/large").status) == (502, 502)
    large = balancer.get("/", "POST", b"x" * ((1 << 20) + 1))
    assert (large.status, large.body.decode()) == (413, PAGE.format("413 Request Entity Too Large"))


def test_without_permission_a_function_becomes_no_target(served):
    served.function(ECHO)
    balancer = Balancer(served, permit=False, register=False)
    assert (balancer.get().status, balancer.get().body.decode()) == (503, PAGE.format("503 Service Unavailable"))
    with pytest.raises(
        ClientError, match=f"AccessDenied.*invoke {balancer.function_arn} from target group {balancer.group}"
    ):
        balancer.register()
    balancer.permit()
    balancer.register()
    assert balancer.get().status == 200
    served.awslambda.remove_permission(FunctionName="f", StatementId="elb")
    assert balancer.get().status == 502
    assert f"SourceArn='{balancer.group}'" in served.complaints()


def test_what_is_no_function_becomes_no_target_and_a_group_has_one(served):
    served.function(ECHO)
    balancer = Balancer(served)
    for target, code in [
        ("i-0123", "InvalidTarget"), (f"{balancer.function_arn}x", "InvalidTarget"),
        (f"{balancer.function_arn}:$LATEST", "AccessDenied"),
    ]:  # fmt: skip
        with pytest.raises(ClientError, match=code):
            balancer.client.register_targets(TargetGroupArn=balancer.group, Targets=[{"Id": target}])
    served.function(ECHO, "g")
    served.awslambda.add_permission(
        FunctionName="g", StatementId="elb", Action="lambda:InvokeFunction",
        Principal="elasticloadbalancing.amazonaws.com",
    )  # fmt: skip
    with pytest.raises(ClientError, match="TooManyTargets"):
        balancer.client.register_targets(
            TargetGroupArn=balancer.group, Targets=[{"Id": balancer.function_arn[:-1] + "g"}]
        )


def test_rules_decide_by_priority(served):
    served.function(ECHO)
    balancer = Balancer(served)
    balancer.rule(9, [{"Field": "path-pattern", "Values": ["/a/*"]}], fixed("path"))
    balancer.rule(
        2, [
            {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-One", "Values": ["y?s"]}},
            {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["POST", "PUT"]}},
        ], fixed("header"),
    )  # fmt: skip
    balancer.rule(
        3, [{"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "1*"}]}}], fixed("query")
    )
    balancer.rule(4, [{"Field": "host-header", "Values": ["other.example"]}], fixed("host"))
    balancer.rule(5, [{"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}}], fixed("ip"))
    redirect = {"Protocol": "HTTPS", "Port": "443", "Path": "/new/#{path}", "StatusCode": "HTTP_301"}
    balancer.rule(6, [{"Field": "path-pattern", "Values": ["/old"]}], {"Type": "redirect", "RedirectConfig": redirect})
    assert balancer.get("/a/b", "PUT", b"", {"x-one": "YES"}).body == b"header"
    assert balancer.get("/a/b", headers={"x-one": "yes"}).body == b"path"
    assert balancer.get("/a/b?v=12").body == b"query"
    moved = balancer.get("/old?q=1")
    assert (moved.status, moved.headers["Location"]) == (301, f"https://{balancer.host}:443/new/old?q=1")
    assert balancer.get("/b?v=2").json["path"] == "/b"


def test_a_url_names_the_listener_by_its_port(served):
    served.function(ECHO)
    balancer = Balancer(served)
    balancer.listen(8080)
    event = served.request("GET", "", f"/_labkit/http/{balancer.host}:8080/a?q=1").json
    assert (event["path"], event["headers"]["x-forwarded-port"]) == ("/a", "8080")
    assert served.request("GET", "nosuch-1.us-east-1.elb.amazonaws.com").status == 503
