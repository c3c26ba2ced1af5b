"""What the platform says of an invocation: why it failed, the lines it writes into the log, what the caller gets.

Shapes and wording as AWS was recorded to answer; REPORT fields in AWS's order, separated and ended by tabs.
https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from dataclasses import dataclass
from datetime import datetime

from labkit.runtime.logs import LogEvent


@dataclass(frozen=True)
class Failure:
    """Why a phase did not end well.

    `outcome` is what the record says, `status` what REPORT says: "timeout", "error" when the process is lost with it,
    empty when the handler raised and the process lives on. `payload` is what the caller gets. `reported` says whether
    the runtime itself told of it, and so has logged it.
    """

    outcome: str
    status: str
    error_type: str
    payload: bytes
    reported: bool

    @property
    def fatal(self) -> bool:
        """Whether the process can't serve another invocation."""
        return bool(self.status)


def raised(error_type: str, payload: bytes) -> Failure:
    """The handler raised, or its answer was refused."""
    return Failure("error", "", error_type, payload, reported=True)


def not_initialised(error_type: str, payload: bytes) -> Failure:
    """The runtime reported that it could not load the function."""
    return Failure("error", "error", error_type, payload, reported=True)


def not_startable(error_type: str, message: str, request_id: str) -> Failure:
    """There is nothing on this machine or in the package that could run the function."""
    return _platform_failure("error", "error", error_type, message, request_id)


def timed_out(timeout: float, request_id: str) -> Failure:
    """The function's timeout passed."""
    return _platform_failure(
        "timeout", "timeout", "Sandbox.Timedout", f"Task timed out after {timeout:.2f} seconds", request_id
    )


def exited(status: int, request_id: str, reason: str | None) -> Failure:
    """The process ended, with an exit status or (negative) by a signal; `reason` "out_of_memory" is the limit's."""
    reasons = {0: "Runtime exited without providing a reason", -9: "Runtime exited with error: signal: killed"}
    how = f"signal: {-status}" if status < 0 else f"exit status {status}"
    message = reasons.get(status, f"Runtime exited with error: {how}")
    return _platform_failure(reason or "error", "error", "Runtime.ExitError", message, request_id)


def _platform_failure(outcome: str, status: str, error_type: str, message: str, request_id: str) -> Failure:
    payload = {"errorType": error_type, "errorMessage": f"RequestId: {request_id} Error: {message}"}
    return Failure(outcome, status, error_type, json.dumps(payload).encode(), reported=False)


@dataclass(frozen=True)
class Completion:
    """What came of an invocation; times in seconds, memory in MB.

    `outcome` is one of `records.OUTCOMES`; `function_error` is what AWS sends as FunctionError, or None.
    """

    payload: bytes
    function_error: str | None
    outcome: str
    start_type: str
    init: float
    duration: float
    billed: float
    max_memory: float
    log: tuple[LogEvent, ...]


def billed_seconds(duration: float, init: float) -> float:
    """Duration and, since 2025-08-01, Init, rounded up to the millisecond (facts NOTES-02, LIFE-03)."""
    return math.ceil(round(1000 * (duration + init), 6)) / 1000


def init_start(runtime: str, region: str) -> str:
    """The first line of a cold start; the version and the hash are this Python's, not AWS's."""
    name = runtime.rstrip("0123456789.")
    version = f"{name}:{runtime.removeprefix(name)}.v{sys.version_info.micro}"
    digest = hashlib.sha256(f"{runtime} {sys.version}".encode()).hexdigest()
    return f"INIT_START Runtime Version: {version}\tRuntime Version ARN: arn:aws:lambda:{region}::runtime:{digest}"


def init_report(seconds: float, phase: str, failure: Failure) -> str:
    error_type = f"\tError Type: {failure.error_type}" if failure.status == "error" else ""
    return f"INIT_REPORT Init Duration: {1000 * seconds:.2f} ms\tPhase: {phase}\tStatus: {failure.status}{error_type}"


def start(request_id: str, version: str) -> str:
    return f"START RequestId: {request_id} Version: {version}"


def end(request_id: str) -> str:
    return f"END RequestId: {request_id}"


def explanation(failure: Failure, request_id: str, timeout: float, now: datetime) -> str:
    """The line that tells of a timeout or of a process that ended."""
    if failure.status == "timeout":
        time = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"
        return f"{time} {request_id} Task timed out after {timeout:.2f} seconds\n"
    return f"{json.loads(failure.payload)['errorMessage']}\n{failure.error_type}"


def report(request_id: str, completion: Completion, memory: int, failure: Failure | None) -> str:
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {1000 * completion.duration:.2f} ms",
        f"Billed Duration: {round(1000 * completion.billed)} ms",
        f"Memory Size: {memory} MB",
        f"Max Memory Used: {completion.max_memory:.0f} MB",
    ]
    if completion.init:
        fields.append(f"Init Duration: {1000 * completion.init:.2f} ms")
    if failure is not None and failure.fatal:
        fields.append(f"Status: {failure.status}")
        fields += [f"Error Type: {failure.error_type}"] if failure.status == "error" else []
    return "\t".join(fields) + "\t"
