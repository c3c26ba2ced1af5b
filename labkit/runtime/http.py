"""The server's side of HTTP/1.1 on one connection, as far as runtimes use it.

Python's http.server would do, and takes longer to read a request than all else of a warm invocation together.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

LONGEST_LINE = 1 << 16
PIECE = 1 << 20


@dataclass(frozen=True)
class HttpRequest:
    """A request; header names are in lower case, `body` is None when it was larger than allowed."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None


Take = Callable[[bytes], None]


class HttpConnection:
    """Reads requests one after the other; a body larger than `largest` bytes is read and dropped.

    `taker(path, headers)` may give a function that takes the pieces of a chunked body as they come, which is then not
    kept. What follows such a body, its trailers, is added to the headers.
    """

    def __init__(
        self,
        connection: socket.socket,
        largest: int,
        taker: Callable[[str, dict[str, str]], Take | None] = lambda path, headers: None,
    ):
        self._connection = connection
        self._stream: IO[bytes] = connection.makefile("rb")
        self._largest = largest
        self._taker = taker

    def requests(self) -> Iterator[HttpRequest]:
        """The requests until the other side closes; `ValueError` for what is no HTTP."""
        while line := self._stream.readline(LONGEST_LINE):
            method, path, version = line.decode("latin-1").split()
            headers = self._headers()
            if headers.get("expect", "").lower() == "100-continue":
                self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            yield HttpRequest(method, path, headers, self._body(headers, self._taker(path, headers)))
            if version != "HTTP/1.1" or headers.get("connection", "").lower() == "close":
                return

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        """Send an answer."""
        lines = [f"HTTP/1.1 {status} -", f"Content-Length: {len(body)}", *(f"{k}: {v}" for k, v in headers.items())]
        self._connection.sendall("\r\n".join([*lines, "", ""]).encode("utf-8") + body)

    def _headers(self) -> dict[str, str]:
        found = {}
        while line := self._stream.readline(LONGEST_LINE).strip():
            name, _, value = line.decode("utf-8", "replace").partition(":")
            found[name.lower()] = value.strip()
        return found

    def _body(self, headers: dict[str, str], take: Take | None) -> bytes | None:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = self._chunks(take)
            headers.update(self._headers())
            return body
        return self._read(int(headers.get("content-length", 0)), self._largest)

    def _chunks(self, take: Take | None) -> bytes | None:
        body: bytes | None = b""
        while size := int(self._stream.readline(LONGEST_LINE).partition(b";")[0], 16):
            if take is not None:
                self._hand_over(size, take)
            else:
                piece = self._read(size, self._largest - len(body or b""))
                body = None if body is None or piece is None else body + piece
            self._stream.readline(LONGEST_LINE)
        return body

    def _hand_over(self, size: int, take: Take) -> None:
        while size > 0 and (piece := self._stream.read(min(size, PIECE))):
            size -= len(piece)
            take(piece)

    def _read(self, size: int, allowed: int) -> bytes | None:
        if size <= allowed:
            return self._stream.read(size)
        while size > 0 and (piece := self._stream.read(min(size, PIECE))):
            size -= len(piece)
        return None
