"""The Invoke API. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit import limits
from labkit.clock import Clock
from labkit.control_plane.errors import ApiError
from labkit.moto_bridge.awslambda import find_function
from labkit.moto_bridge.requests import AwsCall
from labkit.moto_bridge.server import Answer
from labkit.runtime.function import Function, InvocationRequest
from labkit.runtime.logs import tail
from labkit.runtime.package import BadPackage
from labkit.runtime.pool import Pool, Throttled
from labkit.runtime.report import Completion
from labkit.runtime.spawner import SpawnError


@dataclass(frozen=True)
class Invoker:
    """Answers Invoke: at once for RequestResponse, by way of the queue for Event, without running for DryRun."""

    account: str
    pool: Pool
    clock: Clock
    enqueue: Callable[[str, bytes, str], str]

    def answer(self, call: AwsCall) -> Answer:
        """The HTTP answer; `ApiError` for what AWS refuses."""
        given = call.parameters
        kind = given.get("InvocationType") or "RequestResponse"
        payload = _payload(given.get("Payload") or b"", kind)
        name, qualifier = split_name(given["FunctionName"], given.get("Qualifier"))
        function = find_function(self.account, call.signature.region, name, qualifier)
        if function is None:
            raise not_found(call.signature.region, self.account, name, qualifier or "$LATEST")
        called_arn = f"{function.arn}:{qualifier}" if qualifier else function.arn
        if kind == "DryRun":
            return Answer(204, headers={"x-amzn-RequestId": str(uuid.uuid4())})
        if kind == "Event":
            return Answer(202, headers={"x-amzn-RequestId": self.enqueue(called_arn, payload, "invoke")})
        _refuse_unless_active(function)
        request = InvocationRequest(
            str(uuid.uuid4()),
            payload,
            called_arn,
            self.clock.time(),
            client_context=_client_context(given),
            trace_id=call.trace_id,
        )
        return _answer(function, request, self._run(function, request), given.get("LogType") == "Tail")

    def _run(self, function: Function, request: InvocationRequest) -> Completion:
        try:
            completion = self.pool.invoke(function, request)
        except Throttled as error:
            raise ApiError(
                429, "TooManyRequestsException", str(error), reason=error.reason, message_key="message"
            ) from error
        except BadPackage as error:
            raise ApiError(502, "InvalidZipFileException", f"Lambda could not unzip the package: {error}") from error
        except (SpawnError, OSError) as error:
            raise ApiError(500, "ServiceException", str(error), type="Service") from error
        if completion.refused_as:
            status = 408 if completion.refused_as == "SnapStartTimeoutException" else 400
            raise ApiError(status, completion.refused_as, json.loads(completion.payload)["errorMessage"])
        return completion


def _refuse_unless_active(function: Function) -> None:
    """`ApiError` for a version whose snapshot is not taken yet, or could not be."""
    if function.state == "Pending":
        message = "Lambda is initializing your function. You can invoke it when its state becomes Active."
        raise ApiError(409, "SnapStartNotReadyException", message)
    if function.state == "Failed":
        state = f"The function is currently in the following state: {function.state}"
        message = f"The operation cannot be performed at this time. {state}"
        raise ApiError(409, "ResourceConflictException", message, message_key="message")


def split_name(name: str, qualifier: str | None) -> tuple[str, str | None]:
    """The bare name and the qualifier in a function's name, partial ARN or ARN."""
    parts = name.split(":")
    if len(parts) > 2 and "function" in parts:
        parts = parts[parts.index("function") + 1 :]
    return parts[0], parts[1] if len(parts) > 1 else qualifier


def not_found(region: str, account: str, name: str, qualifier: str | None) -> ApiError:
    """The answer for a function that does not exist."""
    arn = f"arn:aws:lambda:{region}:{account}:function:{name}" + (f":{qualifier}" if qualifier else "")
    return ApiError(404, "ResourceNotFoundException", f"Function not found: {arn}")


def _payload(payload: bytes | str, kind: str) -> bytes:
    payload = payload.encode("utf-8") if isinstance(payload, str) else payload
    if refused := limits.refusal(limits.check_payload(payload, kind)):
        raise ApiError(refused.status, refused.code, refused.message, refused.type, message_key="message")
    try:
        _read_json(payload.decode("utf-8") or "{}")
    except (ValueError, RecursionError) as error:
        message = f"Could not parse request body into json: Could not parse payload into json: {error}"
        raise ApiError(400, "InvalidRequestContentException", message, message_key="message") from error
    return payload


def _client_context(given: dict[str, Any]) -> str | None:
    """The client context on one line, since it travels in a header."""
    encoded = given.get("ClientContext")
    try:
        return json.dumps(_read_json(base64.b64decode(encoded, validate=True).decode("utf-8"))) if encoded else None
    except (ValueError, RecursionError) as error:
        message = f"Client context must be a valid Base64-encoded JSON object: {error}"
        raise ApiError(400, "InvalidRequestContentException", message, message_key="message") from error


def _read_json(text: str) -> object:
    """As json.loads, without the numbers that Python takes and JSON has not."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def _answer(function: Function, request: InvocationRequest, completion: Completion, with_log: bool) -> Answer:
    headers = {
        "Content-Type": "application/json",
        "x-amzn-RequestId": request.request_id,
        "X-Amz-Executed-Version": function.version,
    }
    if completion.function_error:
        headers["X-Amz-Function-Error"] = completion.function_error
    if with_log:
        headers["X-Amz-Log-Result"] = base64.b64encode(tail(list(completion.log))).decode("ascii")
    return Answer(200, completion.payload, headers)
