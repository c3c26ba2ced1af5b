"""The Runtime API client that awslambdaric looks for, in Python instead of C++: every platform runs the same code.

It has the four functions of AWS's compiled module of this name and keeps one connection open. It speaks HTTP itself on
a bare socket, since importing http.client would lengthen every cold start by a fifth, and socket by a tenth.
API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import _socket
import io
import os

SMALL = 1 << 20  # bytes, far below what an answer may have
_BASE = "/2018-06-01/runtime/invocation/"
_user_agent = ""
_stream = None
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
    global _stream
    if _stream is None:
        host, _, port = os.environ["AWS_LAMBDA_RUNTIME_API"].partition(":")
        connection = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        connection.connect((host, int(port or 80)))
        connection.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        raw = io.FileIO(connection.detach(), "r+")
        _stream = io.BufferedRWPair(raw, raw)
    return _stream


def _send(method, path, body=b"", headers={}):  # noqa: B006 - read only
    stream = _connected()
    lines = [f"{method} {_BASE}{path} HTTP/1.1", "Host: runtime", f"User-Agent: {_user_agent}"]
    lines += [f"{name}: {value}" for name, value in headers.items()] + [f"Content-Length: {len(body)}", "", ""]
    stream.write("\r\n".join(lines).encode("utf-8") + body)
    stream.flush()


def _answer():
    stream = _connected()
    status, found = _head(stream)
    answer = stream.read(int(found.get("Content-Length", 0)))
    if status >= 300:
        raise RuntimeError(f"the Runtime API answered {status}: {answer.decode('utf-8', 'replace')}")
    return answer, found


def _head(stream):
    line = stream.readline()
    if not line:
        raise ConnectionError("the Runtime API has closed the connection")
    status, found = int(line.split()[1]), {}
    while line := stream.readline().strip():
        name, _, value = line.decode("utf-8").partition(":")
        found[name] = value.strip()
    return status, found
