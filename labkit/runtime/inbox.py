"""What happens in an environment, in order: whoever waits for it reads all of the environment's sockets himself.

No thread stands between a socket and who waits, since each hand-over from thread to thread makes a warm invocation
longer.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable


class Inbox:
    """Sockets, each with a function that is called when it can be read, and what these functions told of.

    It is used by one thread at a time.
    """

    def __init__(self) -> None:
        self._selector = selectors.PollSelector()
        self._happened: deque[object] = deque()

    def watch(self, watched: socket.socket, attend: Callable[[], None], *, writable: bool = False) -> None:
        """Call `attend` when the socket can be read or, if that is wanted too, written; once more replaces this."""
        self.ignore(watched)
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writable else 0)
        self._selector.register(watched, events, attend)

    def ignore(self, watched: socket.socket) -> None:
        """No longer watch a socket; one that is closed is not watched."""
        if watched.fileno() >= 0 and watched in self._selector.get_map():
            self._selector.unregister(watched)

    def tell(self, happened: object) -> None:
        """Note what has happened."""
        self._happened.append(happened)

    def forget(self) -> None:
        """Drop what has happened and was not waited for."""
        self._happened.clear()

    def next(self, deadline: float) -> object:
        """What happens next; None when the deadline, a reading of `time.perf_counter`, passes first."""
        while not self._happened:
            left = deadline - time.perf_counter()
            for key, _ in self._selector.select(max(left, 0)):
                key.data()
            if left <= 0 and not self._happened:
                return None
        return self._happened.popleft()
