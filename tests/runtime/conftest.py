"""Environments without an account: real processes, invented credentials."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest

from labkit.clock import Clock
from labkit.runtime.environment import Environment
from labkit.runtime.function import Credentials, Function, InvocationRequest, Logging
from labkit.runtime.host import Host
from labkit.runtime.probe import why_no_sandbox
from labkit.runtime.runtime_directory import make_runtime_directory
from labkit.runtime.snapshot import RestoredEnvironment, Snapshot
from labkit.runtime.spawner import Spawner


@pytest.fixture(scope="session")
def _spawner():
    directory = Path(tempfile.mkdtemp(prefix="labkit-test-"))
    spawner = Spawner(directory)
    make_runtime_directory(directory / "runtime")
    yield spawner, directory, why_no_sandbox(spawner, directory)
    spawner.close()


@pytest.fixture(params=["sandboxed", "bare"])
def make_host(request, _spawner):
    """`make_host(init_limit=…)`: where environments live, with sandboxes and without."""
    spawner, directory, refused = _spawner
    if request.param == "sandboxed" and refused:
        pytest.skip(f"this machine has no sandboxes: {refused}")

    def make(init_limit=10.0, restore_limit=10.0, clock=None):
        sandboxed = request.param == "sandboxed"
        runtime = directory / "runtime"
        return Host(directory, runtime, spawner, sandboxed, clock or Clock(), {}, init_limit, restore_limit)

    return make


@pytest.fixture
def make_function(make_zip):
    """`make_function(code, timeout=…)`: the configuration of a function with this code."""

    def make(code, *, layers=(), **configuration):
        package = make_zip(code)
        default = dict(
            account="123456789012", region="us-east-1", name="f", version="$LATEST", role="arn:aws:iam::1:role/r",
            runtime=f"python{sys.version_info.major}.{sys.version_info.minor}",
            handler="lambda_function.lambda_handler",
            timeout=10.0, memory=512, ephemeral_storage=512, logging=Logging("/aws/lambda/f"),
            code_sha256=hashlib.sha256(package).hexdigest(), code=package, layers=tuple(map(make_zip, layers)),
        )  # fmt: skip
        return Function(**(default | configuration))

    return make


def credentials():
    return Credentials("ASIATEST", "secret", "token")


@pytest.fixture
def make_environment(make_host, make_function):
    """`make_environment(code, timeout=…, init_limit=…)`: an environment, prepared; in a sandbox and without one."""
    made = []

    def make(code, *, initialization_type="on-demand", init_limit=10.0, clock=None, **configuration):
        function, host = make_function(code, **configuration), make_host(init_limit, clock=clock)
        environment = Environment(function, credentials, host, initialization_type)
        made.append(environment)
        environment.prepare()
        return environment

    yield make
    for environment in made:
        environment.terminate()


@pytest.fixture
def make_snapshot(make_host, make_function):
    """`make_snapshot(code, restore_limit=…)`: a snapshot that was taken and `restore()`, which restores from it."""
    made = []

    def make(code, *, restore_limit=10.0, **configuration):
        function = make_function(code, **({"version": "1", "snap_start": True} | configuration))
        host = make_host(restore_limit=restore_limit)
        snapshot = Snapshot(function, credentials, host)
        made.append(snapshot)
        snapshot.prepare()
        failure, log = snapshot.initialise()

        def restore():
            made.insert(0, RestoredEnvironment(snapshot, credentials, host))
            made[0].prepare()
            return made[0]

        return SimpleNamespace(snapshot=snapshot, failure=failure, log=log, restore=restore)

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
