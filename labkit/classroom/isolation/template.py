"""The process of which each jail is a fork: what running labs needs is loaded here once, and nothing of the teacher's.

A request is a JSON line on standard input, a socket, and comes with the descriptors of the supervisor's connection, of
a log file and of a file for the result. Only the standard library and the kit are loaded, and no question of the bank.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import shutil
import signal
import socket
import sys
from typing import Any

from labkit.classroom.isolation import inside
from labkit.runtime.layout import SUPERVISOR

sys.path.insert(0, str(SUPERVISOR))

import linux
import sandbox
import supervisor
from execution import limit
from held import proportional, resident

SYSTEM = tuple(path for path in sandbox.SYSTEM if path != "/etc")
PROCESSES = 256  # threads counted
LARGEST_FILE = 256 << 20  # bytes
NICE = 5
SCRATCH_EVERY = 10  # looks at the processes
LEAST_AVAILABLE = 0.03  # of the machine's memory
MESSAGE = 1 << 16
GIVEN = 3  # descriptors with each request


def main() -> None:
    """Fork a jail for each request, until there are no more; then remove the folder that is the argument."""
    commands = socket.socket(fileno=0)
    try:
        _serve(commands)
    finally:
        shutil.rmtree(sys.argv[1], ignore_errors=True)


def _serve(commands: socket.socket) -> None:
    inside.rehearse()
    gc.collect()
    gc.freeze()  # so that a collection does not write to, and so copy, what the forks share
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a jail: its end is seen on its connection
    buffer, received = b"", []
    while True:
        data, descriptors, _, _ = socket.recv_fds(commands, MESSAGE, GIVEN)
        if not data:
            return
        received += descriptors
        *lines, buffer = (buffer + data).split(b"\n")
        for line in lines:
            given, received = received[:GIVEN], received[GIVEN:]
            _fork(json.loads(line), given, commands)


def _fork(request: dict[str, Any], descriptors: list[int], commands: socket.socket) -> None:
    control, log, result = descriptors
    shown = [source for source, _ in request["binds"]]
    try:
        child = os.fork() if request["weak"] else sandbox.fork(shown, sandbox.NAMESPACES | linux.CLONE_NEWNET)
    except OSError as error:
        with contextlib.suppress(OSError):  # whoever asked may be gone by now
            os.write(control, json.dumps({"failed": str(error)}).encode() + b"\n")
    else:
        if child == 0:
            commands.close()
            _begin(request, socket.socket(fileno=control), log, result)
    for descriptor in descriptors:
        os.close(descriptor)


def _begin(request: dict[str, Any], control: socket.socket, log: int, result: int) -> None:
    """Turn this fork into the supervisor of a jail; never returns."""
    try:
        os.umask(0o022)  # a jail's user is another one
        if not request["weak"]:
            linux.raise_loopback()
            sandbox.change_root(request["root"], request["binds"], request["scratch"], SYSTEM)
        JailSupervisor(control, log, result, request["memory"], not request["weak"]).run()
    except BaseException as error:
        with contextlib.suppress(OSError):
            control.sendall(json.dumps({"failed": f"{type(error).__name__}: {error}"}).encode() + b"\n")
    finally:
        os._exit(0)


class JailSupervisor(supervisor.Supervisor):  # type: ignore[misc]  # the supervisor is untyped
    """Also counts what lies in the scratch folders, which are held in memory; `memory` is the limit for both, in MB."""

    def __init__(self, control: socket.socket, log: int, result: int, memory: int, contained: bool):
        super().__init__(control, log, memory, contained, _become)
        self.result = result
        self._looks = 0
        self._in_scratch = 0

    def watch(self, running: list[int]) -> None:
        """End the jail when its processes and scratch folders are over the limit."""
        if self.contained and self._looks % SCRATCH_EVERY == 0:
            self._in_scratch = _scratch(running)
            if _share_available() < LEAST_AVAILABLE:  # such as by what the kernel holds for pipes, which nobody counts
                self._end("machine_full")
        self._looks += 1
        held = self._in_scratch + sum(map(resident, running))
        if held > self.limit:  # what forks share is counted once, which takes longer to find out
            held = self._in_scratch + sum(map(proportional, running))
        if held > self.limit:
            self._end("out_of_memory")

    def _end(self, reason: str) -> None:
        self.killed_for = reason
        self.end_all()


def _share_available() -> float:
    """How much of this machine's memory is to be had, 0 to 1."""
    with open("/proc/meminfo") as file:
        found = {name: int(value.split()[0]) for name, value in (line.split(":") for line in file)}
    return found["MemAvailable"] / found["MemTotal"]


def _scratch(running: list[int]) -> int:
    """Bytes in the scratch folders that these processes see."""
    used: dict[int, int] = {}
    for pid in [1, *running]:
        with contextlib.suppress(OSError):
            folder = f"/proc/{pid}/root/tmp"
            found = os.statvfs(folder)
            used[os.stat(folder).st_dev] = (found.f_blocks - found.f_bfree) * found.f_frsize
    return sum(used.values())


def _become(command: dict[str, Any], jail: JailSupervisor) -> None:
    """Turn this fork of the supervisor into what runs in the jail."""
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        limit(resource.RLIMIT_CORE, 0)
        limit(resource.RLIMIT_FSIZE, LARGEST_FILE)
        os.nice(NICE)
        if jail.contained:  # otherwise all of this user's processes would count
            limit(resource.RLIMIT_NPROC, PROCESSES)
            sandbox.become_function()
            linux.drop_capabilities()
        linux.die_with_parent()
        result = os.dup(jail.result)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(jail.log, 1)
        os.dup2(jail.log, 2)
        jail.close()
        os.environ.clear()
        os.environ |= command["environment"]
        os.chdir(command["directory"])
        inside.main(command["arguments"], result)
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
