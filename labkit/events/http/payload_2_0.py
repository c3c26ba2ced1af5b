"""The event of payload format 2.0, which HTTP APIs and function URLs send, and how its answer is read.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from labkit.events.http.proxy_response import Malformed, ProxyResponse, read_json, read_response
from labkit.events.http.request import HttpRequest, Pairs, grouped

KEYS = ("statusCode", "headers", "body", "isBase64Encoded", "cookies")
TEXT = ("application/json", "application/xml", "application/javascript")


def is_text(request: HttpRequest) -> bool:
    """Whether a body goes into the event as text: by its media type, and when it is not compressed."""
    media_type = request.header("content-type").partition(";")[0].strip().lower()
    if request.header("content-encoding"):
        return False
    return (
        not media_type or media_type.startswith("text/") or media_type in TEXT or media_type.endswith(("+json", "+xml"))
    )


def event(
    request: HttpRequest,
    headers: Pairs,
    context: Mapping[str, Any],
    *,
    route_key: str,
    raw_path: str,
    parameters: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The event; what there is none of is left out."""
    values = grouped((name.lower(), value) for name, value in headers)
    cookies = [cookie.strip() for value in values.pop("cookie", ()) for cookie in value.split(";") if cookie.strip()]
    query = {name: ",".join(several) for name, several in grouped(request.parameters).items()}
    body = request.text if is_text(request) else base64.b64encode(request.body).decode()
    optional: dict[str, Any] = {
        "cookies": cookies,
        "queryStringParameters": query,
        "pathParameters": parameters,
        "body": body,
        "stageVariables": variables,
    }
    return {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": raw_path,
        "rawQueryString": request.query,
        "headers": {name: ",".join(several) for name, several in values.items()},
        "requestContext": dict(context),
        "isBase64Encoded": bool(request.body) and not is_text(request),
        **{name: value for name, value in optional.items() if value},
    }


def request_context(
    request: HttpRequest, *, account: str, api_id: str, route_key: str, stage: str, path: str, request_id: str
) -> dict[str, Any]:
    """What the event tells of the request, the API and the caller."""
    return {
        "accountId": account,
        "apiId": api_id,
        "domainName": request.host,
        "domainPrefix": request.host.partition(".")[0],
        "http": {
            "method": request.method,
            "path": unquote(path),
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent"),
        },
        "requestId": request_id,
        "routeKey": route_key,
        "stage": stage,
        "time": request.log_time,
        "timeEpoch": int(1000 * request.received),
    }


def read_result(payload: bytes) -> ProxyResponse:
    """The response in a handler's result: the result itself is the body unless it has a `statusCode`.

    `Malformed` when what it says of the response cannot be.
    """
    result = read_json(payload)
    if not isinstance(result, dict) or "statusCode" not in result:
        return ProxyResponse(200, (("Content-Type", "application/json"),), _text(result), False)
    known = {key: value for key, value in result.items() if key in KEYS and key != "cookies"}
    body = None if result.get("body") is None else _text(result["body"])
    response = read_response(json.dumps(known | {"body": body}).encode())
    cookies = tuple(("Set-Cookie", str(cookie)) for cookie in _cookies(result))
    return ProxyResponse(response.status, (*response.headers, *cookies), response.body, response.is_base64)


def _text(value: Any) -> str:
    """A text as it is, everything else as JSON without blanks."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _cookies(result: Mapping[str, Any]) -> list[Any]:
    cookies = result.get("cookies")
    if cookies is not None and not isinstance(cookies, list):
        raise Malformed("cookies has to be a list of strings")
    return cookies or []
