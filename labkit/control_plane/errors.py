"""Errors in the shapes in which AWS's services send them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from labkit import limits
from labkit.control_plane.model import message_member
from labkit.moto_bridge.server import Answer


@dataclass(frozen=True)
class ApiError(Exception):
    """An error that AWS answers. `type` is Lambda's "User" or "Service", None where it sends none.

    The message is None where AWS sends null. `details` are further members of S3's errors.
    """

    status: int
    code: str
    message: str | None
    type: str | None = "User"
    reason: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


def error_answer(protocol: str, error: ApiError) -> Answer:
    """The error as a service of this protocol (botocore's name for it) sends it."""
    request_id = str(uuid.uuid4())
    if protocol in ("json", "rest-json", "smithy-rpc-v2-cbor"):
        found = {"Reason": error.reason, "Type": error.type}
        body: dict[str, str | None] = {name: value for name, value in found.items() if value is not None}
        body[message_member(error.code)] = error.message
        if protocol == "json":
            body = {"__type": error.code, "message": error.message}
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code, "x-amzn-RequestId": request_id}
        return Answer(error.status, json.dumps(body).encode(), headers)
    code, message = escape(error.code), escape(error.message or "")
    details = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in error.details.items())
    inner = f"<Code>{code}</Code><Message>{message}</Message>{details}<RequestId>{request_id}</RequestId>"
    text = f"<Error>{inner}</Error>"
    if protocol != "rest-xml":
        inner = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        text = f"<ErrorResponse>{inner}<RequestId>{request_id}</RequestId></ErrorResponse>"
    return Answer(error.status, text.encode(), {"Content-Type": "text/xml", "x-amzn-RequestId": request_id})


def access_denied(protocol: str, code: str, message: str) -> Answer:
    """The refusal of a call that the caller's policies do not allow: 400 from JSON services, 403 from the others."""
    status = 400 if protocol == "json" else 403
    return error_answer(protocol, ApiError(status, code, message, type=None))


def refuse(findings: Iterable[limits.Finding], further: Sequence[str] = ()) -> None:
    """`ApiError` when AWS would refuse a request for these findings, or for `further` sentences on its form."""
    if refused := limits.refusal(findings, further):
        raise ApiError(refused.status, refused.code, refused.message, refused.type)


def not_found(message: str) -> ApiError:
    """What was named does not exist."""
    return ApiError(404, "ResourceNotFoundException", message)


def invalid_parameter(message: str) -> ApiError:
    """An argument whose form is right and whose meaning is not."""
    return ApiError(400, "InvalidParameterValueException", message)


def conflict(message: str) -> ApiError:
    """It exists already, or something is under way that excludes this."""
    return ApiError(409, "ResourceConflictException", message)


def precondition_failed(message: str) -> ApiError:
    """The RevisionId given is not the current one."""
    return ApiError(412, "PreconditionFailedException", message)
