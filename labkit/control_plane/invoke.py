"""Invoke and the calls like it.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html and the pages on InvokeAsync and InvokeWithResponseStream
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from labkit import limits
from labkit.clock import Clock
from labkit.control_plane.errors import ApiError, conflict, not_found, refuse
from labkit.control_plane.loops import refuse_loop
from labkit.control_plane.names import function_of, target_of, version_of
from labkit.control_plane.request import Request, operation
from labkit.control_plane.response_stream import CONTENT_TYPE, response_stream
from labkit.control_plane.running import runtime_function
from labkit.control_plane.store import LATEST, Store
from labkit.moto_bridge.server import Answer, current_trace
from labkit.runtime.concurrency import Throttled
from labkit.runtime.control import SpawnError
from labkit.runtime.function import Function, InvocationRequest
from labkit.runtime.image import BadImage
from labkit.runtime.logs import tail
from labkit.runtime.package import BadPackage
from labkit.runtime.pool import Pool
from labkit.runtime.report import Completion
from labkit.runtime.trace import invoked_again, new_trace


@dataclass(frozen=True)
class Invoker:
    """Answers the calls that invoke: at once for RequestResponse, by the queue for Event, not at all for DryRun."""

    store: Store
    pool: Pool
    clock: Clock
    enqueue: Callable[[str, bytes, str, str | None], str]

    @operation("Invoke")
    def invoke(self, request: Request) -> Answer:
        """Invoke."""
        kind = request.given.get("InvocationType") or "RequestResponse"
        payload = _payload(request.given.get("Payload") or b"", kind)
        function, called_arn = self._called(request)
        if kind == "DryRun":
            return Answer(204)
        if kind == "Event":
            return self._queued(request, function, called_arn, payload)
        completion, headers = self._run(request, function, called_arn, payload)
        if completion.function_error:
            headers["X-Amz-Function-Error"] = completion.function_error
        if log := _log(request, completion):
            headers["X-Amz-Log-Result"] = log
        return Answer(200, completion.payload, {"Content-Type": "application/json", **headers})

    @operation("InvokeAsync")
    def invoke_async(self, request: Request) -> Answer:
        """InvokeAsync, which AWS calls deprecated: Invoke with Event and without qualifier."""
        payload = _payload(request.given["InvokeArgs"], "Event")
        function, called_arn = self._called(request)
        return self._queued(request, function, called_arn, payload)

    @operation("InvokeWithResponseStream")
    def invoke_with_response_stream(self, request: Request) -> Answer:
        """InvokeWithResponseStream."""
        payload = _payload(request.given.get("Payload") or b"", "RequestResponse")
        function, called_arn = self._called(request)
        if request.given.get("InvocationType") == "DryRun":
            return Answer(204)
        completion, headers = self._run(request, function, called_arn, payload)
        stream = response_stream(completion, _log(request, completion))
        return Answer(200, stream, {"Content-Type": CONTENT_TYPE, **headers})

    def _called(self, request: Request) -> tuple[Function, str]:
        """The function version to run, and the ARN under which it was called."""
        target = target_of(request)
        qualified = f"{target.arn}:{target.qualifier or LATEST}"
        region = self.store.region(request.region)
        if target.name not in region.functions:
            raise not_found(f"Function not found: {qualified}")
        with region.lock:
            stored = function_of(region, target)
            version = version_of(stored, target.qualifier)
            if version is None:
                raise not_found(f"Function not found: {qualified}")
            return runtime_function(stored, version), target.qualified_arn

    def _queued(self, request: Request, function: Function, called_arn: str, payload: bytes) -> Answer:
        _refuse_unless_active(function, waits=False)
        request_id = self.enqueue(called_arn, payload, "invoke", request.trace_id)
        return Answer(202, headers={"x-amzn-RequestId": request_id})

    def _run(
        self, request: Request, function: Function, called_arn: str, payload: bytes
    ) -> tuple[Completion, dict[str, str]]:
        """What came of the invocation, and the headers of its answer."""
        _refuse_unless_active(function, waits=True)
        trace = request.trace_id or new_trace(self.clock.time())
        if function.stops_loops:
            refuse_loop(trace, called_arn)
        invocation = InvocationRequest(
            str(uuid.uuid4()),
            payload,
            called_arn,
            self.clock.time(),
            client_context=_client_context(request.given),
            trace=invoked_again(trace, called_arn),
        )
        headers = {"x-amzn-RequestId": invocation.request_id, "X-Amz-Executed-Version": function.version}
        return self._completed(function, invocation), headers

    def _completed(self, function: Function, request: InvocationRequest) -> Completion:
        current_trace.set(request.trace)
        try:
            completion = self.pool.invoke(function, request)
        except Throttled as error:
            raise ApiError(429, "TooManyRequestsException", str(error), reason=error.reason) from error
        except BadImage as error:
            raise ApiError(502, "InvalidRuntimeException", f"Lambda could not unpack the image: {error}") from error
        except BadPackage as error:
            raise ApiError(502, "InvalidZipFileException", f"Lambda could not unzip the package: {error}") from error
        except (SpawnError, OSError) as error:
            raise ApiError(500, "ServiceException", str(error), type="Service") from error
        if completion.refused_as:
            status = 408 if completion.refused_as == "SnapStartTimeoutException" else 400
            raise ApiError(status, completion.refused_as, json.loads(completion.payload)["errorMessage"])
        return completion


def _refuse_unless_active(function: Function, waits: bool) -> None:
    """`ApiError` for a version whose snapshot is not taken yet, or could not be; `waits` tells if the caller does."""
    if function.state == "Pending" and waits:
        message = "Lambda is initializing your function. You can invoke it when its state becomes Active."
        raise ApiError(409, "SnapStartNotReadyException", message)
    if function.state != "Active":
        state = f"The function is currently in the following state: {function.state}"
        message = f"The operation cannot be performed at this time. {state}"
        raise conflict(message)


def _payload(payload: bytes | str, kind: str) -> bytes:
    payload = payload.encode("utf-8") if isinstance(payload, str) else payload
    refuse(limits.check_payload(payload, kind))
    try:
        _read_json(payload.decode("utf-8") or "{}")
    except (ValueError, RecursionError) as error:
        message = f"Could not parse request body into json: Could not parse payload into json: {error}"
        raise ApiError(400, "InvalidRequestContentException", message) from error
    return payload


def _client_context(given: Mapping[str, Any]) -> str | None:
    """The client context on one line, since it travels in a header."""
    encoded = given.get("ClientContext")
    try:
        return json.dumps(_read_json(base64.b64decode(encoded, validate=True).decode("utf-8"))) if encoded else None
    except (ValueError, RecursionError) as error:
        message = f"Client context must be a valid Base64-encoded JSON object: {error}"
        raise ApiError(400, "InvalidRequestContentException", message) from error


def _read_json(text: str) -> object:
    """As json.loads, without the numbers that Python takes and JSON has not."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def _log(request: Request, completion: Completion) -> str | None:
    """The end of the log in base64, where the request asks for it."""
    if request.given.get("LogType") != "Tail":
        return None
    return base64.b64encode(tail(list(completion.log))).decode("ascii")
