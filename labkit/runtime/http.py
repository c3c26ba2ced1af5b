"""The server's side of HTTP/1.1 on one connection, as far as runtimes use it; it never waits for the other side.

Python's http.server would wait, and takes longer to read a request than all else of a warm invocation together.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator
from dataclasses import dataclass

from labkit.runtime.inbox import Inbox

LONGEST_LINE = 1 << 16
PIECE = 1 << 18  # bytes that are read at once


@dataclass(frozen=True)
class HttpRequest:
    """A request; header names are in lower case, `body` is None when it was larger than allowed."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None


Take = Callable[[bytes], None]
Steps = Generator["HttpRequest | None", None, None]  # what is read step by step: a request, or None for want of bytes


class HttpConnection:
    """Reads requests one after the other, each of which `serve` is given and has answered, now or later.

    A body larger than `largest` bytes is read and dropped. `taker(path, headers)` may give a function that takes the
    pieces of a body as they come, which is then not kept. What follows a body in chunks, its trailers, is added to the
    headers. It works while someone waits for what happens in `inbox`.
    """

    def __init__(
        self,
        connection: socket.socket,
        inbox: Inbox,
        serve: Callable[[HttpConnection, HttpRequest], None],
        largest: int,
        taker: Callable[[str, dict[str, str]], Take | None] = lambda path, headers: None,
    ):
        connection.setblocking(False)
        self.closed = False
        self._socket = connection
        self._inbox = inbox
        self._serve = serve
        self._largest = largest
        self._taker = taker
        self._received = bytearray()
        self._unsent: bytes | memoryview = b""
        self._held = b""  # answers that go with a later one
        self._serving = False
        self._unanswered = 0
        self._last = False  # no request follows
        self._steps = self._read_requests()
        inbox.watch(connection, self._attend)

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        """Send an answer; one of several that are asked for at once goes with the last, and wakes who waits once."""
        lines = [f"HTTP/1.1 {status} -", f"Content-Length: {len(body)}", *(f"{k}: {v}" for k, v in headers.items())]
        self._unanswered -= 1
        self._held += "\r\n".join([*lines, "", ""]).encode("utf-8") + body
        if not self._serving:
            self._send_held()

    def close(self) -> None:
        """Close the connection, as it also is when the other side closes it or what comes is no HTTP."""
        self.closed = True
        self._inbox.ignore(self._socket)
        self._socket.close()

    def _attend(self) -> None:
        if self._unsent:
            self._send(b"")
        try:
            received = self._socket.recv(PIECE)
            self._received += received
            self._serve_what_is_complete()
        except BlockingIOError:
            return
        except (OSError, ValueError):
            return self.close()
        if not received and self._last:
            self._inbox.ignore(self._socket)  # it is closed once it is answered
        elif not received:
            self.close()

    def _serve_what_is_complete(self) -> None:
        self._serving = True
        for request in self._steps:
            if request is None:
                break
            self._unanswered += 1
            self._serve(self, request)
        self._serving = False
        if not self._unanswered:
            self._send_held()

    def _send_held(self) -> None:
        held, self._held = self._held, b""
        self._send(held)

    def _send(self, data: bytes) -> None:
        """Send what the other side takes now, and the rest when it takes more."""
        waited = bool(self._unsent)
        self._unsent = memoryview(bytes(self._unsent) + data)
        try:
            self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError:  # the other side is gone
            return self.close()
        if waited != bool(self._unsent):
            self._inbox.watch(self._socket, self._attend, writable=not waited)
        if self._last and not self._unsent:
            self.close()

    def _read_requests(self) -> Steps:
        while not self._last:
            first, *lines = yield from self._head()
            method, path, version = first.decode("latin-1").split()
            headers = _headers(lines)
            if headers.get("expect", "").lower() == "100-continue":
                self._held += b"HTTP/1.1 100 Continue\r\n\r\n"
                self._send_held()
            body = _Body(self._largest)
            yield from self._body(headers, self._taker(path, headers) or body.take)
            self._last = version != "HTTP/1.1" or headers.get("connection", "").lower() == "close"
            yield HttpRequest(method, path, headers, body.content())

    def _head(self) -> Generator[None, None, list[bytes]]:
        """The lines of a request before its body, at once where they have come together: most of the time they have."""
        while not self._received:
            yield
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return (yield from self._lines())
        self._received = rest
        return bytes(head).split(b"\r\n")

    def _lines(self) -> Generator[None, None, list[bytes]]:
        """The lines up to an empty one."""
        lines = []
        while line := (yield from self._line()).strip():
            lines.append(line)
        return lines

    def _body(self, headers: dict[str, str], take: Take) -> Generator[None, None, None]:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return (yield from self._bytes(int(headers.get("content-length", 0)), take))
        while size := int((yield from self._line()).partition(b";")[0], 16):
            yield from self._bytes(size, take)
            yield from self._line()
        headers.update(_headers((yield from self._lines())))

    def _line(self) -> Generator[None, None, bytes]:
        while (end := self._received.find(b"\n")) < 0:
            if len(self._received) > LONGEST_LINE:
                raise ValueError("the line is too long")
            yield
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        return line

    def _bytes(self, size: int, take: Take) -> Generator[None, None, None]:
        while size > 0:
            if not self._received:
                yield
            piece = bytes(self._received[:size])
            del self._received[:size]
            size -= len(piece)
            if piece:
                take(piece)


def _headers(lines: list[bytes]) -> dict[str, str]:
    parts = (line.decode("utf-8", "replace").partition(":") for line in lines)
    return {name.lower(): value.strip() for name, _, value in parts}


class _Body:
    """What came of a body, as long as it is not larger than allowed."""

    def __init__(self, largest: int):
        self._largest = largest
        self._size = 0
        self._pieces: list[bytes] = []

    def take(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= self._largest:
            self._pieces.append(piece)
        else:
            self._pieces.clear()

    def content(self) -> bytes | None:
        return b"".join(self._pieces) if self._size <= self._largest else None
