"""Environments without an account: real processes, invented credentials."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import uuid
from pathlib import Path

import pytest

from labkit.account.runtime_directory import make_runtime_directory
from labkit.clock import Clock
from labkit.runtime.environment import Environment, Host
from labkit.runtime.function import Credentials, Function, InvocationRequest, Logging
from labkit.runtime.probe import why_no_sandbox
from labkit.runtime.spawner import Spawner


@pytest.fixture(scope="session")
def _spawner():
    directory = Path(tempfile.mkdtemp(prefix="labkit-test-"))
    spawner = Spawner(directory)
    make_runtime_directory(directory / "runtime")
    yield spawner, directory, why_no_sandbox(spawner, directory)
    spawner.close()


@pytest.fixture(params=["sandboxed", "bare"])
def make_environment(request, _spawner, make_zip):
    """`make_environment(code, timeout=…, init_limit=…)`: an environment, prepared; in a sandbox and without one."""
    spawner, directory, refused = _spawner
    if request.param == "sandboxed" and refused:
        pytest.skip(f"this machine has no sandboxes: {refused}")
    made = []

    def make(code, *, initialization_type="on-demand", init_limit=10.0, layers=(), clock=None, **configuration):
        package = make_zip(code)
        default = dict(
            account="123456789012", region="us-east-1", name="f", version="$LATEST", role="arn:aws:iam::1:role/r",
            runtime=f"python{sys.version_info.major}.{sys.version_info.minor}",
            handler="lambda_function.lambda_handler",
            timeout=10.0, memory=512, ephemeral_storage=512, logging=Logging("/aws/lambda/f"),
            code_sha256=hashlib.sha256(package).hexdigest(), code=package, layers=tuple(map(make_zip, layers)),
        )  # fmt: skip
        host = Host(
            directory, directory / "runtime", spawner, request.param == "sandboxed", clock or Clock(), {}, init_limit
        )
        function = Function(**(default | configuration))
        credentials = Credentials("ASIATEST", "secret", "token")
        environment = Environment(function, lambda: credentials, host, initialization_type)
        made.append(environment)
        environment.prepare()
        return environment

    yield make
    for environment in made:
        environment.terminate()


@pytest.fixture
def run():
    """`run(environment, event)`: the completion of one invocation."""

    def invoke(environment, event=None, **more):
        payload = b"" if event is None else json.dumps(event).encode()
        arn = environment.function.arn
        return environment.run(InvocationRequest(str(uuid.uuid4()), payload, arn, 0.0, **more))

    return invoke
