"""Asks for jails and waits for what comes of them, never longer than allowed."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import labkit
from labkit.runtime.control import Exit, SpawnError, Supervisor, control_sockets
from labkit.runtime.inbox import Inbox

PACKAGE = Path(labkit.__file__).parent
REQUEST = "/var/request.json"
OF_ETC = ("ld.so.cache", "ssl", "ca-certificates", "alternatives", "mime.types")  # what programs need that run there
LOADING = 120.0  # seconds until the template has loaded everything
LARGEST_RESULT = 1 << 20  # bytes
LAST_WORDS = 300  # characters


@dataclass(frozen=True, slots=True)
class Limits:
    """What a jail may use: seconds in all, MB of memory, its scratch folders included, and MB in its own of these."""

    seconds: float = 90.0
    memory: int = 2048
    scratch: int = 256


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a jail: its result, or None and the problem."""

    result: Any
    problem: str = ""


class Jails:
    """Starts jails, also for several threads at once; a context manager that ends what it has started."""

    def __init__(self, limits: Limits | None = None):
        self._limits = limits or Limits()
        self._directory = Path(tempfile.mkdtemp(prefix="labkit-jails-"))
        self._numbers = itertools.count()
        self._weak = False
        self._running: set[Supervisor] = set()
        ours, theirs = socket.socketpair()
        self._socket = ours
        self._template = subprocess.Popen(
            [sys.executable, "-I", "-m", "labkit.classroom.isolation.template", str(self._directory)],
            stdin=theirs.fileno(), stdout=subprocess.DEVNULL, start_new_session=True, cwd="/",
            env={"PATH": os.defpath, "OPENBLAS_NUM_THREADS": "1"},  # nothing of the teacher's; a fork has no threads
        )  # fmt: skip
        theirs.close()

    def __enter__(self) -> Jails:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the template, its jails, and remove their files; who waits for one in another thread is told."""
        for jail in tuple(self._running):
            jail.end()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._template.wait()  # which removes the files, unless it was killed
        shutil.rmtree(self._directory, ignore_errors=True)

    def do_without_namespaces(self) -> None:
        """From now on run what is asked with this user's rights, held only to time and memory."""
        self._weak = True

    def run(self, what: str, request: Mapping[str, Any]) -> Ended:
        """Have a jail do something, `lab` or `probe`; `SpawnError` when this machine has no jails."""
        folder = self._directory / str(next(self._numbers))
        (folder / "root").mkdir(parents=True)
        asked = folder / "request.json"
        asked.write_text(json.dumps(request), encoding="utf-8")
        asked.chmod(0o644)  # a jail's user is another one; the folder lets nobody in
        try:
            with open(folder / "log", "w+b") as log, open(folder / "result", "w+b") as result:
                problem = self._await(what, folder, log.fileno(), result.fileno())
                if problem:
                    return Ended(None, problem)
                return _read(result.fileno(), log.fileno())
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _await(self, what: str, folder: Path, log: int, result: int) -> str:
        """Run a jail to its end; the problem if it was ended, empty if it ended itself."""
        inbox = Inbox()
        jail = Supervisor(self._ask(folder, log, result), inbox)
        self._running.add(jail)
        try:
            jail.await_ready(LOADING)
            deadline = time.perf_counter() + self._limits.seconds
            request, scratch = self._places(folder)
            jail.start([what, request], {"PATH": os.defpath, "HOME": scratch, "TMPDIR": scratch}, scratch)
            ended = inbox.next(deadline)
        finally:
            self._running.discard(jail)
            jail.close()
        if not isinstance(ended, Exit):
            return f"It was ended after {self._limits.seconds:g} seconds."
        if ended.reason == "out_of_memory":
            return f"It was ended since it used more than {self._limits.memory:,} MB."
        if ended.reason == "machine_full":
            return "It was ended since this machine's memory was nearly full."
        return ""

    def _places(self, folder: Path) -> tuple[str, str]:
        """Where a jail finds its request and its scratch folder."""
        if not self._weak:
            return REQUEST, "/tmp"
        (folder / "tmp").mkdir()
        return str(folder / "request.json"), str(folder / "tmp")

    def _ask(self, folder: Path, log: int, result: int) -> socket.socket:
        ours, theirs = control_sockets()
        request = {
            "root": str(folder / "root"), "binds": _shown(folder / "request.json"),
            "scratch": self._limits.scratch, "memory": self._limits.memory, "weak": self._weak,
        }  # fmt: skip
        try:
            with theirs:
                socket.send_fds(self._socket, [json.dumps(request).encode() + b"\n"], [theirs.fileno(), log, result])
        except OSError as error:
            raise SpawnError(f"the process that starts jails has ended: {error}") from None
        return ours


def _shown(request: Path) -> list[tuple[str, str]]:
    """What a jail is shown, and where: Python and the kit, a few system files, and its own request."""
    same = [Path(sys.base_prefix), Path(sys.prefix), PACKAGE]
    same += [path for name in OF_ETC if (path := Path("/etc", name)).exists()]
    return [*((str(path), str(path)) for path in dict.fromkeys(same)), (str(request), REQUEST)]


def _read(result: int, log: int) -> Ended:
    """The result, which nobody but the jail's own code has written, and of that no more than is sensible."""
    try:
        return Ended(json.loads(os.pread(result, LARGEST_RESULT, 0)))
    except ValueError:
        words = os.pread(log, 1 << 16, max(os.fstat(log).st_size - (1 << 16), 0)).decode("utf-8", "replace")
        return Ended(None, f"It ended without a result: {words.strip()[-LAST_WORDS:] or 'it said nothing'}")
