"""One connection serves request after request, as raw HTTP sees it."""

from __future__ import annotations

import http.client
import socket

import pytest

from labkit.moto_bridge.server import HOST, Answer, MotoServer

UNSIGNED = "/2015-03-31/functions/f/invocations"
BUCKETS = {"Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request, Signature=x"}


@pytest.fixture
def connection(served):
    opened = http.client.HTTPConnection(served.endpoint.removeprefix("http://"), timeout=60)
    yield opened
    opened.close()


def ask(connection, method, path, body=None, **headers):
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_requests_follow_each_other_on_one_connection(connection):
    ask(connection, "GET", "/", **BUCKETS)
    opened = connection.sock
    for _ in range(3):
        status, body = ask(connection, "GET", "/", **BUCKETS)
        assert status == 200 and b"ListAllMyBucketsResult" in body
    assert connection.sock is opened


def test_a_body_that_was_not_read_is_not_the_next_request(connection):
    for size in (1, 100, 3 << 20):
        assert ask(connection, "POST", UNSIGNED, b"GET / HTTP/1.1\r\n\r\n" * size)[0] == 403
        assert ask(connection, "GET", "/", **BUCKETS)[0] == 200


def test_an_answer_without_a_body_ends_where_it_should(served, connection):
    served.s3.create_bucket(Bucket="bucket")
    served.s3.put_object(Bucket="bucket", Key="k", Body=b"12345")
    connection.request("HEAD", "/bucket/k", headers=BUCKETS)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Content-Length"], answer.read()) == (200, "5", b"")
    assert ask(connection, "DELETE", "/bucket/k", **BUCKETS) == (204, b"")
    assert ask(connection, "GET", "/bucket/k", **BUCKETS)[0] == 404


def test_who_asks_for_it_is_answered_once(connection):
    connection.request("GET", "/", headers={"Connection": "close", **BUCKETS})
    answer = connection.getresponse()
    assert answer.headers["Connection"] == "close" and answer.read()
    assert answer.isclosed() and connection.sock is None


def test_chunks_are_taken_too(connection):
    connection.request("POST", "/_labkit/clock", iter([b'{"advance_', b'seconds": 0}']), encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    assert connection.getresponse().read()
    assert ask(connection, "GET", "/", **BUCKETS)[0] == 200


def test_a_connection_is_closed_in_silence_when_it_is_idle_or_no_http(capfd):
    server = MotoServer(lambda environ: Answer(200), idle=0.1)
    for said in (b"", b"no http\r\n\r\n"):
        with socket.create_connection((HOST, server.port), timeout=30) as opened:
            opened.sendall(said)
            while opened.recv(1 << 16):
                pass
    server.close()
    assert capfd.readouterr().err == ""
