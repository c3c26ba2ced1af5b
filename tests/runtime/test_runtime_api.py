"""The Runtime API over HTTP, as a runtime in any language uses it."""

from __future__ import annotations

import http.client
import json
import queue
import socket
import threading
import time

import pytest

from labkit.runtime.inbox import Inbox
from labkit.runtime.runtime_api import MAXIMUM_RESPONSE, Answered, Delivery, InitFailed, Ready, RuntimeApi

BASE = "/2018-06-01/runtime"


class Attended(RuntimeApi):
    """The API of an environment in which a thread waits, as an invocation does; `signals` has what it heard."""

    def __init__(self):
        self.signals = queue.SimpleQueue()
        inbox = Inbox()
        super().__init__(inbox)
        self._waited_for = True
        self._waiting_thread = threading.Thread(target=self._wait, args=(inbox,))
        self._waiting_thread.start()

    def _wait(self, inbox):
        while self._waited_for:
            if happened := inbox.next(time.perf_counter() + 0.05):
                self.signals.put(happened)

    def close(self):
        self._waited_for = False
        self._waiting_thread.join()
        super().close()


@pytest.fixture
def api():
    api = Attended()
    yield api
    api.close()


@pytest.fixture
def runtime(api):
    connection = http.client.HTTPConnection(api.address, timeout=60)
    yield connection
    connection.close()


