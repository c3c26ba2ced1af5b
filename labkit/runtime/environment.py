"""An execution environment: one process that initialises a function and then serves one invocation at a time.

Life cycle: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import dataclasses
import math
import signal
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from labkit import facts
from labkit.runtime import platform_log, report
from labkit.runtime.control import Exit
from labkit.runtime.entry_points import starting_command
from labkit.runtime.function import Credentials, Function, InvocationRequest, variables_of
from labkit.runtime.host import Host, processor_share, transfer_seconds
from labkit.runtime.layout import Layout
from labkit.runtime.log_stream import LogStream
from labkit.runtime.logs import LogEvent
from labkit.runtime.process import RuntimeProcess
from labkit.runtime.report import Completion, Failure
from labkit.runtime.runtime_api import Answered, Delivery, InitFailed, Ready
from labkit.runtime.runtimes import Command, RuntimeMissing
from labkit.runtime.trace import new_trace

ON_DEMAND, PROVISIONED, SNAP_START = "on-demand", "provisioned-concurrency", "snap-start"  # types of initialization


@dataclass(frozen=True)
class Start:
    """What an invocation had to wait for in its environment: the record's start type, seconds, and those billed.

    `failure` is why the environment can't serve the invocation at all.
    """

    type: str
    seconds: float = 0.0
    billed: float = 0.0
    failure: Failure | None = None


class Environment:
    """One environment of a function version; `run` is called by one thread at a time.

    `initialization_type` is ON_DEMAND, or PROVISIONED for one that is initialised ahead of its first invocation.
    `package` is where code and layers are unpacked, if not in its own folder.
    """

    def __init__(
        self,
        function: Function,
        credentials: Callable[[], Credentials],
        host: Host,
        initialization_type: str,
        package: Path | None = None,
    ):
        self.id = uuid.uuid4().hex
        self.function = function
        self.initialization_type = initialization_type
        self.last_used = host.clock.time()
        self._credentials = credentials
        self._host = host
        directory = host.directory / self.id
        image = host.directory / "images" / function.code_sha256 if function.image else None
        self._layout = Layout(directory, host.runtime_directory, host.sandboxed, package or directory, image)
        self._log = LogStream(function, host.clock, self._layout, self.id)
        self._process = RuntimeProcess()
        self._share = processor_share(function.memory)
        self._fresh = True
        self._later_start = Start("provisioned" if initialization_type == PROVISIONED else "warm")
        self._command: Command | None = None
        self._missing: RuntimeMissing | None = None
        self._restores: socket.socket | None = None  # what a snapshot's runtime is given

    @property
    def log_stream(self) -> str:
        """The name of the log stream."""
        return self._log.name

    @property
    def initialised(self) -> bool:
        """Whether the runtime lives, so that the next invocation needs no Init."""
        return self._process.lives

    def prepare(self) -> None:
        """Fetch and unpack code and layers, or the image, and build the sandbox, which Lambda does before Init.

        The fetching is simulated, at the bandwidth of an environment; all else is done.

        `BadPackage` when the code can't be unpacked, `SpawnError` when the machine refuses.
        """
        time.sleep(transfer_seconds(self.function.size))
        self._layout.prepare(self.function)
        try:
            self._command = starting_command(self.function, self._layout)
        except RuntimeMissing as error:
            self._missing = error
            return
        supervisor = self._host.spawner.supervise(
            self._layout.sandbox(self.function, self._command.homes),
            self._layout.log,
            self.function.memory,
            self._process.inbox,
            self._restores,
        )
        self._process.supervise(supervisor)

    def run(self, request: InvocationRequest) -> Completion:
        """Serve one invocation: Init if it is the first, thaw, the event, the answer, freeze."""
        with self._process.in_use():
            start = self._first_phase() if self._fresh else self._later_start
            if start.failure is not None:
                return self._refused(start, start.failure)
            started = time.perf_counter()
            payload, failure, ended = self._invoke_phase(request, started + self.function.timeout)
            self._freeze_or_end(failure)
            completion = self._completion(request, start, ended - started, payload, failure)
        self.last_used = self._host.clock.time()
        return completion

    def initialise(self) -> tuple[Failure | None, tuple[LogEvent, ...]]:
        """Init ahead of the first invocation, within fact LIFE-02's limit: why it failed if it did, and its log."""
        limit = facts.QUOTAS["init_provisioned"]
        with self._process.in_use():
            _, failure = self._init_phase(min(max(limit.minimum, self.function.timeout), limit.maximum))
            self._freeze_or_end(failure)
            self._log.collect()
            return failure, self._log.take()

    def terminate(self) -> None:
        """End all processes and remove all that the environment held; an invocation under way ends as if killed."""
        self._process.terminate()
        self._layout.remove()

    # The phases.

    def _first_phase(self) -> Start:
        """What comes before the first event: Init. When it fails, Lambda initialises again in the Invoke phase."""
        init, failure = self._init_phase(self._host.init_limit)
        init = 0.0 if failure is not None else init
        return Start("cold", init, init)

    def _init_phase(self, limit: float) -> tuple[float, Failure | None]:
        """How long Init took, and why it failed if it did."""
        self._fresh = False
        self._log.write(platform_log.init_start(self.function, self.initialization_type))
        started = time.perf_counter()
        failure = self._initialise(started + limit, "")
        seconds = time.perf_counter() - started
        self._write_init("init", seconds, failure)
        if failure is not None:
            self._process.end()
        return seconds, failure

    def _invoke_phase(self, request: InvocationRequest, deadline: float) -> tuple[bytes, Failure | None, float]:
        """The answer, why there is none if so, and when the handler was done."""
        failure = None
        if not self._process.lives:  # after a crash, a timeout or a failed Init: "suppressed init"
            started = time.perf_counter()
            failure = self._initialise(deadline, request.request_id)
            self._write_init("invoke", time.perf_counter() - started, failure)
        self._log.write(platform_log.start(request.request_id, self.function.version))
        if failure is not None:
            return b"", failure, min(time.perf_counter(), deadline)
        self._process.deliver(self._delivery(request, deadline), self._share)
        return self._await_answer(request, deadline)

    def _initialise(self, deadline: float, request_id: str) -> Failure | None:
        if self._missing is not None:
            return report.not_startable(self._missing.error_type, str(self._missing), request_id)
        self._start_process()
        return self._await_initialised(deadline, request_id)

    def _await_initialised(self, deadline: float, request_id: str) -> Failure | None:
        while True:
            match self._process.next(deadline):
                case Ready():
                    return None
                case InitFailed(payload=payload, error_type=error_type):
                    return report.not_initialised(error_type, self._layout.as_in_lambda(payload))
                case Exit(status=status) if request_id and self._goes_unnoticed(status):
                    continue
                case Exit(status=status, reason=reason):
                    return report.exited(status, request_id, reason)
                case None:
                    return report.timed_out(self.function.timeout, request_id)

    def _goes_unnoticed(self, status: int) -> bool:
        """A segmentation fault while Python loads the function was recorded to end in the function's timeout."""
        return status == -signal.SIGSEGV and self.function.runtime.startswith("python")

    def _await_answer(self, request: InvocationRequest, deadline: float) -> tuple[bytes, Failure | None, float]:
        """The invocation ends when the runtime, having answered, asks for the next event."""
        answer: Answered | None = None
        while True:
            match self._process.next(deadline):
                case Answered() as answer:
                    continue
                case Ready() if answer is not None:
                    return *self._outcome(answer), answer.at
                case Exit() if answer is not None and answer.error_type is not None:
                    return *self._outcome(answer), answer.at
                case Exit(status=status, reason=reason):
                    return b"", report.exited(status, request.request_id, reason), time.perf_counter()
                case None:
                    return b"", report.timed_out(self.function.timeout, request.request_id), deadline

    def _outcome(self, answer: Answered) -> tuple[bytes, Failure | None]:
        if answer.error_type is None:
            return answer.payload, None
        return b"", report.raised(answer.error_type, self._layout.as_in_lambda(answer.payload))

    def _freeze_or_end(self, failure: Failure | None) -> None:
        self._process.freeze()
        if failure is not None and failure.fatal:
            self._process.end()

    def _start_process(self) -> None:
        assert self._command is not None, "prepare() comes first"
        seen = self._layout.seen
        variables = variables_of(
            self.function, self._credentials(), self.initialization_type, self.log_stream, seen, self._command.variables
        )
        variables |= {**self._host.variables, **self._layout.variables()}
        self._process.start(self._command.arguments, variables, self._command.directory or seen("task"))

    def _delivery(self, request: InvocationRequest, deadline: float) -> Delivery:
        machine_deadline = time.time() + deadline - time.perf_counter()
        return Delivery(
            request.request_id,
            request.payload or b"{}",
            request.invoked_function_arn,
            int(1000 * machine_deadline),
            request.client_context,
            request.trace or new_trace(self._host.clock.time()),
            request.stream,
        )

    # The log and the outcome.

    def _write_init(self, phase: str, seconds: float, failure: Failure | None) -> None:
        self._log.write(
            platform_log.init_runtime_done(self.initialization_type, phase, failure),
            platform_log.init_report(seconds, self.initialization_type, phase, failure),
        )

    def _refused(self, start: Start, failure: Failure) -> Completion:
        return Completion(
            payload=failure.payload, function_error="Unhandled", outcome=failure.outcome, start_type=start.type,
            init=start.seconds, duration=0.0, billed=report.billed_seconds(0.0, start.billed),
            max_memory=self._max_memory(), billed_restore=report.billed_seconds(0.0, start.billed),
            log=self._log.take(), refused_as=failure.error_type,
        )  # fmt: skip

    def _max_memory(self) -> float:
        return float(min(max(1, math.ceil(self._process.peak_memory)), self.function.memory))

    def _completion(
        self,
        request: InvocationRequest,
        start: Start,
        duration: float,
        payload: bytes,
        failure: Failure | None,
    ) -> Completion:
        completion = Completion(
            payload=payload if failure is None else failure.payload,
            function_error=None if failure is None else "Unhandled",
            outcome="ok" if failure is None else failure.outcome,
            start_type=start.type,
            init=start.seconds,
            duration=duration,
            billed=report.billed_seconds(duration, start.billed),
            billed_restore=report.billed_seconds(0, start.billed) if start.type == "restored" else 0.0,
            max_memory=self._max_memory(),
            log=(),
        )
        self._log.write(
            platform_log.runtime_done(request.request_id, completion, failure, self._host.clock.now()),
            platform_log.end(request.request_id),
            platform_log.report(request.request_id, completion, self.function.memory, failure),
        )
        return dataclasses.replace(completion, log=self._log.take())
