"""The event of a REST API, which is an HTTP API's payload format 1.0 too.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from typing import Any

from labkit.events.http.request import HttpRequest, Pairs, grouped

ABSENT = (
    "cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "principalOrgId", "accessKey",
    "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "user",
)  # fmt: skip
NOT_SENT_ON = ("connection", "transfer-encoding")
ADDED = ("host", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto")


def forwarded(request: HttpRequest, trace: str, port: str = "443", protocol: str = "https") -> Pairs:
    """The headers as they are sent on, with what front doors add."""
    kept = tuple((name, value) for name, value in request.headers if name.lower() not in ADDED + NOT_SENT_ON)
    via = request.header("x-forwarded-for")
    return (
        *kept,
        ("Host", request.host),
        ("X-Amzn-Trace-Id", trace),
        ("X-Forwarded-For", f"{via}, {request.source_ip}" if via else request.source_ip),
        ("X-Forwarded-Port", port),
        ("X-Forwarded-Proto", protocol),
    )


def event(
    request: HttpRequest,
    headers: Pairs,
    context: Mapping[str, Any],
    *,
    resource: str,
    path: str,
    parameters: Mapping[str, str],
    variables: Mapping[str, str],
    binary: bool,
) -> dict[str, Any]:
    """The event; what there is none of is null."""
    values, query = grouped(headers), grouped(request.parameters)
    body = base64.b64encode(request.body).decode() if binary and request.body else request.text
    return {
        "resource": resource,
        "path": path,
        "httpMethod": request.method,
        "headers": _last(values),
        "multiValueHeaders": values,
        "queryStringParameters": _last(query) or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": dict(variables) or None,
        "requestContext": dict(context),
        "body": body or None,
        "isBase64Encoded": bool(binary and request.body),
    }


def request_context(
    request: HttpRequest, *, account: str, api_id: str, stage: str, resource: str, resource_id: str | None, path: str,
    request_id: str,
) -> dict[str, Any]:  # fmt: skip
    """What the event tells of the request, the API and the caller; `path` has the stage in it."""
    return {
        "resourceId": resource_id,
        "resourcePath": resource,
        "httpMethod": request.method,
        "extendedRequestId": extended_request_id(),
        "requestTime": request.log_time,
        "path": path,
        "accountId": account,
        "protocol": request.protocol,
        "stage": stage,
        "domainPrefix": request.host.partition(".")[0],
        "requestTimeEpoch": int(1000 * request.received),
        "requestId": request_id,
        "identity": {
            **dict.fromkeys(ABSENT),
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent") or None,
        },
        "domainName": request.host,
        "apiId": api_id,
    }


def extended_request_id() -> str:
    """An id in the form of API Gateway's second one, such as `JKJaXmPLvHcESHA=`."""
    return base64.b64encode(uuid.uuid4().bytes[:11]).decode()


def _last(values: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: several[-1] for name, several in values.items()}
