"""The account's end of the connection to a supervisor, which watches over one environment.

Commands go as JSON lines, and so does what it tells: that it is ready, what memory is held, how the runtime ended.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from labkit.runtime.inbox import Inbox
from labkit.runtime.logs import FLOOD

PASSES_CREDENTIALS = hasattr(socket, "SO_PASSCRED")
CREDENTIALS = struct.Struct("3i")  # process, user, group


@dataclass(frozen=True)
class Exit:
    """How the runtime's process ended: exit status (negative: the signal) and peak memory in MB.

    `reason` is "out_of_memory" when the supervisor ended it at the memory limit.
    """

    status: int
    peak_memory: float
    reason: str | None = None


class SpawnError(RuntimeError):
    """The machine could not set up another environment."""


def control_sockets() -> tuple[socket.socket, socket.socket]:
    """The account's and the supervisor's end of a new connection; ours is told which process writes to it."""
    ours, theirs = socket.socketpair()
    if PASSES_CREDENTIALS:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return ours, theirs


class Supervisor:
    """The account's end of one supervisor."""

    def __init__(self, control: socket.socket, inbox: Inbox):
        self._control = control
        self._inbox = inbox
        self._unread = b""
        self._numbers = itertools.count(1)
        self._current = 0
        self._empty = True  # no process is left of those that were to be killed
        self._pid = 0
        self._status: int | None = None  # the descriptor of what /proc tells of the runtime, once it was asked for
        self._held = 0.0

    def await_ready(self, timeout: float | None = None) -> None:
        """Wait until the environment is set up; `SpawnError` when that fails or takes longer than `timeout` seconds.

        `start` may be called before.
        """
        self._control.settimeout(timeout)
        try:
            message = self._first_message()
        except OSError as error:
            message = {"failed": str(error)}
        if "failed" in message:
            self.close()
            raise SpawnError(f"this machine could not set up an environment: {message['failed']}")
        self._control.settimeout(None)
        self._inbox.watch(self._control, self._hear)
        self._take_lines(b"")

    def _first_message(self) -> dict[str, Any]:
        while b"\n" not in self._unread:
            data, ancillary, _, _ = self._control.recvmsg(1 << 16, socket.CMSG_SPACE(CREDENTIALS.size))
            if not data:
                return {"failed": "its supervisor ended"}
            self._unread += data
            for _, _, credentials in ancillary:
                self._pid = CREDENTIALS.unpack(credentials)[0]  # the process's id as it is here
        line, _, self._unread = self._unread.partition(b"\n")
        return json.loads(line)  # type: ignore[no-any-return]

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], directory: str) -> None:
        """Start the runtime; what an earlier one still tells is not heard any more."""
        self._current = next(self._numbers)
        self._held = 0.0
        self._forget_status()
        command = _line(
            do="start", number=self._current, arguments=list(arguments), environment=dict(environment),
            directory=directory, kept_log=FLOOD,
        )  # fmt: skip
        self._write(command)

    def resume(self, share: float | None = None) -> None:
        """Thaw every process of the environment; `share` of one processor is what they get together, None is all."""
        self._write(_repeated(do="resume", share=share))

    def stop(self) -> None:
        """Freeze every process of the environment."""
        self._write(_repeated(do="stop"))

    def peak_memory(self) -> float:
        """The most memory, in MB, that the environment's processes have held at once; 0 where that can't be seen."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            if self._status is None:
                runtime, *_ = Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text().split()
                self._status = os.open(f"/proc/{runtime}/status", os.O_RDONLY)
            _, found, peak = os.pread(self._status, 4096, 0).partition(b"VmHWM:")
            return max(int(peak.split(None, 1)[0]) / 1024 if found else 0.0, self._held)
        return self._held

    def rest(self) -> None:
        """No longer look after the environment, in which a snapshot waits."""
        self._write(_repeated(do="rest"))

    def kill(self) -> None:
        """End every process of the environment and wait until they are gone; /tmp stays."""
        self._current, self._empty = 0, False
        self._write(_repeated(do="kill"))
        while not self._empty:
            self._hear(wait=True)

    def end(self) -> None:
        """End the environment; who waits for what happens in it is told. Any thread may call this."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the environment and close the way to it."""
        self.end()
        self._inbox.ignore(self._control)
        self._control.close()
        self._forget_status()

    def _forget_status(self) -> None:
        if self._status is not None:
            os.close(self._status)
            self._status = None

    def _write(self, line: bytes) -> None:
        with contextlib.suppress(OSError):  # a supervisor that has ended is told of by the end of what it says
            self._control.sendall(line)

    def _hear(self, wait: bool = False) -> None:
        try:
            data = self._control.recv(1 << 16, 0 if wait else socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:  # the supervisor itself is gone, and with it the environment
            self._empty = True
            self._inbox.tell(Exit(-signal.SIGKILL, self._held))
        self._take_lines(data)

    def _take_lines(self, data: bytes) -> None:
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "empty" in message:
                self._empty = True
            elif message.get("held") == self._current:
                self._held = max(self._held, message["peak"])
            elif "exited" in message and message["exited"] == self._current:
                self._inbox.tell(Exit(message["status"], message["peak"], message["reason"]))


def _line(**command: Any) -> bytes:
    return json.dumps(command).encode() + b"\n"


_repeated = lru_cache(_line)  # of the commands that each invocation sends
