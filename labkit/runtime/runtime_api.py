"""The Lambda Runtime API, from which the runtime inside an environment fetches events and to which it posts answers.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. Each environment has a port of its own, since
awslambdaric reports a failed init to a fixed path. What arrives is put, with its time, on the environment's queue.
"""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

MAXIMUM_RESPONSE = 6_291_556  # bytes: 6 MiB and 100, as AWS names it in its own message
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
    """An event as the runtime receives it; `deadline` is in milliseconds since 1970, in the machine's time."""

    request_id: str
    payload: bytes
    invoked_function_arn: str
    deadline: int
    client_context: str | None
    trace_id: str | None

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


Signal = Ready | Answered | InitFailed


class RuntimeApi:
    """The API of one environment, on loopback."""

    def __init__(self, signals: queue.SimpleQueue[object]):
        self._signals = signals
        self._deliveries: queue.SimpleQueue[Delivery | None] = queue.SimpleQueue()
        self._connections: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, name=f"runtime-api-{self.address}", daemon=True).start()

    def deliver(self, delivery: Delivery) -> None:
        """Hand an event to the runtime that waits for one."""
        self._deliveries.put(delivery)

    def close(self) -> None:
        """Stop answering; every connection is closed."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._deliveries.put(None)
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, address = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(
                    target=self._serve, args=(connection, address), name="runtime-api", daemon=True
                ).start()

    def _serve(self, connection: socket.socket, address: object) -> None:
        self._connections.add(connection)
        with contextlib.suppress(OSError), connection:
            _Exchange(connection, address, self)  # type: ignore[arg-type]  # it asks nothing of its server but this
        self._connections.discard(connection)

    def next(self) -> Delivery | None:
        self._signals.put(Ready(time.perf_counter()))
        return self._deliveries.get()

    def signal(self, signal: Signal) -> None:
        self._signals.put(signal)


class _Exchange(BaseHTTPRequestHandler):
    """One connection of the runtime."""

    protocol_version = "HTTP/1.1"
    server: RuntimeApi  # type: ignore[assignment]

    def do_GET(self) -> None:
        if self.path != _BASE + "invocation/next":
            return self._answer(404, _error("NotFound", f"the Runtime API has no {self.path}"))
        delivery = self.server.next()
        if delivery is None:
            self.close_connection = True
        else:
            self._answer(200, delivery.payload, delivery.headers())

    def do_POST(self) -> None:
        at, body = time.perf_counter(), self._body()
        error_type = self.headers.get("Lambda-Runtime-Function-Error-Type")
        match self.path.removeprefix(_BASE).split("/"):
            case ["invocation", request_id, "response"] if body is None:
                self.server.signal(Answered(at, request_id, _response_too_large(), "Function.ResponseSizeTooLarge"))
                return self._answer(413, _error("RequestEntityTooLarge", "the response is over 6 MB"))
            case ["invocation", request_id, "response"]:
                self.server.signal(Answered(at, request_id, body or b""))
            case ["invocation", request_id, "error"]:
                self.server.signal(Answered(at, request_id, body or b"", error_type or "Unhandled"))
            case ["init", "error"]:
                self.server.signal(InitFailed(at, body or b"", error_type or "Unhandled"))
            case _:
                return self._answer(404, _error("NotFound", f"the Runtime API has no {self.path}"))
        self._answer(202, b'{"status":"OK"}')

    def _body(self) -> bytes | None:
        """The request's body, or None when it is larger than a response may be."""
        length = int(self.headers.get("Content-Length", 0))
        if length <= MAXIMUM_RESPONSE:
            return self.rfile.read(length)
        while length > 0:
            length -= len(self.rfile.read(min(length, 1 << 20)))
        return None

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        lines = [f"HTTP/1.1 {status} -", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {"Content-Type": "application/json"}).items()]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("utf-8") + body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing is logged: the log belongs to the function."""


def _error(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def _response_too_large() -> bytes:
    return json.dumps({
        "errorMessage": f"Response payload size exceeded maximum allowed payload size ({MAXIMUM_RESPONSE} bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }).encode()  # fmt: skip
