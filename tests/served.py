"""An account in another process, and short ways of making things in it."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import IO, Any

import boto3
import pytest
from botocore.config import Config

LABKIT = str(Path(sys.executable).with_name("labkit"))
# Goes on when an object is put into the bucket "gate"; its role may read S3.
GATED = """
import time
import boto3
def lambda_handler(event, context):
    s3 = boto3.client("s3")
    while "Contents" not in s3.list_objects_v2(Bucket="gate"):
        time.sleep(0.02)
    print("handler done")
"""
TRUST = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
})  # fmt: skip
ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=120)
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"


def zip_of(files: str | dict[str, Any]) -> bytes:
    """A zip with these files; a text alone is `lambda_function.py`."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for name, content in ({"lambda_function.py": files} if isinstance(files, str) else files).items():
            opened.writestr(name, content)
    return archive.getvalue()


def poll(condition: Any, timeout: float = 60.0) -> Any:
    """The first true value of `condition()`; fails the test when none comes in time."""
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"nothing came within {timeout:g} s")
        time.sleep(0.01)
    return found


def descendants(pid: int) -> set[int]:
    """Every process under this one, in whatever session or namespace."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        new = set(_children(waiting.pop())) - found
        found |= new
        waiting += new
    return found


def _children(pid: int) -> list[int]:
    """The processes that its threads started; none of a process or thread that ends meanwhile."""
    children: list[int] = []
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with suppress(OSError):
                children += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
    return children


@dataclass(frozen=True)
class Invoked:
    """What boto3 returned for an invocation, read."""

    raw: dict[str, Any]
    body: bytes

    @property
    def payload(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str | None:
        return self.raw.get("FunctionError")

    @property
    def request_id(self) -> str:
        return str(self.raw["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"])

    @property
    def log(self) -> str:
        return base64.b64decode(self.raw["LogResult"]).decode()


@dataclass(frozen=True)
class Answered:
    """What came over HTTP."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """The account of a `labkit serve`, with boto3 clients for it."""

    process: subprocess.Popen[str]
    endpoint: str
    errors: IO[str]
    _clients: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, service: str) -> Any:
        """A boto3 client: `served.dynamodb`; Lambda's is `served.awslambda`."""
        if service.startswith("_"):
            raise AttributeError(service)
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service.removeprefix("aws"), endpoint_url=self.endpoint, region_name="us-east-1", config=ONCE,
                aws_access_key_id="AKIATESTER", aws_secret_access_key="invented",
            )  # fmt: skip
        return self._clients[service]

    def post(self, path: str, body: bytes = b"") -> tuple[int, Any]:
        """Status and JSON answer of a POST."""
        try:
            with urllib.request.urlopen(urllib.request.Request(self.endpoint + path, body, method="POST")) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def request(
        self, method: str, host: str, path: str = "/", body: bytes | None = None,
        headers: dict[str, str] | list[tuple[str, str]] | None = None, chunks: list[bytes] | None = None,
    ) -> Answered:  # fmt: skip
        """What the front door of a host name (empty for the account's own) answers."""
        address = self.endpoint.removeprefix("http://")
        connection = HTTPConnection(address, timeout=60)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        given = headers.items() if isinstance(headers, dict) else headers or ()
        length = [] if body is None else [("Content-Length", str(len(body)))]
        for name, value in [("Host", host or address), *given, *length]:
            connection.putheader(name, value)
        connection.endheaders(body or (chunks and iter(chunks)), encode_chunked=chunks is not None)
        answer = connection.getresponse()
        try:
            return Answered(answer.status, answer.msg, answer.read())
        finally:
            connection.close()

    def advance(self, seconds: float) -> None:
        assert self.post("/_labkit/clock", json.dumps({"advance_seconds": seconds}).encode())[0] == 200

    def role(self, *managed: str, name: str = "tester", allow: list[dict[str, Any]] | None = None) -> str:
        """The ARN of a new role with these managed policies (their names) and an inline one."""
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        for policy in managed:
            path = "service-role/" if policy.startswith("AWSLambda") else ""
            self.iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{path}{policy}")
        if allow:
            document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **entry} for entry in allow]}
            self.iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(document))
        return str(arn)

    def function(self, code: str | dict[str, Any] | bytes, name: str = "f", **configuration: Any) -> str:
        """The ARN of a new function; unless told otherwise its role may write logs only."""
        if "Role" not in configuration:
            roles = {role["RoleName"]: role["Arn"] for role in self.iam.list_roles()["Roles"]}
            configuration["Role"] = roles.get("logger") or self.role("AWSLambdaBasicExecutionRole", name="logger")
        package = code if isinstance(code, bytes) else zip_of(code)
        default = {"Runtime": RUNTIME, "Handler": "lambda_function.lambda_handler", "MemorySize": 1769, "Timeout": 20}
        created = self.awslambda.create_function(
            FunctionName=name, Code={"ZipFile": package}, **(default | configuration)
        )
        return str(created["FunctionArn"])

    def invoke(self, name: str = "f", event: Any = None, **more: Any) -> Invoked:
        payload = {} if event is None else {"Payload": json.dumps(event)}
        answer = self.awslambda.invoke(FunctionName=name, **payload, **more)
        return Invoked(answer, answer["Payload"].read())

    def gated_function(self) -> None:
        """A function `f` that is under way until `open_gate`."""
        self.s3.create_bucket(Bucket="gate")
        role = self.role("AWSLambdaBasicExecutionRole", "AmazonS3ReadOnlyAccess", name="gated")
        self.function(GATED, Role=role, Timeout=300)

    def open_gate(self) -> None:
        self.s3.put_object(Bucket="gate", Key="open")

    def messages(self, name: str = "f") -> list[str]:
        """The function's log events, oldest first."""
        try:
            events = self.logs.filter_log_events(logGroupName=f"/aws/lambda/{name}", interleaved=True)["events"]
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in events]

    def complaints(self) -> str:
        """What it has written to stderr."""
        return _text(self.errors)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def serve_account(*options: str, **variables: str) -> Served:
    """A `labkit serve` on a free port, once it has said that it is ready."""
    errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the process
    process = subprocess.Popen(
        [LABKIT, "serve", "--port", "0", *options],
        stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **variables},
    )  # fmt: skip
    assert process.stdout is not None
    first = process.stdout.readline()
    ready = re.fullmatch(r"Ready (http://127\.0\.0\.1:\d+)\n", first)
    if not ready:
        process.kill()
        pytest.fail(f"labkit serve said {first!r} first, and {_text(errors)!r} on stderr")
    return Served(process, ready[1], errors)


def _text(file: IO[str]) -> str:
    file.seek(0)
    return file.read()
