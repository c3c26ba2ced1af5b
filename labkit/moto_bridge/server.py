"""moto's server on loopback, behind a front that may answer a request before moto sees it."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Response
from werkzeug.wsgi import get_input_stream

from labkit.mistake import Mistake

HOST = "127.0.0.1"
IDLE = 60  # seconds; botocore keeps connections, and closing one that it is about to use would be an error there
PIECE = 1 << 20  # bytes
IN_PIECES = {"Transfer-Encoding": "chunked"}
HEADERS = "labkit.headers"  # where a request's environ has its headers as they were sent
MOTO_REQUEST_ID = "x-amzn-requestid"  # moto's for each service; those of S3 have other names
GOOD = 400  # an answer's status is below it


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; a header with a list of values is sent once for each, a body in pieces as they come."""

    status: int
    body: bytes | Iterable[bytes] = b""
    headers: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


@dataclass
class CurrentRequest:
    """The request being answered: `headers` go into its answer, `afterwards` is done once that is a good one."""

    environ: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    afterwards: list[Callable[[], object]] = field(default_factory=list)


current_request: ContextVar[CurrentRequest | None] = ContextVar("current_request", default=None)
current_trace: ContextVar[str | None] = ContextVar("current_trace", default=None)  # of what this thread is doing

Front = Callable[[dict[str, Any]], Answer | None]


class MotoServer:
    """Serves moto's account; `front` is asked first and answers None for what is moto's.

    A connection on which no request begins for `idle` seconds is closed.
    """

    def __init__(self, front: Front, port: int = 0, idle: float = IDLE):
        self._front = front
        self._moto = DomainDispatcherApplication(create_backend_app)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = _bind(port, self._application)
        self._server.idle = idle  # type: ignore[attr-defined]
        self.port = int(self._server.server_address[1])
        self.endpoint = f"http://{HOST}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="labkit-account", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving and give the port back."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for connection in list(self._server.connections):  # type: ignore[attr-defined]
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _application(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = CurrentRequest(environ)
        current_request.set(request)
        current_trace.set(environ.get("HTTP_X_AMZN_TRACE_ID"))

        def begin_answer(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            if int(status.split()[0]) < GOOD:
                for action in request.afterwards:
                    action()
            own = [header for header in headers if not request.headers or header[0].lower() != MOTO_REQUEST_ID]
            return start_response(status, [*own, *request.headers.items()], *more)

        return self._answer(environ, begin_answer)

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            answer = self._front(environ)
        except Exception as error:  # a defect of the kit; AWS calls it a fault of the service
            logging.getLogger("labkit").exception("%s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            body = json.dumps({"Type": "Service", "Message": f"labkit failed: {error!r}"}).encode()
            answer = Answer(500, body, {"Content-Type": "application/json", "x-amzn-ErrorType": "ServiceException"})
        if answer is None:
            return self._moto(environ, start_response)  # type: ignore[no-any-return]
        headers = answer.headers if isinstance(answer.body, bytes) else {**answer.headers, **IN_PIECES}
        return Response(answer.body, answer.status, headers)(environ, start_response)


class PortInUse(Mistake, OSError):
    """The port asked for is taken."""


def _bind(port: int, application: Any) -> BaseWSGIServer:
    try:
        listener = socket.create_server((HOST, port), backlog=128)  # werkzeug would print and leave where it's taken
    except (OSError, OverflowError) as error:
        raise PortInUse(
            f"port {port} can't be used on {HOST}: another program has it, or it needs more rights. "
            "Choose another, or 0 for any that is free."
        ) from error
    with listener:
        server = make_server(HOST, port, application, threaded=True, request_handler=_Handler, fd=listener.fileno())
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.connections = set()  # type: ignore[attr-defined]
    return server


class _Handler(MotoRequestHandler):
    """Answers one request after the other on a connection, where werkzeug's own closes it after each."""

    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one piece

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)  # type: ignore[attr-defined]

    def finish(self) -> None:
        self.server.connections.discard(self.connection)  # type: ignore[attr-defined]
        super().finish()

    def handle_one_request(self) -> None:
        self.connection.settimeout(self.server.idle)  # type: ignore[attr-defined]
        super().handle_one_request()

    def make_environ(self) -> dict[str, Any]:
        environ = super().make_environ()
        return environ | {HEADERS: tuple(self.headers.items()), "wsgi.input": get_input_stream(environ)}

    def run_wsgi(self) -> None:
        self.connection.settimeout(None)
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        environ = self.make_environ()
        body = environ["wsgi.input"]
        try:
            answer = Response.from_app(self.server.app, environ, buffered=False)
            if not IN_PIECES.items() <= dict(answer.headers).items():
                answer.make_sequence()
        except Exception:
            self.server.log("error", traceback.format_exc())
            answer = Response("Internal Server Error", 500)
        with contextlib.closing(answer):
            if answer.is_sequence:
                self._send(answer)
            else:
                self._stream(answer)
        with contextlib.suppress(ClientDisconnected, OSError):
            while body.read(PIECE):
                pass  # what the application has not read is no next request

    def _send(self, answer: Response) -> None:
        data = answer.get_data()
        if self.command != "HEAD" and answer.status_code not in (204, 304):
            answer.headers["Content-Length"] = str(len(data))
        self._send_head(answer)
        self.wfile.write(data)
        self.wfile.flush()

    def _stream(self, answer: Response) -> None:
        """Send the pieces as they come; where they break off the client sees the connection closed."""
        self._send_head(answer)
        if self.command == "HEAD":
            return
        try:
            for piece in answer.iter_encoded():
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True

    def _send_head(self, answer: Response) -> None:
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def send_response(self, code: int, message: str | None = None) -> None:
        """Nothing is logged, since the output is the learner's; AWS's services send a Server header themselves."""
        self.send_response_only(code, message)
        self.send_header("Date", self.date_time_string())

    def log_error(self, format: str, *arguments: Any) -> None:
        """Nor is a connection on which nothing was asked for long, or nothing that is HTTP."""


def forget_everything() -> None:
    """Empty every service of every account."""
    moto_api_backend.reset()
