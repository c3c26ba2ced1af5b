"""Reads an HTTP request as the AWS API call that it is, with moto's routers and botocore's models."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import re
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import UnknownServiceError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import (
    SERVICE_SPECIFIC_ROUTERS,
    RestRouter,
    SmithyRule,
    get_service_router,
    to_werkzeug_rule_string,
)
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

_CREDENTIAL = re.compile(r"Credential=([^/,]+)/\d{8}/([^/,]+)/([^/,]+)/aws4_request")
_WAITER = re.compile(r" m/(\S+,)?B(,|\s|$)")  # botocore lists what it uses in its user agent, by letters
_QUERY = "querystring"  # botocore's word
_SERVICES = {  # the name a service signs with -> its name in boto3, where they differ
    "monitoring": "cloudwatch",
    "elasticloadbalancing": "elbv2",
    "states": "stepfunctions",
    "email": "ses",
}


class _LambdaRule(SmithyRule):
    """Knows its operation, if it is for one only, without the arguments that the query must have.

    What is missing is for Lambda to tell.
    """

    def __init__(self, string: str, operations: list[Any], methods: list[str]):
        super().__init__(string, operations, methods)
        self._only = operations[0] if len(operations) == 1 else None

    def match_request(self, request: Request) -> Any:
        return self._only or super().match_request(request)


class _LambdaRouter(RestRouter):
    def _create_rules(self, path: str, method: str, operations: list[Any]) -> list[Any]:
        return [_LambdaRule(to_werkzeug_rule_string(path), operations, [method])]


SERVICE_SPECIFIC_ROUTERS["lambda"] = {"rest-json": _LambdaRouter}


@dataclass(frozen=True)
class Signature:
    """Who signed a request, and for which service and region."""

    access_key_id: str
    region: str
    service: str


@dataclass(frozen=True)
class AwsCall:
    """An AWS API call. `operation` and `parameters` are those of boto3; `operation` is empty when none fits.

    `size` is that of the body in bytes. `unreadable` says what is wrong with parameters that cannot be read.
    `by_waiter` tells whether one of boto3's waiters asks.
    """

    signature: Signature
    service: str
    protocol: str
    operation: str
    parameters: dict[str, Any]
    trace_id: str | None = None
    size: int = 0
    unreadable: ValueError | None = None
    by_waiter: bool = False


def read_signature(environ: dict[str, Any]) -> Signature | None:
    """The signature in the header, or in the query of a presigned URL; None for an unsigned request."""
    text = environ.get("HTTP_AUTHORIZATION", "") or environ.get("QUERY_STRING", "").replace("%2F", "/")
    found = _CREDENTIAL.search(text)
    return Signature(found[1], found[2], found[3]) if found else None


def operation_names(service: str) -> list[str]:
    """The names of a service's operations, `service` as boto3 names its client; none of a service that there is not."""
    try:
        return list(get_service_model(service).operation_names)
    except UnknownServiceError:
        return []


def read_call(environ: dict[str, Any], signature: Signature) -> AwsCall:
    """The call in a signed request; its body can be read again afterwards."""
    body = read_body(environ)
    service = _service(environ, signature)
    request = Request(environ)
    by_waiter = _WAITER.search(environ.get("HTTP_USER_AGENT", "")) is not None
    call = AwsCall(
        signature, service, "rest-json", "", {}, environ.get("HTTP_X_AMZN_TRACE_ID"), len(body), by_waiter=by_waiter
    )
    with contextlib.suppress(HTTPException, LookupError, NotImplementedError, OSError):
        model = get_service_model(service)
        protocol = determine_request_protocol(model, request.content_type)
        operation, uri_parameters = get_service_router(service).match(request)
        call = dataclasses.replace(call, protocol=protocol, operation=operation.name)
        try:
            given = _parameters(operation, protocol, request, uri_parameters)
            call = dataclasses.replace(call, parameters=given)
        except ValueError as error:
            call = dataclasses.replace(call, unreadable=error)
    environ["wsgi.input"] = io.BytesIO(body)
    return call


def _parameters(operation: Any, protocol: str, request: Request, uri_parameters: Any) -> dict[str, Any]:
    """The parameters; `ValueError` for a value of another type than the model's, or a body that is no JSON."""
    parser = PROTOCOL_PARSERS[protocol](operation, map_type=dict)
    parsed = parser.parse({
        "method": request.method,
        "values": request.values,
        "headers": request.headers,
        "body": request.get_data(),
        "url_path": request.path,
        "url_params": uri_parameters,
    })  # fmt: skip
    given = _without_missing_lists(operation, parsed)
    if protocol == "rest-json" and request.get_data() and not _has_body(operation, given):
        json.loads(request.get_data())  # moto's parser takes what is no JSON for nothing
    return given


def _has_body(operation: Any, given: dict[str, Any]) -> bool:
    """Whether any of the parameters came in the body, or all of it is one."""
    shape = operation.input_shape
    return (
        shape is None
        or "payload" in shape.serialization
        or any(name in given and "location" not in member.serialization for name, member in shape.members.items())
    )


def _without_missing_lists(operation: Any, parsed: dict[str, Any]) -> dict[str, Any]:
    """The parameters without the lists that the query lacks: moto's parser gives empty ones for them."""
    empty = [name for name, value in parsed.items() if value == []]
    missing = [name for name in empty if operation.input_shape.members[name].serialization.get("location") == _QUERY]
    return {name: value for name, value in parsed.items() if name not in missing}


def read_body(environ: dict[str, Any]) -> bytes:
    """The whole body, left readable; a chunked one gets its length."""
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body = stream.read()
        environ.pop("HTTP_TRANSFER_ENCODING", None)
    else:
        body = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["wsgi.input"] = io.BytesIO(body)
    return bytes(body)


def _service(environ: dict[str, Any], signature: Signature) -> str:
    if environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDBStreams"):
        return "dynamodbstreams"
    return _SERVICES.get(signature.service.lower(), signature.service.lower())
