"""Starts the processes of environments and tells when they end."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PROCESS = Path(__file__).with_name("spawner_process.py")


@dataclass(frozen=True)
class Exit:
    """How a process ended: its exit status (negative: the signal) and its peak memory in MB."""

    status: int
    peak_memory: float


class Process:
    """A running process of an environment, alone in its process group."""

    def __init__(self, pid: int):
        self.pid = pid
        self._ended = False

    def stop(self) -> None:
        """Freeze it: no thread of it runs until `resume`."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if not self._ended:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def peak_memory(self) -> float:
        """The most memory it has held at once, in MB; 0 where the platform does not tell."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return 0.0
        return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


class SpawnError(RuntimeError):
    """The machine could not start another process."""


class Spawner:
    """The way to `spawner_process`, which starts every environment and ends them when this process is gone.

    `directory` is theirs: it is removed with them.
    """

    def __init__(self, directory: Path) -> None:
        ours, theirs = socket.socketpair()
        self._socket = ours
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_PROCESS), str(directory)],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._ids = itertools.count()
        self._answers: dict[int, queue.SimpleQueue[dict[str, Any]]] = {}
        self._running: dict[int, tuple[Process, Callable[[Exit], None]]] = {}
        self._early: dict[int, Exit] = {}
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, name="labkit-spawner", daemon=True)
        self._reader.start()

    def start(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        directory: Path,
        log: Path,
        on_exit: Callable[[Exit], None],
    ) -> Process:
        """Start a process whose output is appended to `log`; `on_exit` is called once when it has ended."""
        answer: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        number = next(self._ids)
        self._answers[number] = answer
        command = {
            "id": number, "arguments": list(arguments), "environment": dict(environment),
            "directory": str(directory), "log": str(log),
        }  # fmt: skip
        with self._lock:
            self._socket.sendall(json.dumps(command).encode() + b"\n")
        reply = answer.get()
        if "error" in reply:
            raise SpawnError(f"this machine could not start another environment: {reply['error']}")
        return self._register(Process(reply["pid"]), on_exit)

    def _register(self, process: Process, on_exit: Callable[[Exit], None]) -> Process:
        with self._lock:
            early = self._early.pop(process.pid, None)
            if early is None:
                self._running[process.pid] = (process, on_exit)
        if early is not None:
            process._ended = True
            on_exit(early)
        return process

    def close(self) -> None:
        """End every process started here, and the spawner itself."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._process.wait()
        self._reader.join()
        self._socket.close()

    def _read(self) -> None:
        with contextlib.suppress(OSError), self._socket.makefile("rb") as lines:
            for line in lines:
                self._take(json.loads(line))
        for answer in list(self._answers.values()):
            answer.put({"error": "the account is stopping"})

    def _take(self, message: dict[str, Any]) -> None:
        if "exited" not in message:
            self._answers.pop(message["id"]).put(message)
            return
        ended = Exit(message["status"], message["peak"] / 1024)
        with self._lock:
            process, on_exit = self._running.pop(message["exited"], (None, None))
            if process is None:
                self._early[message["exited"]] = ended  # it ended before `start` had returned
        if process is not None and on_exit is not None:
            process._ended = True
            on_exit(ended)
