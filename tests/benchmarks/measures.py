"""How long things take, each beside the least that this machine can do."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from statistics import median
from typing import Any

import boto3
from jupyter_client.manager import start_new_kernel
from result import Result

import labkit

TRUST = json.dumps({
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
})  # fmt: skip
FULL_CPU = 1769  # MB, where Lambda gives a function one whole CPU
HANDLER = "import json\n\ndef lambda_handler(event, context):\n    return json.loads(json.dumps(event))\n"
CELLS = [
    "%load_ext labkit",
    f"%%function echo\n{HANDLER}",
    "import boto3\nboto3.client('lambda').invoke(FunctionName='echo', Payload='1')['Payload'].read()",
]


def seconds(action: Callable[[], Any]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def side_by_side(one: Callable[[], Any], other: Callable[[], Any], times: int) -> tuple[float, float]:
    """The median times of two actions that take turns, so that both meet the same machine."""
    pairs = [(seconds(one), seconds(other)) for _ in range(times)]
    return median(first for first, _ in pairs), median(second for _, second in pairs)


def python(code: str) -> Callable[[], Any]:
    """An action: a Python process that runs `code`."""
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def import_of_labkit() -> Result:
    """What `import labkit` adds to the start of Python."""
    loaded, bare = side_by_side(python("import labkit"), python("pass"), times=21)
    return Result(f"import labkit, above bare Python ({1000 * bare:.1f} ms)", loaded - bare, 0.060)


def calls() -> list[Result]:
    """Cold and warm invocations of a handler that imports json, through boto3 and the account."""
    account = labkit.start()
    try:
        client = boto3.client("lambda")
        make_function(client)
        return [_cold_start(client), _warm_invoke(client)]
    finally:
        account.stop()


def make_function(client: Any, code: str = HANDLER) -> None:
    """Create the function `echo`."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("lambda_function.py", code)
    role = boto3.client("iam").create_role(RoleName="echo", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    client.create_function(
        FunctionName="echo", Runtime="python3.13", Role=role, Handler="lambda_function.lambda_handler",
        Code={"ZipFile": package.getvalue()}, MemorySize=FULL_CPU,
    )  # fmt: skip
    client.get_waiter("function_active_v2").wait(FunctionName="echo")


def _cold_start(client: Any) -> Result:
    times = 21
    took, floor = [], []
    for _ in range(times):
        labkit.clock.advance(hours=1)  # ends the environment of the call before
        took.append(seconds(lambda: _invoke(client)))
        floor.append(seconds(python("pass")))
    assert labkit.invocations().counts()["cold"] == times
    return Result("cold start to first answer", median(took), 4, median(floor), "python -c pass")


def _warm_invoke(client: Any) -> Result:
    _invoke(client)
    before = labkit.invocations().counts()["cold"]
    took, floor = side_by_side(
        lambda: _invoke(client), lambda: client.get_function_configuration(FunctionName="echo"), times=300
    )
    assert labkit.invocations().counts()["cold"] == before
    return Result("warm invoke", took, 2, floor, "get_function_configuration")


def _invoke(client: Any) -> bytes:
    return bytes(client.invoke(FunctionName="echo", Payload=b"1")["Payload"].read())


def first_invoke_in_a_kernel() -> Result:
    """From `%load_ext labkit` in a fresh kernel to the answer of the first function."""
    return Result("%load_ext labkit to the first answer", median(_cells_in_a_kernel() for _ in range(5)), 2.0)


def _cells_in_a_kernel() -> float:
    manager, client = start_new_kernel(stderr=subprocess.DEVNULL)
    try:
        return sum(seconds(lambda cell=cell: _execute(client, cell)) for cell in CELLS)
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


def _execute(client: Any, cell: str) -> None:
    reply = client.execute_interactive(cell, timeout=60, output_hook=lambda message: None)
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"the cell {cell!r} failed: {reply['content'].get('evalue')}")
