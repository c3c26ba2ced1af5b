"""Whether a jail holds on this machine, found out by trying to get out of one."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.classroom.isolation.jail import Jails
from labkit.runtime.control import SpawnError

MOST_PROCESSES = 1024  # more than a jail may have
MOST_SCRATCH = 1024  # MB
PROMISES = {
    "files": "its code reads no file of this machine but Python's, the kit's and the system's programs",
    "writes": "it writes to scratch folders of limited size only",
    "network": "it opens no connection off its own account",
    "processes": "it starts a limited number of processes, and sees no others",
    "functions": "each function has a sandbox of its own in the jail",
}
ALWAYS = "memory and time are watched from outside, and all its processes are ended when it is over a limit"


@dataclass(frozen=True, slots=True)
class Isolation:
    """What holds here of `PROMISES`; `reason` is why there are no jails at all, empty where there are."""

    broken: tuple[str, ...] = ()
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether the code of strangers may run."""
        return not (self.broken or self.reason)

    def __str__(self) -> str:
        if self.reason:
            return f"this machine has no jails for the code of hand-ins ({self.reason})"
        if self.broken:
            return f"what does not hold on this machine: {'; '.join(PROMISES[name] for name in self.broken)}"
        return f"the code of hand-ins is isolated: {'; '.join(PROMISES.values())}; {ALWAYS}"


def isolation(jails: Jails) -> Isolation:
    """What holds on this machine."""
    with _bait() as bait:
        try:
            ended = jails.run("probe", bait)
        except SpawnError as error:
            return Isolation(reason=str(error))
    if ended.problem:
        return Isolation(reason=ended.problem)
    return Isolation(tuple(name for name in PROMISES if name not in ended.result))


@contextlib.contextmanager
def _bait() -> Iterator[Mapping[str, Any]]:
    """A file, a listening socket and a process that nobody in a jail can reach."""
    with tempfile.NamedTemporaryFile() as file, socket.create_server(("127.0.0.1", 0)) as server:
        yield {"file": file.name, "port": server.getsockname()[1], "process": os.getpid()}


# In the jail.


def tried(bait: Mapping[str, Any]) -> list[str]:
    """The promises that hold, as code in a jail finds them."""
    held = {
        "files": not any(os.path.exists(path) for path in (bait["file"], "/home", "/root/.ssh", "/etc/passwd")),
        "network": _is_refused(lambda: socket.create_connection(("127.0.0.1", bait["port"]), 1).close())
        and _is_refused(lambda: socket.create_connection(("192.0.2.1", 80), 1).close()),
        "processes": _most_processes() < MOST_PROCESSES and _is_refused(lambda: os.kill(bait["process"], 0)),
        "writes": _scratch_ends() and all(_is_refused(lambda p=p: Path(p, "x").touch()) for p in ("/", "/usr", "/var")),  # type: ignore[misc]
        "functions": _has_sandboxes(),
    }
    return [name for name, holds in held.items() if holds]


def _is_refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return True
    return False


def _most_processes() -> int:
    """How many processes there can be, up to one that is too many."""
    children: list[int] = []
    try:
        while len(children) < MOST_PROCESSES:
            child = os.fork()
            if child == 0:
                signal.pause()
            children.append(child)
    except OSError:
        pass
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return len(children)


def _scratch_ends() -> bool:
    path, piece = Path("/tmp/full"), bytes(1 << 20)
    try:
        with open(path, "wb", buffering=0) as file:
            for _ in range(MOST_SCRATCH):
                file.write(piece)
    except OSError as error:
        return error.errno in (errno.ENOSPC, errno.EFBIG)
    finally:
        path.unlink()
    return False


def _has_sandboxes() -> bool:
    import labkit

    account = labkit.start()
    return account.rooms.why_no_sandbox is None
