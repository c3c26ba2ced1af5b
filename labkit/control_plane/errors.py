"""Errors in the shapes in which AWS's services send them."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from xml.sax.saxutils import escape

from labkit.moto_bridge.server import Answer


@dataclass(frozen=True)
class ApiError(Exception):
    """An error that AWS answers. `type` is Lambda's "User" or "Service", None where it sends none."""

    status: int
    code: str
    message: str
    type: str | None = "User"
    reason: str | None = None
    message_key: str = "Message"


def error_answer(protocol: str, error: ApiError) -> Answer:
    """The error as a service of this protocol (botocore's name for it) sends it."""
    request_id = str(uuid.uuid4())
    if protocol in ("json", "rest-json", "smithy-rpc-v2-cbor"):
        found = {"Reason": error.reason, "Type": error.type, error.message_key: error.message}
        body = {name: value for name, value in found.items() if value is not None}
        if protocol == "json":
            body = {"__type": error.code, "message": error.message}
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code, "x-amzn-RequestId": request_id}
        return Answer(error.status, json.dumps(body).encode(), headers)
    code, message = escape(error.code), escape(error.message)
    text = f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{request_id}</RequestId></Error>"
    if protocol != "rest-xml":
        inner = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        text = f"<ErrorResponse>{inner}<RequestId>{request_id}</RequestId></ErrorResponse>"
    return Answer(error.status, text.encode(), {"Content-Type": "text/xml", "x-amzn-RequestId": request_id})


def access_denied(protocol: str, code: str, message: str) -> Answer:
    """The refusal of a call that the caller's policies do not allow: 400 from JSON services, 403 from the others."""
    status = 400 if protocol == "json" else 403
    return error_answer(protocol, ApiError(status, code, message, type=None))
