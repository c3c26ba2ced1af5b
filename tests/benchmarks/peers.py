"""labkit beside the tools that run functions without Docker, in turns, so that all meet the same machine.

MiniStack and python-lambda-local come from PyPI, the official Runtime Interface Emulator out of the aws-sam-cli wheel,
serverless-offline from npm.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import boto3
import click
from measures import FULL_CPU, HANDLER, TRUST, seconds
from peer_programs import installed
from result import Result
from rich.table import Table

import labkit
from labkit.runtime.function import InvocationRequest

ROUNDS, WARM = 11, 10  # warm calls a round
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
BOTO3, API = "labkit, boto3", "labkit, Runtime API alone"
MINISTACK = "MiniStack, boto3"


@dataclass
class Tool:
    """`cold` and `warm` each make one call and return the seconds it took."""

    name: str
    cold: Callable[[], float]
    warm: Callable[[], float]
    colds: list[float] = field(default_factory=list)
    warms: list[float] = field(default_factory=list)

    def take_turn(self) -> None:
        self.colds.append(self.cold())
        self.warms += [self.warm() for _ in range(WARM)]


# labkit itself.


def through_boto3(client: Any) -> Tool:
    """From boto3 to the account and back."""

    def cold() -> float:
        labkit.clock.advance(hours=1)  # ends the environments of the calls before
        return seconds(lambda: _invoke(client))

    return Tool(BOTO3, cold, lambda: seconds(lambda: _invoke(client)))


def runtime_api_alone(account: Any) -> Tool:
    """An environment from its start to its answer, without HTTP and the account around it, as the emulator's is."""
    function = account.find_function(account.region, "echo", None)
    environments: list[Any] = []

    def cold() -> float:
        while environments:
            _end(environments.pop())
        started = time.perf_counter()
        environments.append(account.rooms.hosting.launch(function, "on-demand"))
        environments[0].run(_request(function))
        return time.perf_counter() - started

    return Tool(API, cold, lambda: seconds(lambda: environments[0].run(_request(function))))


def _end(environment: Any) -> None:
    """End an environment and wait until it is gone, as is waited for the processes of the other tools."""
    supervisor = Path(f"/proc/{environment._process.supervisor._pid}")
    environment.terminate()
    while supervisor.exists():
        time.sleep(0.001)


def _request(function: Any) -> InvocationRequest:
    return InvocationRequest(str(uuid.uuid4()), b"{}", function.arn, labkit.clock.time())


def rate(account: Any, callers: int = 4, calls: int = 4000) -> float:
    """Warm invocations a second that the account's pool serves across environments."""
    function = account.find_function(account.region, "echo", None)

    def invoke(_: int) -> None:
        assert account.rooms.pool.invoke(function, _request(function)).function_error is None

    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(invoke, range(4 * callers)))
        return calls / seconds(lambda: list(pool.map(invoke, range(calls))))


# The peers.


@contextlib.contextmanager
def ministack(program: Path, folder: Path) -> Iterator[Tool]:
    """A server; each cold start is of a new function."""
    port = _free_port()
    with _running([str(program)], folder, port, GATEWAY_PORT=str(port)):
        client = boto3.client(
            "lambda", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
            aws_access_key_id="invented", aws_secret_access_key="invented",
        )  # fmt: skip
        names: list[str] = []

        def cold() -> float:
            names.append(f"echo{len(names)}")
            _create(client, "arn:aws:iam::000000000000:role/echo", names[-1])
            return seconds(lambda: _invoke(client, names[-1]))

        yield Tool(MINISTACK, cold, lambda: seconds(lambda: _invoke(client, names[-1])))


@contextlib.contextmanager
def emulator(program: Path, folder: Path) -> Iterator[Tool]:
    """AWS's Runtime Interface Emulator with awslambdaric; it initialises at the first request."""
    function = [sys.executable, "-m", "awslambdaric", "lambda_function.lambda_handler"]
    with contextlib.ExitStack() as running:
        posts: list[Callable[[], None]] = []

        def cold() -> float:
            running.close()
            port = _free_port()
            command = [str(program), "--runtime-interface-emulator-address", f"127.0.0.1:{port}", *function]
            running.enter_context(_running(command, folder, port))
            posts.append(_poster(port, "/2015-03-31/functions/function/invocations"))
            return seconds(posts[-1])

        yield Tool("Runtime Interface Emulator", cold, lambda: seconds(posts[-1]))


@contextlib.contextmanager
def lambda_local(program: Path, folder: Path) -> Iterator[Tool]:
    """A new process for each call, so that every start is cold."""
    (folder / "event.json").write_text("{}")
    command = [str(program), "-f", "lambda_handler", "lambda_function.py", "event.json"]

    def call() -> float:
        return seconds(lambda: subprocess.run(command, cwd=folder, capture_output=True, check=True))

    yield Tool("python-lambda-local", call, call)


