"""What came of an invocation: why it failed, what the caller gets, what is billed.

Shapes and wording of the errors as AWS was recorded to answer.
"""

from __future__ import annotations

import json
import math
import signal
from dataclasses import dataclass

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
    def message(self) -> str:
        """What went wrong, in words."""
        return str(json.loads(self.payload).get("errorMessage", ""))

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


def not_restored(failure: Failure) -> Failure:
    """The restore took too long or a hook after it failed, of which the caller is told by an exception of the API."""
    if failure.outcome == "timeout":
        error_type, message = "SnapStartTimeoutException", "Lambda couldn't restore the snapshot within the time limit."
    else:
        error_type, message = "SnapStartException", failure.message
    payload = json.dumps({"errorType": error_type, "errorMessage": message}).encode()
    return Failure(failure.outcome, failure.status, error_type, payload, failure.reported)


def exited(status: int, request_id: str, reason: str | None) -> Failure:
    """The process ended, with an exit status or (negative) by a signal; `reason` "out_of_memory" is the limit's."""
    how = f"signal: {(signal.strsignal(-status) or '').lower()}" if status < 0 else f"exit status {status}"
    message = f"Runtime exited with error: {how}" if status else "Runtime exited without providing a reason"
    return _platform_failure(reason or "error", "error", "Runtime.ExitError", message, request_id)


def _platform_failure(outcome: str, status: str, error_type: str, message: str, request_id: str) -> Failure:
    payload = {"errorType": error_type, "errorMessage": f"RequestId: {request_id} Error: {message}"}
    return Failure(outcome, status, error_type, json.dumps(payload).encode(), reported=False)


@dataclass(frozen=True)
class Completion:
    """What came of an invocation; times in seconds, memory in MB.

    `outcome` is one of `records.OUTCOMES`; `function_error` is what AWS sends as FunctionError, or None. `init` is the
    Init phase, or the restore when `start_type` is "restored"; `billed` contains `billed_restore`.
    `refused_as` names AWS's exception when the environment could not be restored.
    """

    payload: bytes
    function_error: str | None
    outcome: str
    start_type: str
    init: float
    duration: float
    billed: float
    max_memory: float
    billed_restore: float
    log: tuple[LogEvent, ...]
    refused_as: str = ""


def billed_seconds(duration: float, init: float) -> float:
    """Duration and, since 2025-08-01, Init, rounded up to the millisecond (facts NOTES-02, LIFE-03)."""
    return math.ceil(round(1000 * (duration + init), 6)) / 1000
