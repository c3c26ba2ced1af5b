"""Events that reach a function other than by Invoke: it is run, and what came of it is told."""

from __future__ import annotations

import json

from labkit.clock import Clock
from labkit.control_plane.loops import ENDS_LOOPS, goes_round, warn_of_loop
from labkit.control_plane.names import Target, parse, version_of
from labkit.control_plane.running import function_at
from labkit.control_plane.settings import EventInvokeConfig
from labkit.control_plane.store import LATEST, Store, StoredFunction
from labkit.events.asynchronous import AsynchronousEvent, Attempt, Handling
from labkit.events.http.calls import FunctionCall
from labkit.moto_bridge.server import current_trace
from labkit.runtime.concurrency import Throttled
from labkit.runtime.control import SpawnError
from labkit.runtime.function import Function, InvocationRequest
from labkit.runtime.package import BadPackage
from labkit.runtime.pool import Pool
from labkit.runtime.trace import invoked_again, new_trace


class Deliveries:
    """Runs the functions of an account for events."""

    def __init__(self, store: Store, pool: Pool, clock: Clock):
        self._store = store
        self._pool = pool
        self._clock = clock

    def function(self, function_arn: str) -> Function | None:
        """The function version that an ARN leads to now."""
        target = self._target(function_arn)
        return function_at(self._store, target.region, target.name, target.qualifier)

    def log_group(self, function_arn: str) -> str:
        """The log group that a function writes to; empty for one that is gone."""
        function = self.function(function_arn)
        return function.logging.group if function else ""

    def handling(self, function_arn: str) -> Handling | None:
        """What is configured for a function's asynchronous invocations; None when what was called is gone."""
        stored, qualifier = self._stored(function_arn)
        version = version_of(stored, qualifier) if stored else None
        if stored is None or version is None:
            return None
        config = stored.event_invoke_configs.get(qualifier or LATEST, EventInvokeConfig())
        return Handling(
            retries=config.effective_retries,
            longest_age=config.effective_age,
            role=version.settings["Role"],
            on_success=config.on_success or "",
            on_failure=config.on_failure or "",
            dead_letter=version.settings.get("DeadLetterConfig", {}).get("TargetArn", ""),
            reserves_none=stored.reserved_concurrency == 0,
            stops_loops=stored.recursive_loop == ENDS_LOOPS,
        )

    def poll(
        self, function_arn: str, payload: bytes, source: str, request_id: str, trace: str | None = None
    ) -> Attempt:
        """Run a batch that a poller has received; one that would go on with a loop fails."""
        function = self.function(function_arn)
        known = trace or new_trace(self._clock.time())
        if function and function.stops_loops and goes_round(known, function_arn):
            warn_of_loop(function_arn, source)
            return Attempt("failed", payload=b'{"errorType": "RecursiveInvocationException"}')
        return self.deliver(FunctionCall(function_arn, payload, source, invoked_again(known, function_arn), request_id))

    def deliver(self, call: FunctionCall | AsynchronousEvent) -> Attempt:
        """Run a function once and wait for it."""
        function = self.function(call.function_arn)
        if function is None:
            return Attempt("gone")
        request = InvocationRequest(
            call.request_id, call.payload, call.function_arn, self._clock.time(), source=call.source, trace=call.trace,
            stream=call.stream if isinstance(call, FunctionCall) else None,
        )  # fmt: skip
        current_trace.set(call.trace)
        try:
            completion = self._pool.invoke(function, request)
        except Throttled:
            return Attempt("stopped" if function.reserved_concurrency == 0 else "throttled", function.version)
        except (BadPackage, SpawnError, OSError) as error:
            message = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return Attempt("failed", function.version, json.dumps(message).encode())
        return Attempt("failed" if completion.function_error else "ok", function.version, completion.payload)

    def _stored(self, function_arn: str) -> tuple[StoredFunction | None, str | None]:
        target = self._target(function_arn)
        return self._store.region(target.region).functions.get(target.name), target.qualifier

    def _target(self, function_arn: str) -> Target:
        return parse(function_arn, None, function_arn.split(":")[3], self._store.account)
