"""SnapStart: a function version is initialised once, when it is published, and its environments are restored from that.

Lambda stores the memory and disk of a Firecracker virtual machine and loads chunks of it from a cache when they are
used. Here the initialised process waits, and a restore is a fork of it: the memory is the same, threads that the
function started during Init are missing, and the files it opened then are shared.
https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import threading
import time
from collections.abc import Callable

from labkit.runtime import platform_log, report
from labkit.runtime.control import SpawnError, Supervisor, control_sockets
from labkit.runtime.environment import SNAP_START, Environment, Start
from labkit.runtime.function import Credentials, Function
from labkit.runtime.host import Host
from labkit.runtime.inbox import Inbox
from labkit.runtime.layout import Layout
from labkit.runtime.report import Failure
from labkit.runtime.runtime_api import Ready


def can_be_taken(function: Function) -> bool:
    """Whether this function version has SnapStart and this machine can restore its runtime."""
    return function.snap_start and re.fullmatch(r"python3\.\d+", function.runtime) is not None and hasattr(os, "fork")


class Snapshot(Environment):
    """A function version after Init, waiting; it serves no invocation.

    `prepare` and `initialise` take it. It lives until `retire` was called and the last environment restored from it is
    gone.
    """

    def __init__(self, function: Function, credentials: Callable[[], Credentials], host: Host):
        super().__init__(function, credentials, host, SNAP_START)
        self._requests, self._restores = socket.socketpair()
        megabytes = function.ephemeral_storage if host.sandboxed else None
        settings = {"memory": function.memory, "temporary_megabytes": megabytes}
        self._requests.sendall(json.dumps(settings).encode())
        self._lock = threading.Lock()
        self._users = 1  # whoever took it; then the environments too

    @property
    def layout(self) -> Layout:
        """Where its files are."""
        return self._layout

    def prepare(self) -> None:
        super().prepare()
        assert self._restores is not None
        self._restores.close()  # the runtime alone has it now, so its end is seen
        self._process.inbox.watch(self._requests, self._hear_taken)

    def restore(self, log: int, inbox: Inbox) -> Supervisor:
        """Fork a new environment, its output going to the file with the descriptor `log`; `SpawnError` when refused."""
        ours, theirs = control_sockets()
        try:
            with theirs:
                socket.send_fds(self._requests, [b"."], [theirs.fileno(), log])
        except OSError as error:
            ours.close()
            raise SpawnError(
                f"the snapshot of {self.function.name}:{self.function.version} is gone: {error}"
            ) from error
        return Supervisor(ours, inbox)

    def acquire(self) -> None:
        """Count one more user."""
        with self._lock:
            self._users += 1

    def retire(self) -> None:
        """Count one user less, and end with the last."""
        with self._lock:
            self._users -= 1
            last = self._users == 0
        if last:
            self.terminate()

    def terminate(self) -> None:
        super().terminate()
        with contextlib.suppress(OSError):
            self._requests.shutdown(socket.SHUT_RDWR)
        self._requests.close()

    def _hear_taken(self) -> None:
        self._process.inbox.ignore(self._requests)  # nothing more is said there
        with contextlib.suppress(OSError):
            if self._requests.recv(64, socket.MSG_DONTWAIT):
                self._process.inbox.tell(Ready(time.perf_counter()))

    def _freeze_or_end(self, failure: Failure | None) -> None:
        if failure is None:
            self._process.rest()
        else:
            self._process.end()


class RestoredEnvironment(Environment):
    """An environment restored from a snapshot instead of being initialised."""

    def __init__(self, snapshot: Snapshot, credentials: Callable[[], Credentials], host: Host):
        super().__init__(snapshot.function, credentials, host, SNAP_START, snapshot.layout.directory)
        snapshot.acquire()
        self._snapshot: Snapshot | None = snapshot
        self._command = snapshot._command

    def prepare(self) -> None:
        """Make the folder of the environment; all else is in the snapshot."""
        self._layout.prepare_restored()

    def terminate(self) -> None:
        super().terminate()
        snapshot, self._snapshot = self._snapshot, None
        if snapshot is not None:
            snapshot.retire()

    def _first_phase(self) -> Start:
        """Restore, within fact LIFE-05's limit; what it does inside the environment is billed, hooks above all."""
        self._log.write(platform_log.restore_start(self.function))
        started = time.perf_counter()
        self._fork()
        self._start_process()  # it is read as soon as the fork is one
        self._process.supervisor.await_ready(self._host.restore_limit)
        inside = time.perf_counter()
        failure = self._await_initialised(started + self._host.restore_limit, "")
        ended = time.perf_counter()
        self._log.write(platform_log.restore_report(ended - started, failure))
        self._fresh = failure is not None  # the next invocation tries again
        if failure is not None:
            self._process.end()
            failure = report.not_restored(failure)
        return Start("restored", ended - started, ended - inside, failure)

    def _fork(self) -> None:
        assert self._snapshot is not None
        log = os.open(self._layout.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.fchmod(log, 0o666)  # as that of any environment
        try:
            self._process.supervise(self._snapshot.restore(log, self._process.inbox))
        finally:
            os.close(log)
