"""A `labkit lab` of its own: a free port, a token, and settings and state that are nobody else's."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client import BlockingKernelClient

LABKIT = str(Path(sys.executable).with_name("labkit"))
WITHOUT_AUTOSAVE = {"@jupyterlab/docmanager-extension:plugin": {"autosave": False}}  # the lesson is the repository's


@dataclass(frozen=True)
class LabProcess:
    """A running JupyterLab; `url` is its root, `runtime` the folder with its kernels' connection files."""

    process: subprocess.Popen[bytes]
    url: str
    token: str
    runtime: Path

    def api(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """What the server's REST API answers: `api("sessions")`."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/{path}", data, {"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


@contextmanager
def kernel_of(lab: LabProcess, lesson: Path) -> Iterator[BlockingKernelClient]:
    """A client of the kernel that JupyterLab starts for a lesson."""
    path = f"{lesson.parent.name}/{lesson.name}"
    kernel = {"name": "python3"}
    session = lab.api("sessions", {"path": path, "name": lesson.name, "type": "notebook", "kernel": kernel})
    client = BlockingKernelClient(connection_file=str(lab.runtime / f"kernel-{session['kernel']['id']}.json"))
    client.load_connection_file()
    client.start_channels(hb=False)  # a kernel that takes more than a second to start would be called dead
    try:
        client.wait_for_ready(timeout=120)
        yield client
    finally:
        client.stop_channels()


@contextmanager
def lab_process(lesson: str, directory: Path) -> Iterator[LabProcess]:
    """`labkit lab LESSON` until the block ends; whatever it writes goes into `directory`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    folders = {name: directory / name.lower() for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    overrides = folders["JUPYTER_CONFIG_DIR"] / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir(parents=True)
    overrides.write_text(json.dumps(WITHOUT_AUTOSAVE), encoding="utf-8")
    command = [LABKIT, "lab", lesson, "--no-browser", f"--port={port}", "--ServerApp.port_retries=0"]
    with (directory / "lab.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"--IdentityProvider.token={token}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env=os.environ | {name: str(folder) for name, folder in folders.items()}, start_new_session=True,
        )  # fmt: skip
    lab = LabProcess(process, f"http://127.0.0.1:{port}", token, folders["JUPYTER_RUNTIME_DIR"])
    try:
        _wait_until_it_answers(lab, directory / "lab.log")
        yield lab
    finally:
        _end(process)


def _wait_until_it_answers(lab: LabProcess, log: Path, timeout: float = 120) -> None:
    deadline = time.monotonic() + timeout
    while lab.process.poll() is None and time.monotonic() < deadline:
        with suppress(urllib.error.URLError):
            lab.api("status")
            return
        time.sleep(0.05)
    raise RuntimeError(f"labkit lab does not answer:\n{log.read_text(encoding='utf-8', errors='replace')}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()  # twice would skip the shutdown of kernels
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
