"""The Runtime API client that awslambdaric looks for, in Python instead of C++: every platform runs the same code.

It has the four functions of AWS's compiled module of this name and keeps one connection open. It speaks HTTP itself on
a bare socket, since importing http.client would lengthen every cold start by a fifth, and socket by a tenth.
API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import _socket
import os

SMALL = 1 << 20  # bytes, far below what an answer may have
PIECE = 1 << 16  # bytes that are read at once
_BASE = "/2018-06-01/runtime/invocation/"
_user_agent = ""
_connection = None  # its descriptor
_received = bytearray()
_posted = False  # something, whose answer has not been read


def initialize_client(user_agent):
    global _user_agent
    _user_agent = user_agent


def next():
    """Wait for the next event: its body and its headers, the deadline as a number."""
    global _posted
    _send("GET", "next")
    if _posted:
        _posted = False
        _answer()
    body, headers = _answer()
    headers["Lambda-Runtime-Deadline-Ms"] = int(headers["Lambda-Runtime-Deadline-Ms"])
    return body, headers


def post_invocation_result(invoke_id, result, content_type="application/json", invocation_id=None):
    _post(invoke_id + "/response", result, {"Content-Type": content_type})


def post_error(invoke_id, error, xray_fault, invocation_id=None):
    fault = xray_fault.replace("\r", " ").replace("\n", " ")
    headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-XRay-Error-Cause": fault}
    _post(invoke_id + "/error", error.encode("utf-8"), headers)


def _post(path, body, headers):
    """Send what came of an invocation; the answer to a small one, which is taken, is read after the next request."""
    global _posted
    _send("POST", path, body, headers)
    _posted = len(body) < SMALL
    if not _posted:
        _answer()


def _connected():
    global _connection
    if _connection is None:
        host, _, port = os.environ["AWS_LAMBDA_RUNTIME_API"].partition(":")
        connection = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        connection.connect((host, int(port or 80)))
        connection.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        _connection = connection.detach()
    return _connection


def _send(method, path, body=b"", headers={}):  # noqa: B006 - read only
    lines = [f"{method} {_BASE}{path} HTTP/1.1", "Host: runtime", f"User-Agent: {_user_agent}"]
    lines += [f"{name}: {value}" for name, value in headers.items()] + [f"Content-Length: {len(body)}", "", ""]
    connection, unsent = _connected(), memoryview("\r\n".join(lines).encode("utf-8") + body)
    while unsent:
        unsent = unsent[os.write(connection, unsent) :]


def _answer():
    status, found = _head()
    answer = _taken(int(found.get("Content-Length", 0)))
    if status >= 300:
        raise RuntimeError(f"the Runtime API answered {status}: {answer.decode('utf-8', 'replace')}")
    return answer, found


def _head():
    while (end := _received.find(b"\r\n\r\n")) < 0:
        _receive()
    first, *lines = _taken(end + 4)[:-4].decode("utf-8").split("\r\n")
    parts = (line.partition(":") for line in lines)
    return int(first.split()[1]), {name: value.strip() for name, _, value in parts}


def _taken(size):
    while len(_received) < size:
        _receive()
    taken = bytes(_received[:size])
    del _received[:size]
    return taken


def _receive():
    global _received
    piece = os.read(_connected(), PIECE)
    if not piece:
        raise ConnectionError("the Runtime API has closed the connection")
    _received += piece
