"""labkit beside the tools that run functions without Docker, in one run: `python tests/benchmarks/peers.py --help`.

Each peer is named by where it is installed, and left out where it is not: MiniStack and python-lambda-local from PyPI,
the official Runtime Interface Emulator out of the aws-sam-cli wheel, serverless-offline from npm.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import boto3
import click
from measures import FULL_CPU, HANDLER, seconds
from rich.console import Console
from rich.table import Table

import labkit

COLD, WARM = 7, 100
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class Measured:
    """Medians in seconds."""

    name: str
    cold: float
    warm: float


def labkit_calls() -> Iterator[Measured]:
    """Through boto3 and the account, and through the Runtime API alone."""
    account = labkit.start()
    try:
        client = boto3.client("lambda")
        role = boto3.client("iam").create_role(RoleName="echo", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        _create(client, role)
        cold = []
        for _ in range(COLD):
            labkit.clock.advance(hours=1)
            cold.append(seconds(lambda: _invoke(client)))
        yield Measured("labkit, boto3", median(cold), median(seconds(lambda: _invoke(client)) for _ in range(WARM)))
        yield _runtime_api_alone(account)
        print(f"labkit: {_rate(client):,.0f} warm invocations a second from 4 callers")
    finally:
        account.stop()


def _runtime_api_alone(account: Any) -> Measured:
    from labkit.runtime.function import InvocationRequest

    function = account.find_function(account.region, "echo", None)
    assert function is not None
    request = InvocationRequest("0" * 8, b"{}", function.arn, labkit.clock.time())
    cold, warm = [], []
    for _ in range(COLD):
        started = time.perf_counter()
        environment = account._hosting.launch(function, "on-demand")
        environment.run(request)
        cold.append(time.perf_counter() - started)
        warm += [seconds(lambda run=environment.run: run(request)) for _ in range(WARM // COLD)]
        environment.terminate()
    return Measured("labkit, Runtime API alone", median(cold), median(warm))


def _rate(client: Any, callers: int = 4, calls: int = 1000) -> float:
    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(lambda _: _invoke(client), range(callers)))
        took = seconds(lambda: list(pool.map(lambda _: _invoke(client), range(calls))))
    return calls / took


def ministack(program: Path, folder: Path) -> Measured:
    """A server; each cold start is of a new function."""
    port = _free_port()
    with _running([str(program)], folder, port, GATEWAY_PORT=str(port)):
        client = boto3.client(
            "lambda", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
            aws_access_key_id="invented", aws_secret_access_key="invented",
        )  # fmt: skip
        cold = []
        for number in range(COLD):
            _create(client, "arn:aws:iam::000000000000:role/echo", f"echo{number}")
            cold.append(seconds(lambda name=f"echo{number}": _invoke(client, name)))
        return Measured(
            "MiniStack, boto3", median(cold), median(seconds(lambda: _invoke(client, "echo0")) for _ in range(WARM))
        )


def emulator(program: Path, folder: Path) -> Measured:
    """AWS's Runtime Interface Emulator with awslambdaric; it initialises at the first request."""
    command = [sys.executable, "-m", "awslambdaric", "lambda_function.lambda_handler"]
    cold, warm = [], []
    for _ in range(COLD):
        port = _free_port()
        address = f"127.0.0.1:{port}"
        with _running([str(program), "--runtime-interface-emulator-address", address, *command], folder, port):
            post = _poster(port, "/2015-03-31/functions/function/invocations")
            cold.append(seconds(post))
            warm += [seconds(post) for _ in range(WARM // COLD)]
    return Measured("Runtime Interface Emulator", median(cold), median(warm))


def lambda_local(program: Path, folder: Path) -> Measured:
    """A new process for each call, so that every start is cold."""
    (folder / "event.json").write_text("{}")
    command = [str(program), "-f", "lambda_handler", "lambda_function.py", "event.json"]
    took = median(
        seconds(lambda: subprocess.run(command, cwd=folder, capture_output=True, check=True)) for _ in range(COLD)
    )
    return Measured("python-lambda-local", took, took)


def serverless_offline(program: Path, folder: Path) -> Measured:
    """A server that keeps a Python process per function."""
    port, lambda_port = _free_port(), _free_port()
    (folder / "serverless.yml").write_text(
        f"service: echo\nprovider: {{name: aws, runtime: {RUNTIME}}}\nplugins: [serverless-offline]\n"
        f"functions:\n" + "".join(f"  echo{n}: {{handler: lambda_function.lambda_handler}}\n" for n in range(COLD))
    )
    modules = program.parent.parent
    (folder / "node_modules").symlink_to(modules)
    command = [
        str(program),
        "offline",
        "--lambdaPort",
        str(lambda_port),
        "--httpPort",
        str(port),
        "--noPrependStageInUrl",
    ]
    with _running(command, folder, lambda_port, limit=60):
        posts = [_poster(lambda_port, f"/2015-03-31/functions/echo-dev-echo{n}/invocations") for n in range(COLD)]
        cold = [seconds(post) for post in posts]
        return Measured("serverless-offline", median(cold), median(seconds(posts[0]) for _ in range(WARM)))


def _create(client: Any, role: str, name: str = "echo") -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("lambda_function.py", HANDLER)
    client.create_function(
        FunctionName=name, Runtime=RUNTIME, Role=role, Handler="lambda_function.lambda_handler",
        Code={"ZipFile": package.getvalue()}, MemorySize=FULL_CPU,
    )  # fmt: skip


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


PEERS = {
    "ministack": ministack,
    "rie": emulator,
    "python-lambda-local": lambda_local,
    "serverless": serverless_offline,
}


@click.command()
@click.option("--ministack", type=click.Path(exists=True, path_type=Path), help="the program `ministack`")
@click.option("--rie", type=click.Path(exists=True, path_type=Path), help="aws-lambda-rie-x86_64 of aws-sam-cli")
@click.option("--python-lambda-local", type=click.Path(exists=True, path_type=Path), help="the program of that name")
@click.option("--serverless", type=click.Path(exists=True, path_type=Path), help="node_modules/.bin/serverless")
def main(**programs: Path | None) -> None:
    """Cold start to the first answer and warm calls of the same handler, medians; ratios against labkit."""
    found = list(labkit_calls())
    for name, measure in PEERS.items():
        program = programs[name.replace("-", "_")]
        if program is not None:
            folder = Path(tempfile.mkdtemp())
            (folder / "lambda_function.py").write_text(HANDLER)
            found.append(measure(program.absolute(), folder))
            shutil.rmtree(folder)
    table = Table("tool", "cold", "warm", "cold / labkit", "warm / labkit", title="Medians of the same handler")
    for one in found:
        ratios = f"{one.cold / found[0].cold:.2f}", f"{one.warm / found[0].warm:.2f}"
        table.add_row(one.name, f"{1000 * one.cold:,.1f} ms", f"{1000 * one.warm:,.2f} ms", *ratios)
    Console().print(table)


if __name__ == "__main__":
    main()
