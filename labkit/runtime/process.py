"""The process of a runtime inside its environment, and the ways to it: its supervisor and the Runtime API."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence

from labkit.runtime.control import Exit, Supervisor
from labkit.runtime.inbox import Inbox
from labkit.runtime.runtime_api import Delivery, RuntimeApi


class RuntimeProcess:
    """Used by one thread at a time, within `in_use`; any other may `terminate` it meanwhile.

    `peak_memory` is the most, in MB, that the environment's processes have held at once.
    """

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.peak_memory = 0.0
        self._supervisor: Supervisor | None = None
        self._api: RuntimeApi | None = None  # while the process lives
        self._using = threading.Lock()
        self._terminated = False

    @property
    def lives(self) -> bool:
        """Whether it was started and has not ended."""
        return self._api is not None

    @property
    def supervisor(self) -> Supervisor:
        """What watches over it, once the environment is prepared."""
        assert self._supervisor is not None, "the environment is prepared first"
        return self._supervisor

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """While a thread uses it, its sockets stay open; it is left to that thread to close them after `terminate`."""
        try:
            with self._using:
                yield
        finally:
            if self._terminated:
                self._close()

    def supervise(self, supervisor: Supervisor) -> None:
        """Have it started, and watched over, by this supervisor, which replaces another."""
        replaced, self._supervisor = self._supervisor, supervisor
        if replaced is not None:
            replaced.close()
        if self._terminated:
            supervisor.end()

    def start(self, arguments: Sequence[str], variables: Mapping[str, str], directory: str) -> None:
        """Start it; what an earlier one still told is forgotten."""
        self.inbox.forget()
        self._api = RuntimeApi(self.inbox)
        self.supervisor.start(arguments, {**variables, "AWS_LAMBDA_RUNTIME_API": self._api.address}, directory)

    def deliver(self, delivery: Delivery, share: float | None) -> None:
        """Thaw it, with this share of a processor, and hand it an event."""
        if self._api is not None:
            self.supervisor.resume(share)
            self._api.deliver(delivery)

    def next(self, deadline: float) -> object:
        """What happens next, such as its end; None when the deadline passes first."""
        happened = self.inbox.next(deadline)
        if isinstance(happened, Exit):
            self.peak_memory = happened.peak_memory
            self.end()
        return happened

    def freeze(self) -> None:
        """Have it stand still."""
        if self._api is not None:
            self.supervisor.stop()
            self.peak_memory = self.supervisor.peak_memory()

    def rest(self) -> None:
        """Leave it as a snapshot, which waits to be forked."""
        self.supervisor.rest()

    def end(self) -> None:
        """End it, with all that it has started; its supervisor goes on."""
        if self._api is not None:
            self.supervisor.kill()
            self._api.close()
            self._api = None

    def terminate(self) -> None:
        """End the environment; who waits for what happens in it is told."""
        self._terminated = True
        if self._supervisor is not None:
            self._supervisor.end()
        self._close()

    def _close(self) -> None:
        if not self._using.acquire(blocking=False):
            return  # who uses it does this afterwards
        try:
            self.end()
            if self._supervisor is not None:
                self._supervisor.close()
        finally:
            self._using.release()