def post(runtime, path, body=b"", **headers):
    runtime.request("POST", BASE + path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = runtime.getresponse()
    return answer.status, json.loads(answer.read())


def signal(api):
    return api.signals.get(timeout=60)


def test_next_waits_for_an_event_and_brings_it_with_its_headers(api, runtime):
    runtime.request("GET", BASE + "/invocation/next")
    assert isinstance(signal(api), Ready)
    api.deliver(Delivery("id-1", b'{"a": 1}', "arn:f", 1234567, '{"custom": {}}', "Root=1"))
    answer = runtime.getresponse()
    assert answer.status == 200 and answer.read() == b'{"a": 1}'
    assert {name: value for name, value in answer.getheaders() if name.startswith("Lambda-")} == {
        "Lambda-Runtime-Aws-Request-Id": "id-1",
        "Lambda-Runtime-Deadline-Ms": "1234567",
        "Lambda-Runtime-Invoked-Function-Arn": "arn:f",
        "Lambda-Runtime-Client-Context": '{"custom": {}}',
        "Lambda-Runtime-Trace-Id": "Root=1",
    }


def test_what_is_not_known_has_no_header(api, runtime):
    runtime.request("GET", BASE + "/invocation/next")
    assert isinstance(signal(api), Ready)
    api.deliver(Delivery("id-1", b"{}", "arn:f", 1, None, None))
    names = {name for name, _ in runtime.getresponse().getheaders()}
    assert not names & {"Lambda-Runtime-Client-Context", "Lambda-Runtime-Trace-Id"}


def test_one_connection_serves_event_after_event(api, runtime):
    for number in range(3):
        runtime.request("GET", BASE + "/invocation/next")
        assert isinstance(signal(api), Ready)
        api.deliver(Delivery(f"id-{number}", b"{}", "arn:f", 1, None, None))
        runtime.getresponse().read()
        assert post(runtime, f"/invocation/id-{number}/response", b"null") == (202, {"status": "OK"})
        answered = signal(api)
        assert (answered.request_id, answered.payload, answered.error_type) == (f"id-{number}", b"null", None)


@pytest.fixture
def deliver(api, runtime):
    """`deliver(request_id)`: have the runtime fetch an event of this id."""

    def fetch(request_id="id"):
        runtime.request("GET", BASE + "/invocation/next")
        assert isinstance(signal(api), Ready)
        api.deliver(Delivery(request_id, b"{}", "arn:f", 1, None, None))
        runtime.getresponse().read()

    return fetch


@pytest.mark.parametrize("kind", ["response", "error"])
def test_an_answer_is_as_large_as_it_may_be(api, runtime, deliver, kind):
    deliver()
    assert post(runtime, f"/invocation/id/{kind}", b"x" * MAXIMUM_RESPONSE)[0] == 202
    assert len(signal(api).payload) == MAXIMUM_RESPONSE
    deliver()
    status, answer = post(runtime, f"/invocation/id/{kind}", b"x" * (MAXIMUM_RESPONSE + 1))
    assert (status, answer["errorType"]) == (413, "RequestEntityTooLarge")
    refused = signal(api)
    assert refused.error_type == "Function.ResponseSizeTooLarge" and b"6291556 bytes" in refused.payload


def test_errors_are_told_with_their_type(api, runtime, deliver):
    kind = {"Lambda_Runtime_Function_Error_Type": "Odd"}
    assert post(runtime, "/init/error", b'{"a":1}', **kind)[0] == 202
    failed = signal(api)
    assert isinstance(failed, InitFailed) and (failed.error_type, failed.payload) == ("Odd", b'{"a":1}')
    deliver()
    assert post(runtime, "/invocation/id/error", b"{}", **kind)[0] == 202
    answered = signal(api)
    assert isinstance(answered, Answered) and (answered.error_type, answered.request_id) == ("Odd", "id")
    deliver()
    post(runtime, "/invocation/id/error", b"{}")
    assert signal(api).error_type == "Unhandled"


def test_the_first_answer_to_an_event_counts_and_only_to_that(api, runtime, deliver):
    deliver("id-1")
    assert post(runtime, "/invocation/id-0/response", b"1")[0] == 400
    assert post(runtime, "/invocation/id-1/response", b"2")[0] == 202
    status, refusal = post(runtime, "/invocation/id-1/response", b"3")
    assert (status, refusal["errorType"]) == (403, "InvalidStateTransition")
    assert signal(api).payload == b"2" and api.signals.empty()


def test_no_event_is_fetched_while_one_is_under_way(api, runtime, deliver):
    deliver("id-1")
    runtime.request("GET", BASE + "/invocation/next")
    refused = runtime.getresponse()
    assert refused.status == 403 and json.loads(refused.read())["errorType"] == "InvalidStateTransition"
    assert post(runtime, "/init/error", b"{}")[0] == 403  # Init is over
    assert post(runtime, "/invocation/id-1/response", b"1")[0] == 202
    assert isinstance(signal(api), Answered)
    deliver("id-2")


@pytest.mark.parametrize("path", ["/invocation/nowhere", "/other", "/invocation/id/response/more", "/init/next"])
def test_any_other_path_is_not_found(api, runtime, path):
    assert post(runtime, path)[0] == 404
    runtime.request("GET", BASE + path)
    assert runtime.getresponse().status == 404


def test_close_ends_who_waits():
    waiting = Attended()
    runtime = http.client.HTTPConnection(waiting.address, timeout=60)
    runtime.request("GET", BASE + "/invocation/next")
    assert isinstance(signal(waiting), Ready)
    waiting.close()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        runtime.getresponse()
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(waiting.address, timeout=60).connect()


def test_an_event_goes_to_a_connection_that_is_still_open(api, runtime):
    gone = http.client.HTTPConnection(api.address, timeout=60)
    gone.request("GET", BASE + "/invocation/next")
    assert isinstance(signal(api), Ready)
    gone.close()
    runtime.request("GET", BASE + "/invocation/next")
    assert isinstance(signal(api), Ready)
    api.deliver(Delivery("id-1", b"1", "arn:f", 1, None, None))
    assert runtime.getresponse().read() == b"1"


def test_an_event_that_nobody_takes_at_once_waits(api, runtime):
    large = b"x" * MAXIMUM_RESPONSE
    runtime.request("GET", BASE + "/invocation/next")
    assert isinstance(signal(api), Ready)
    api.deliver(Delivery("id-1", large, "arn:f", 1, None, None))  # more than a socket holds
    other = http.client.HTTPConnection(api.address, timeout=60)
    assert post(other, "/invocation/id-0/response", b"1")[0] == 400  # others are answered meanwhile
    other.close()
    assert runtime.getresponse().read() == large


def test_requests_may_be_sent_before_the_answer_to_the_last(api, deliver, runtime):
    deliver("id-1")
    with socket.create_connection(api.address.split(":")) as sent:
        head = f"POST {BASE}/invocation/id-1/response HTTP/1.1\r\nContent-Length: 4\r\n\r\nnull"
        sent.sendall(f"{head}GET {BASE}/invocation/next HTTP/1.1\r\n\r\n".encode())
        assert isinstance(signal(api), Answered) and isinstance(signal(api), Ready)


def test_a_runtime_may_stop_sending_before_it_is_answered(api):
    with socket.create_connection(api.address.split(":")) as sent:
        sent.sendall(f"GET {BASE}/invocation/next HTTP/1.0\r\n\r\n".encode())
        sent.shutdown(socket.SHUT_WR)
        assert isinstance(signal(api), Ready)
        api.deliver(Delivery("id-1", b"the event", "arn:f", 1, None, None))
        assert b"".join(iter(lambda: sent.recv(1 << 16), b"")).endswith(b"the event")
