"""The Runtime API client that awslambdaric looks for, in Python instead of C++: every platform runs the same code.

It has the four functions of AWS's compiled module of this name and keeps one connection open.
API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import os
from http.client import HTTPConnection

_INVOCATIONS = "/2018-06-01/runtime/invocation/"
_connection = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
_user_agent = ""


def initialize_client(user_agent):
    global _user_agent
    _user_agent = user_agent


def next():
    """Wait for the next event: its body and its headers, the deadline as a number."""
    body, headers = _request("GET", "next")
    found = {name: headers[name] for name in headers}
    found["Lambda-Runtime-Deadline-Ms"] = int(found["Lambda-Runtime-Deadline-Ms"])
    return body, found


def post_invocation_result(invoke_id, result, content_type="application/json", invocation_id=None):
    _request("POST", invoke_id + "/response", result, {"Content-Type": content_type})


def post_error(invoke_id, error, xray_fault, invocation_id=None):
    headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-XRay-Error-Cause": _one_line(xray_fault)}
    _request("POST", invoke_id + "/error", error.encode("utf-8"), headers)


def _request(method, path, body=None, headers=None):
    _connection.request(method, _INVOCATIONS + path, body, {"User-Agent": _user_agent, **(headers or {})})
    response = _connection.getresponse()
    answer = response.read()
    if response.status >= 300:
        raise RuntimeError(f"the Runtime API answered {response.status}: {answer.decode('utf-8', 'replace')}")
    return answer, response.headers


def _one_line(text):
    return text.replace("\r", " ").replace("\n", " ").encode("utf-8")
