"""The lines that Lambda itself writes into a function's log, as text and as JSON.

Shapes and wording as AWS was recorded to answer; fields of a REPORT line in AWS's order, separated and ended by tabs.
Levels: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.runtime.function import Function
from labkit.runtime.report import Completion, Failure

LEVELS = ("DEBUG", "INFO", "WARN")


@dataclass(frozen=True)
class PlatformEvent:
    """A line of the platform's. `text` is None where only JSON logs have it, `record` where only text logs do."""

    type: str
    level: str
    text: str | None
    record: dict[str, Any] | None

    def line(self, function: Function, now: datetime) -> str | None:
        """The line in the function's log format; None when that format or its level leaves it out."""
        if function.logging.format != "JSON":
            return self.text
        if self.record is None or LEVELS.index(self.level) < LEVELS.index(function.logging.system_level):
            return None
        return json.dumps({"time": timestamp(now), "type": f"platform.{self.type}", "record": self.record})


def timestamp(now: datetime) -> str:
    """ISO time with milliseconds."""
    return f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"


def init_start(function: Function, initialization_type: str) -> PlatformEvent:
    """The first line of a cold start; the version and the hash are this Python's, not AWS's. An image has none."""
    about = {"functionName": function.name, "functionVersion": function.version}
    if not function.runtime:
        record = {"initializationType": initialization_type, "phase": "init", **about}
        return PlatformEvent("initStart", "INFO", None, record)
    version, arn = runtime_version(function.runtime, function.region)
    text = f"INIT_START Runtime Version: {version}\tRuntime Version ARN: {arn}"
    record = {
        "initializationType": initialization_type, "phase": "init", "runtimeVersion": version, "runtimeVersionArn": arn,
        **about,
    }  # fmt: skip
    return PlatformEvent("initStart", "INFO", text, record)


def runtime_version(runtime: str, region: str) -> tuple[str, str]:
    """The version of a runtime and its ARN."""
    name, release = re.findall(r"^([a-z]+)\.?(.*?)(?:\.x)?$", runtime)[0]
    digest = hashlib.sha256(f"{runtime} {sys.version}".encode()).hexdigest()
    version = f"{name}:{release}.v{sys.version_info.micro}"
    return version, f"arn:aws:lambda:{region}::runtime:{digest}"


def init_runtime_done(initialization_type: str, phase: str, failure: Failure | None) -> PlatformEvent:
    """The runtime has initialised the function, or could not."""
    record = {"initializationType": initialization_type, "phase": phase, **_status(failure)}
    return PlatformEvent("initRuntimeDone", "DEBUG" if failure is None else "WARN", None, record)


def init_report(seconds: float, initialization_type: str, phase: str, failure: Failure | None) -> PlatformEvent:
    """How an Init went; in a text log, of one that succeeded REPORT tells."""
    text = None
    if failure is not None:
        text = f"INIT_REPORT Init Duration: {1000 * seconds:.2f} ms\tPhase: {phase}\tStatus: {failure.status}"
        text += f"\tError Type: {failure.error_type}" if failure.status == "error" else ""
    metrics = {"durationMs": round(1000 * seconds, 3)}
    record = {"initializationType": initialization_type, "phase": phase, **_status(failure), "metrics": metrics}
    level = "WARN" if failure is not None else "DEBUG" if initialization_type == "on-demand" else "INFO"
    return PlatformEvent("initReport", level, text, record)


def restore_start(function: Function) -> PlatformEvent:
    """The first line of a restore."""
    version, arn = runtime_version(function.runtime, function.region)
    text = f"RESTORE_START Runtime Version: {version}\tRuntime Version ARN: {arn}"
    record = {
        "functionName": function.name, "functionVersion": function.version, "runtimeVersion": version,
        "runtimeVersionArn": arn,
    }  # fmt: skip
    return PlatformEvent("restoreStart", "INFO", text, record)


def restore_report(seconds: float, failure: Failure | None) -> PlatformEvent:
    """How a restore went."""
    text = f"RESTORE_REPORT Restore Duration: {1000 * seconds:.2f} ms"
    if failure is not None:
        text += f"\tStatus: {failure.status}"
        text += f"\tError Type: {failure.error_type}" if failure.status == "error" else ""
    record = {**_status(failure), "metrics": {"durationMs": round(1000 * seconds, 3)}}
    return PlatformEvent("restoreReport", "INFO" if failure is None else "WARN", text, record)


def start(request_id: str, version: str) -> PlatformEvent:
    record = {"requestId": request_id, "version": version}
    return PlatformEvent("start", "INFO", f"START RequestId: {request_id} Version: {version}", record)


def runtime_done(request_id: str, completion: Completion, failure: Failure | None, now: datetime) -> PlatformEvent:
    """What the platform says of the failure, in words in a text log."""
    text = None if failure is None or failure.reported else _explanation(failure, request_id, now)
    metrics = {"durationMs": round(1000 * completion.duration, 3), "producedBytes": len(completion.payload)}
    record = {"requestId": request_id, **_status(failure), "metrics": metrics}
    return PlatformEvent("runtimeDone", "DEBUG" if failure is None else "WARN", text, record)


def _explanation(failure: Failure, request_id: str, now: datetime) -> str:
    message = json.loads(failure.payload)["errorMessage"]
    if failure.status == "timeout":
        return f"{timestamp(now)} {request_id} {message.partition('Error: ')[2]}\n"
    return f"{message}\n{failure.error_type}"


def end(request_id: str) -> PlatformEvent:
    return PlatformEvent("end", "INFO", f"END RequestId: {request_id}", None)


def report(request_id: str, completion: Completion, memory: int, failure: Failure | None) -> PlatformEvent:
    """The REPORT line: times in milliseconds, memory in MB."""
    metrics = {
        "durationMs": round(1000 * completion.duration, 3),
        "billedDurationMs": round(1000 * completion.billed),
        "memorySizeMB": memory,
        "maxMemoryUsedMB": round(completion.max_memory),
    }
    if completion.start_type == "restored":
        metrics["restoreDurationMs"] = round(1000 * completion.init, 3)
        metrics["billedRestoreDurationMs"] = round(1000 * completion.billed_restore)
    elif completion.init:
        metrics["initDurationMs"] = round(1000 * completion.init, 3)
    record = {"requestId": request_id, "metrics": metrics, **_status(failure)}
    return PlatformEvent(
        "report", "INFO" if failure is None else "WARN", _report_text(request_id, metrics, failure), record
    )


def _report_text(request_id: str, metrics: dict[str, float], failure: Failure | None) -> str:
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {metrics['durationMs']:.2f} ms",
        f"Billed Duration: {metrics['billedDurationMs']} ms",
        f"Memory Size: {metrics['memorySizeMB']} MB",
        f"Max Memory Used: {metrics['maxMemoryUsedMB']} MB",
    ]
    if "initDurationMs" in metrics:
        fields.append(f"Init Duration: {metrics['initDurationMs']:.2f} ms")
    if "restoreDurationMs" in metrics:
        fields.append(f"Restore Duration: {metrics['restoreDurationMs']:.2f} ms")
        fields.append(f"Billed Restore Duration: {metrics['billedRestoreDurationMs']} ms")
    if failure is not None and failure.fatal:
        fields.append(f"Status: {failure.status}")
        fields += [f"Error Type: {failure.error_type}"] if failure.status == "error" else []
    return "\t".join(fields) + "\t"


def _status(failure: Failure | None) -> dict[str, str]:
    if failure is None:
        return {"status": "success"}
    status = failure.status or "error"
    return {"status": status} | ({"errorType": failure.error_type} if status == "error" else {})
