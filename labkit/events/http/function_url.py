"""Function URLs: `https://ID.lambda-url.REGION.on.aws/`.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html; failures as recorded in November 2025.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from labkit import limits
from labkit.control_plane.function_urls import FoundUrl
from labkit.events.asynchronous import Attempt
from labkit.events.http import cors, payload_1_0, payload_2_0
from labkit.events.http.calls import FunctionCall, Functions, Signer, Signers, signer_identity
from labkit.events.http.proxy_response import Malformed, ProxyResponse
from labkit.events.http.request import HttpRequest, Pairs, grouped
from labkit.events.http.streaming import Streamed
from labkit.moto_bridge.server import Answer
from labkit.runtime.trace import new_trace

SOURCE = "function-url"
DEFAULT = "$default"
JSON = (("Content-Type", "application/json"),)
FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)
TLS = (("x-amzn-tls-version", "TLSv1.3"), ("x-amzn-tls-cipher-suite", "TLS_AES_128_GCM_SHA256"))  # what AWS's have
BYTES = (("Content-Type", "application/octet-stream"),)
Response = tuple[int, bytes | Iterable[bytes], Pairs]


class FunctionUrlDoor:
    """Answers requests to function URLs; `find_url(host)` leads to the function."""

    def __init__(
        self, account: str, functions: Functions, signers: Signers, find_url: Callable[[str], FoundUrl | None]
    ):
        self._account = account
        self._functions = functions
        self._signers = signers
        self._find_url = find_url

    def answer(self, request: HttpRequest) -> Answer:
        """What the function answers; preflights are answered by the URL where CORS is configured."""
        found, request_id = self._find_url(request.host), str(uuid.uuid4())
        trace = request.header("x-amzn-trace-id") or new_trace(request.received)
        if found is None:
            status, body, headers = _refused(None)
        else:
            status, body, headers = self._respond(request, found, request_id, trace)
        own = (("x-amzn-RequestId", request_id), ("X-Amzn-Trace-Id", trace.partition(";")[0]))
        return Answer(status, body, grouped((*headers, *own)))

    def _respond(self, request: HttpRequest, found: FoundUrl, request_id: str, trace: str) -> Response:
        configured = cors.CrossOrigin.of(found.url.cors) if found.url.cors else None
        if configured and cors.is_preflight(request):
            return 200, b"", cors.preflight_headers(request, configured)
        status, body, headers = self._invoke(request, found, request_id, trace)
        return status, body, cors.with_cors(request, configured, headers) if configured else headers

    def _invoke(self, request: HttpRequest, found: FoundUrl, request_id: str, trace: str) -> Response:
        signer = None
        if found.url.auth_type == "AWS_IAM":
            if request.signature is None:
                return _refused(FORBIDDEN)
            signer = self._signers.signer(request.signature)
        keys = {"lambda:FunctionUrlAuthType": found.url.auth_type}
        if not self._signers.may(signer, "lambda:InvokeFunctionUrl", found.arn, keys):
            logging.getLogger("labkit").warning("%s", _not_permitted(found, signer))
            return _refused(FORBIDDEN)
        payload = json.dumps(self._event(request, found, request_id, trace, signer)).encode()
        if refused := limits.refusal(limits.check_payload(payload, "RequestResponse")):
            return refused.status, _message(refused.message), JSON
        call = FunctionCall(found.arn, payload, SOURCE, trace, request_id)
        if found.url.invoke_mode == "RESPONSE_STREAM":
            return _streamed(Streamed(self._functions.invoke, call), found)
        return _response(self._functions.invoke(call), found)

    def _event(
        self, request: HttpRequest, found: FoundUrl, request_id: str, trace: str, signer: Signer | None
    ) -> dict[str, Any]:
        context = payload_2_0.request_context(
            request, account=self._account if signer else "anonymous", api_id=found.url.id, route_key=DEFAULT,
            stage=DEFAULT, path=request.path, request_id=request_id,
        )  # fmt: skip
        headers = (*payload_1_0.forwarded(request, trace), *TLS)
        identity = {"authorizer": {"iam": signer_identity(signer, self._account)}} if signer else {}
        return payload_2_0.event(request, headers, context | identity, route_key=DEFAULT, raw_path=request.path)


def _response(attempt: Attempt, found: FoundUrl) -> Response:
    if attempt.outcome != "ok":
        return _failed(attempt)
    try:
        response = payload_2_0.read_result(attempt.payload)
        return response.status, response.content, _with_type(response, "application/json")
    except Malformed as why:
        return _malformed(found, why)


def _streamed(streamed: Streamed, found: FoundUrl) -> Response:
    """The response as it comes; of a function that does not stream the whole result, as it is."""
    if streamed.attempt is not None:
        attempt = streamed.attempt
        return (200, attempt.payload, BYTES) if attempt.outcome == "ok" else _failed(attempt)
    prelude = streamed.prelude()
    if prelude is None:
        return 200, streamed.body(), (("Content-Type", streamed.content_type),)
    try:
        response = payload_2_0.read_result(prelude)
        return response.status, streamed.body(), _with_type(response, "application/octet-stream")
    except Malformed as why:
        return _malformed(found, why)


def _failed(attempt: Attempt) -> Response:
    if attempt.outcome in ("throttled", "stopped"):
        return 429, _message("Rate Exceeded."), (*JSON, ("x-amzn-ErrorType", "TooManyRequestsException"))
    return 502, b"Internal Server Error", JSON


def _malformed(found: FoundUrl, why: Exception) -> Response:
    logging.getLogger("labkit").warning("%s returned what stands for no HTTP response: %s", found.arn, why)
    return 502, b"Internal Server Error", JSON


def _with_type(response: ProxyResponse, media_type: str) -> Pairs:
    has_type = any(name.lower() == "content-type" for name, _ in response.headers)
    return response.headers if has_type else (*response.headers, ("Content-Type", media_type))


def _refused(message: str | None) -> Response:
    return 403, json.dumps({"Message": message}).encode(), (*JSON, ("x-amzn-ErrorType", "AccessDeniedException"))


def _message(text: str) -> bytes:
    return json.dumps({"message": text}).encode()


def _not_permitted(found: FoundUrl, signer: Signer | None) -> str:
    name = found.arn.split(":", 6)[-1]
    if signer is not None:
        return f"{signer.arn} may not call the URL of {name}; its role needs lambda:InvokeFunctionUrl on {found.arn}"
    return (
        f"nobody may call the URL of {name} without signing, since the function's resource policy allows it to nobody. "
        f"lambda.add_permission(FunctionName={name!r}, StatementId='url', Action='lambda:InvokeFunctionUrl', "
        "Principal='*', FunctionUrlAuthType='NONE') does."
    )
