"""HTTP as runtimes speak it: plain, in chunks, asking before they send, one after the other on a connection."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.runtime.http import HttpConnection
from labkit.runtime.inbox import Inbox


def exchange(sent: bytes, largest: int = 1000, answer: bool = True):
    """The requests read from these bytes, and what came back."""
    ours, theirs = socket.socketpair()
    inbox, found = Inbox(), []

    def serve(connection, request):
        found.append(request)
        if answer:
            connection.answer(200, b"ok", {"X": "1"})

    with theirs:
        writing = threading.Thread(target=lambda: (theirs.sendall(sent), theirs.shutdown(socket.SHUT_WR)))
        writing.start()
        http = HttpConnection(ours, inbox, serve, largest)
        while not http.closed:
            inbox.next(time.perf_counter() + 0.001)
        writing.join()
        return found, b"".join(iter(lambda: theirs.recv(1 << 16), b""))


def test_requests_follow_each_other_on_one_connection():
    found, back = exchange(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\ncontent-LENGTH: 3\r\n\r\nabc")
    assert [(one.method, one.path, one.body) for one in found] == [("GET", "/a", b""), ("POST", "/b", b"abc")]
    assert back == 2 * b"HTTP/1.1 200 -\r\nContent-Length: 2\r\nX: 1\r\n\r\nok"


@pytest.mark.parametrize("first", [b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\nConnection: Close\r\n\r\n"])
def test_the_last_request_of_a_connection_is_the_last(first):
    assert len(exchange(first + b"GET /more HTTP/1.1\r\n\r\n")[0]) == 1


def test_who_asks_before_sending_is_told_to_go_on():
    _, back = exchange(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx", answer=False)
    assert back == b"HTTP/1.1 100 Continue\r\n\r\n"


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8))
def test_chunks_are_one_body(pieces):
    chunks = b"".join(b"%x;note=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\nTrailer: t\r\n\r\n"
    head = b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    found, _ = exchange(head + chunks + b"GET /next HTTP/1.1\r\n\r\n")
    assert [(one.path, one.body) for one in found] == [("/c", b"".join(pieces)), ("/next", b"")]


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 1001\r\n\r\n" + b"x" * 1001,
        b"Transfer-Encoding: chunked\r\n\r\n258\r\n" + b"x" * 600 + b"\r\n258\r\n" + b"x" * 600 + b"\r\n0\r\n\r\n",
    ],
    ids=["at once", "in chunks"],
)
def test_too_large_a_body_is_dropped_and_the_next_request_read(body):
    found, _ = exchange(b"POST / HTTP/1.1\r\n" + body + b"GET /next HTTP/1.1\r\n\r\n")
    assert [one.body for one in found] == [None, b""]


@pytest.mark.parametrize("junk", [b"hello\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n"])
def test_what_is_no_http_ends_the_connection(junk):
    assert exchange(junk) == ([], b"")


@given(st.lists(st.integers(1, 60), max_size=6))
def test_requests_may_arrive_in_any_pieces(lengths):
    sent = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcPOST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    sent += b"2\r\nde\r\n1\r\nf\r\n0\r\n\r\n"
    ours, theirs = socket.socketpair()
    inbox, found = Inbox(), []
    http = HttpConnection(ours, inbox, lambda _, request: found.append((request.path, request.body)), 1000)
    with theirs:
        for length in [*lengths, len(sent)]:
            theirs.sendall(sent[:length])
            sent = sent[length:]
            inbox.next(0)
        assert found == [("/a", b"abc"), ("/b", b"def")]
        http.close()