@contextlib.contextmanager
def serverless_offline(program: Path, folder: Path) -> Iterator[Tool]:
    """A server that keeps a Python process per function."""
    port, lambda_port = _free_port(), _free_port()
    (folder / "serverless.yml").write_text(
        f"service: echo\nprovider: {{name: aws, runtime: {RUNTIME}}}\nplugins: [serverless-offline]\nfunctions:\n"
        + "".join(f"  echo{n}: {{handler: lambda_function.lambda_handler}}\n" for n in range(ROUNDS))
    )
    (folder / "node_modules").symlink_to(program.parent.parent)
    ports = ("--lambdaPort", str(lambda_port), "--httpPort", str(port), "--noPrependStageInUrl")
    with _running([str(program), "offline", *ports], folder, lambda_port, limit=60):
        posts = [_poster(lambda_port, f"/2015-03-31/functions/echo-dev-echo{n}/invocations") for n in range(ROUNDS)]
        waiting = iter(posts)
        yield Tool("serverless-offline", lambda: seconds(next(waiting)), lambda: seconds(posts[0]))


PEERS = {
    "MiniStack": ministack,
    "python-lambda-local": lambda_local,
    "Runtime Interface Emulator": emulator,
    "serverless-offline": serverless_offline,
}


# What they are called with.


def _create(client: Any, role: str, name: str = "echo") -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("lambda_function.py", HANDLER)
    client.create_function(
        FunctionName=name, Runtime=RUNTIME, Role=role, Handler="lambda_function.lambda_handler",
        Code={"ZipFile": package.getvalue()}, MemorySize=FULL_CPU,
    )  # fmt: skip
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1})


def _invoke(client: Any, name: str = "echo") -> bytes:
    answer = client.invoke(FunctionName=name, Payload=b"{}")
    assert "FunctionError" not in answer
    return bytes(answer["Payload"].read())


def _poster(port: int, path: str) -> Callable[[], None]:
    def post() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", path, b"{}", {"Content-Type": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200 and json.loads(body) == {}, body
        connection.close()

    return post


@contextlib.contextmanager
def _running(command: list[str], folder: Path, port: int, limit: float = 30, **variables: str) -> Iterator[None]:
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **variables}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + limit
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not come up")
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(15)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


# What comes of it.


def bounds(tools: dict[str, Tool], invocations_a_second: float) -> Iterator[Result]:
    """What labkit must reach beside the peers that were measured."""
    peers = [tool for name, tool in tools.items() if not name.startswith("labkit")]
    if peers:
        best = min(peers, key=lambda tool: median(tool.colds))
        yield Result("cold start", median(tools[API].colds), 1, median(best.colds), best.name)
        best = min(peers, key=lambda tool: median(tool.warms))
        yield Result("warm through the Runtime API", median(tools[API].warms), 1 / 2, median(best.warms), best.name)
    if MINISTACK in tools:
        yield Result(
            "warm through boto3", median(tools[BOTO3].warms), 1 / 10, median(tools[MINISTACK].warms), MINISTACK
        )
    name = f"an invocation of {invocations_a_second:,.0f} a second across environments"
    yield Result(name, 1 / invocations_a_second, 0.001)


def installed_peers(folder: Path) -> dict[str, Path]:
    """The program of each peer that can be had; of the others it is said why not."""
    found = {}
    for name in PEERS:
        try:
            found[name] = installed(name, folder)
        except OSError as error:
            click.echo(f"{name} is left out: {error}", err=True)
    return found


def measured(programs: dict[str, Path]) -> tuple[list[Tool], list[Result]]:
    """Every tool, having taken its turns, and what labkit must reach beside them."""
    with contextlib.ExitStack() as running:
        account = labkit.start()
        running.callback(account.stop)
        client = boto3.client("lambda")
        _create(client, boto3.client("iam").create_role(RoleName="echo", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"])
        tools = [through_boto3(client), runtime_api_alone(account)]
        for name, program in programs.items():
            folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
            (folder / "lambda_function.py").write_text(HANDLER)
            tools.append(running.enter_context(PEERS[name](program, folder)))
        for _ in range(ROUNDS):
            for tool in tools:
                tool.take_turn()
        return tools, list(bounds({tool.name: tool for tool in tools}, rate(account)))


def table_of_tools(tools: list[Tool]) -> Table:
    """Cold start to the first answer and warm calls of the same handler, by tool."""
    table = Table("tool", "cold", "warm", title=f"The same handler, medians of {ROUNDS} and {ROUNDS * WARM}")
    for tool in tools:
        table.add_row(tool.name, f"{1000 * median(tool.colds):,.1f} ms", f"{1000 * median(tool.warms):,.2f} ms")
    return table
