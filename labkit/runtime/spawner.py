"""Starts the process from which every environment is forked, and asks it for supervisors."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from labkit.runtime.control import Supervisor, control_sockets
from labkit.runtime.inbox import Inbox

_PROCESS = Path(__file__).parent / "supervisor" / "spawner.py"


@dataclass(frozen=True)
class Sandbox:
    """What an environment sees of the machine.

    `root` is an empty folder to build in, `binds` are (path here, path there) to be shown read-only, /tmp holds
    `temporary_megabytes`.
    """

    root: str
    binds: tuple[tuple[str, str], ...]
    temporary_megabytes: int


class Spawner:
    """Starts supervisors. `directory` is theirs: it is removed with them."""

    def __init__(self, directory: Path):
        ours, theirs = socket.socketpair()
        self._socket = ours
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_PROCESS), str(directory)],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._lock = threading.Lock()

    def supervise(
        self,
        sandbox: Sandbox | None,
        log: Path,
        memory: int,
        inbox: Inbox,
        restores: socket.socket | None = None,
    ) -> Supervisor:
        """A supervisor for one environment; `memory` is its limit in MB, the function's output is appended to `log`.

        `inbox` is told when its runtime ends; `restores` is given to the runtime of a snapshot. `SpawnError` when the
        machine refuses.
        """
        ours, theirs = control_sockets()
        given = [theirs.fileno(), *([restores.fileno()] if restores else [])]
        plan = None if sandbox is None else asdict(sandbox)
        request = {"sandbox": plan, "log": str(log), "memory": memory, "descriptors": len(given)}
        with self._lock, theirs:
            socket.send_fds(self._socket, [json.dumps(request).encode() + b"\n"], given)
        supervisor = Supervisor(ours, inbox)
        supervisor.await_ready()
        return supervisor

    def close(self) -> None:
        """End every process started here, and the spawner itself."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._process.wait()
        self._socket.close()
