"""What the tests of the account share: a `labkit serve` in another process, and ways of running scripts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from served import Served, poll, serve_account, zip_of

# The same examples each time; how long one takes says nothing on a loaded machine.
settings.register_profile("any machine", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

LONG_FOLDERS = ("lessons", "browser", "labs", "classroom")  # the longest first: no worker ends with one of them alone


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first."""
    places = {name: place for place, name in enumerate(LONG_FOLDERS)}
    items.sort(key=lambda item: places.get(item.path.parent.name, len(places)))


# What is answered in tests is no learner's progress.
os.environ["LABKIT_PROGRESS"] = str(Path(tempfile.mkdtemp(prefix="labkit-progress-")) / "progress.sqlite")


@pytest.fixture(scope="session")
def _session_account():
    account = serve_account()
    yield account
    assert account.stop() == 0


@pytest.fixture
def served(_session_account):
    """An empty account in another process; it serves the whole session and is reset for each test."""
    assert _session_account.post("/moto-api/reset")[0] == 200
    return _session_account


@pytest.fixture
def serve():
    """Starts further accounts: `serve("--no-iam")`; they end with the test."""
    started: list[Served] = []

    def start(*options: str, **variables: str) -> Served:
        started.append(serve_account(*options, **variables))
        return started[-1]

    yield start
    for account in started:
        if account.process.poll() is None:
            account.stop()


@pytest.fixture(scope="session")
def _why_not_sandboxed(tmp_path_factory):
    from labkit.runtime.probe import why_no_sandbox
    from labkit.runtime.spawner import Spawner

    folder = tmp_path_factory.mktemp("account")
    spawner = Spawner(folder)
    reason = why_no_sandbox(spawner, folder)
    spawner.close()
    return reason


@pytest.fixture
def sandboxed(_why_not_sandboxed):
    """Skips a test where the machine has no sandboxes."""
    if _why_not_sandboxed:
        pytest.skip(f"this machine has no sandboxes: {_why_not_sandboxed}")


@pytest.fixture(scope="session")
def make_zip():
    return zip_of


@pytest.fixture(scope="session")
def eventually():
    return poll


@pytest.fixture
def in_child(tmp_path):
    """Runs a script in a Python of its own and returns what came of it; `in_child(script, **variables)`."""

    def run(script: str, timeout: float = 180, **variables: str) -> SimpleNamespace:
        path = Path(tmp_path, "script.py")
        path.write_text(script, encoding="utf-8")
        environment = {**os.environ, **variables}
        done = subprocess.run(
            [sys.executable, str(path)], env=environment, capture_output=True, text=True, timeout=timeout
        )
        return SimpleNamespace(status=done.returncode, out=done.stdout, err=done.stderr)

    return run
