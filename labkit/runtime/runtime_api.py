"""The Lambda Runtime API, from which the runtime inside an environment fetches events and to which it posts answers.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. Each environment has a port of its own, since
awslambdaric reports a failed init to a fixed path. The environment's inbox is told what arrives, and when.
"""

from __future__ import annotations

import base64
import json
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from labkit.runtime.function import Stream
from labkit.runtime.http import HttpConnection, HttpRequest
from labkit.runtime.inbox import Inbox

MAXIMUM_RESPONSE = 6_291_556  # bytes: 6 MiB and 100, as AWS names it in its own message
ERROR_TYPE = "lambda-runtime-function-error-type"
_BASE = "/2018-06-01/runtime/"


@dataclass(frozen=True)
class Ready:
    """The runtime asks for its next event."""

    at: float


@dataclass(frozen=True)
class Answered:
    """The runtime has answered an invocation; `error_type` is None when the handler returned."""

    at: float
    request_id: str
    payload: bytes
    error_type: str | None = None


@dataclass(frozen=True)
class InitFailed:
    """The runtime could not load the function."""

    at: float
    payload: bytes
    error_type: str


@dataclass(frozen=True)
class Delivery:
    """An event as the runtime receives it; `deadline` is in milliseconds since 1970, in the machine's time.

    `stream` takes a response that is streamed.
    """

    request_id: str
    payload: bytes
    invoked_function_arn: str
    deadline: int
    client_context: str | None
    trace_id: str | None
    stream: Stream | None = None

    def headers(self) -> dict[str, str]:
        found = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(self.deadline),
            "Lambda-Runtime-Invoked-Function-Arn": self.invoked_function_arn,
            "Lambda-Runtime-Client-Context": self.client_context,
            "Lambda-Runtime-Trace-Id": self.trace_id,
        }
        return {name: value for name, value in found.items() if value is not None}


class RuntimeApi:
    """The API of one environment, on loopback; it answers while someone waits for what happens in `inbox`."""

    def __init__(self, inbox: Inbox):
        self._inbox = inbox
        self._connections: list[HttpConnection] = []
        self._waiting: deque[HttpConnection] = deque()  # those on which the next event is asked for
        self._delivery: Delivery | None = None  # what is to be handed over
        self._initialised = False  # the runtime has asked for its first event
        self._under_way: str | None = None  # the invocation that is not answered yet
        self._stream: Stream | None = None  # takes what it streams
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._listener.setblocking(False)
        inbox.watch(self._listener, self._accept)

    def deliver(self, delivery: Delivery) -> None:
        """Hand an event to the runtime that waits for one."""
        self._delivery = delivery
        self._hand_over()

    def close(self) -> None:
        """Stop answering; every connection is closed."""
        self._inbox.ignore(self._listener)
        self._listener.close()
        for connection in self._connections:
            connection.close()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # who connected has gone again
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened = HttpConnection(connection, self._inbox, self._serve, MAXIMUM_RESPONSE, self._taker)
        self._connections = [*(each for each in self._connections if not each.closed), opened]

    def _serve(self, connection: HttpConnection, request: HttpRequest) -> None:
        at = time.perf_counter()
        if request.method == "GET" and request.path == _BASE + "invocation/next" and self._under_way is None:
            self._initialised = True
            self._waiting.append(connection)
            self._inbox.tell(Ready(at))
            self._hand_over()
        else:
            connection.answer(*self._take(request, at), {"Content-Type": "application/json"})

    def _hand_over(self) -> None:
        self._waiting = deque(each for each in self._waiting if not each.closed)
        if self._delivery is not None and self._waiting:
            delivery, self._delivery = self._delivery, None
            self._under_way, self._stream = delivery.request_id, delivery.stream
            self._waiting.popleft().answer(200, delivery.payload, delivery.headers())

    def _taker(self, path: str, headers: dict[str, str]) -> Callable[[bytes], None] | None:
        """What takes the pieces of a body: the stream of the invocation that it answers."""
        streams = headers.get("lambda-runtime-function-response-mode") == "streaming"
        if self._stream is None or not streams or path != f"{_BASE}invocation/{self._under_way}/response":
            return None
        return self._stream(headers.get("content-type", ""))

    def _take(self, request: HttpRequest, at: float) -> tuple[int, bytes]:
        """Note what the runtime posts, if it is its turn; the status and body of the answer."""
        kind = request.headers.get(ERROR_TYPE, "Unhandled")
        match request.method, *request.path.removeprefix(_BASE).split("/"):
            case "POST", "init" | "restore", "error" if not self._initialised:
                self._inbox.tell(InitFailed(at, _response_too_large() if request.body is None else request.body, kind))
            case "POST", "invocation", request_id, "response" | "error" if request_id == self._under_way is not None:
                self._under_way = None
                if request.body is None:
                    self._inbox.tell(Answered(at, request_id, _response_too_large(), "Function.ResponseSizeTooLarge"))
                    return 413, _error("RequestEntityTooLarge", "the response is over 6 MB")
                self._inbox.tell(_answered(at, request_id, request, request.body))
            case "POST", "invocation", request_id, "response" | "error" if self._under_way is not None:
                return 400, _error("InvalidRequestID", f"{request_id} is not the invocation that is under way")
            case ("GET", "invocation", "next") | ("POST", "invocation", _, "response" | "error"):
                return 403, _error("InvalidStateTransition", f"it is not the time for {request.path}")
            case "POST", "init" | "restore", "error":
                return 403, _error("InvalidStateTransition", f"it is not the time for {request.path}")
            case _:
                return 404, _error("NotFound", f"the Runtime API has no {request.path}")
        return 202, b'{"status":"OK"}'


def _error(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def _answered(at: float, request_id: str, request: HttpRequest, body: bytes) -> Answered:
    """The answer of a runtime; a streamed one may end in an error, which its trailers tell."""
    error_type = request.headers.get(ERROR_TYPE)
    if request.path.endswith("/error"):
        return Answered(at, request_id, body, error_type or "Unhandled")
    if error_type is None:
        return Answered(at, request_id, body)
    error = base64.b64decode(request.headers.get("lambda-runtime-function-error-body", ""))
    return Answered(at, request_id, error, error_type)


def _response_too_large() -> bytes:
    return json.dumps({
        "errorMessage": f"Response payload size exceeded maximum allowed payload size ({MAXIMUM_RESPONSE} bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }).encode()  # fmt: skip
