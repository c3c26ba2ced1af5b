"""Code that stands in a template becomes a package, as CloudFormation makes one of it."""

from __future__ import annotations

import io
import shutil
import subprocess
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from labkit.moto_bridge.cloudformation.inline_code import NODE_MODULE, zip_of


def files(package):
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


@pytest.mark.parametrize("runtime, file", [("python3.13", "index.py"), ("nodejs22.x", "index.js")])
def test_code_becomes_the_index_and_the_same_code_the_same_package(runtime, file):
    assert files(zip_of("some code", runtime)) == {file: "some code"}
    assert zip_of("some code", runtime) == zip_of("some code", runtime) != zip_of("other code", runtime)


@pytest.mark.parametrize(
    "code, runtime, module, defines",
    [
        ("import cfnresponse", "python3.13", "cfnresponse.py", "def send(event, context, responseStatus"),
        ("const response = require('cfn-response')", "nodejs22.x", "cfn-response.js", "exports.send = "),
    ],
)
def test_the_response_module_comes_with_code_that_names_it(code, runtime, module, defines):
    assert defines in files(zip_of(code, runtime))[module]


@pytest.fixture
def receiver():
    """A server that keeps what is put, and its address."""
    kept = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self):
            kept.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield kept, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.skipif(shutil.which("node") is None, reason="this machine has no Node.js")
def test_the_node_module_puts_the_response(receiver):
    kept, address = receiver
    script = f"""
        const response = require({str(NODE_MODULE)!r});
        const event = {{ ResponseURL: {address!r}, StackId: "s", RequestId: "r", LogicalResourceId: "l" }};
        response.send(event, {{ logStreamName: "stream", done: () => {{}} }}, response.SUCCESS, {{ a: "ü" }});
    """
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, timeout=120, check=True)
    assert "Status code: 200" in done.stdout
    assert b'"PhysicalResourceId":"stream"' in kept[0] and '"Data":{"a":"ü"}'.encode() in kept[0]
