"""A response that a function streams: its first bytes are sent on before the function is done.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from queue import SimpleQueue
from threading import Thread

from labkit.events.asynchronous import Attempt
from labkit.events.http.calls import FunctionCall

WITH_PRELUDE = "application/vnd.awslambda.http-integration-response"
PRELUDE_END = bytes(8)  # between a response's status and headers and its body


class Streamed:
    """An invocation under way. `attempt` is set when it has ended without streaming anything."""

    def __init__(self, invoke: Callable[[FunctionCall], Attempt], call: FunctionCall):
        self.content_type = ""
        self._pieces: SimpleQueue[bytes | Attempt] = SimpleQueue()
        Thread(target=self._run, args=(invoke, call), name="labkit-stream", daemon=True).start()
        first = self._pieces.get()
        self.attempt = first if isinstance(first, Attempt) else None
        self._first = b"" if isinstance(first, Attempt) else first

    def prelude(self) -> bytes | None:
        """The JSON that tells status and headers, if the response begins with it."""
        if self.content_type != WITH_PRELUDE:
            return None
        while PRELUDE_END not in self._first:
            piece = self._pieces.get()
            if isinstance(piece, Attempt):
                self._pieces.put(piece)
                break
            self._first += piece
        prelude, _, self._first = self._first.partition(PRELUDE_END)
        return prelude

    def body(self) -> Iterator[bytes]:
        """The pieces until the end; `ConnectionError`, which the client sees, when the function fails on its way."""
        if self._first:
            yield self._first
        while not isinstance(piece := self._pieces.get(), Attempt):
            yield piece
        if piece.outcome != "ok":
            raise ConnectionError("the function failed while it streamed")

    def _run(self, invoke: Callable[[FunctionCall], Attempt], call: FunctionCall) -> None:
        attempt = Attempt("failed")
        try:
            attempt = invoke(replace(call, stream=self._begin))
        finally:
            self._pieces.put(attempt)

    def _begin(self, content_type: str) -> Callable[[bytes], None]:
        self.content_type = content_type
        return self._pieces.put
