"""How a lab's check calls the learner's function: through boto3, as anybody would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import boto3


@dataclass(frozen=True)
class Call:
    """What a function answered. `error` is the error payload's message, None when the handler returned."""

    result: Any
    error: str | None

    def __str__(self) -> str:
        return f"failed ({self.error})" if self.error else f"answered {json.dumps(self.result)}"


def exists(name: str) -> bool:
    """Whether the account has this function."""
    client = boto3.client("lambda")
    try:
        client.get_function(FunctionName=name)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True


def call(name: str, event: object) -> Call:
    """Invoke a function and wait for its answer."""
    answer = boto3.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    result = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        return Call(None, f"{result.get('errorType')}: {result.get('errorMessage')}")
    return Call(result, None)


def logged(name: str, since: int, pattern: str = "") -> list[str]:
    """What a function's log has since a moment (ms of account time) and fits a filter pattern.

    Each invocation leaves lines of its own there, so that no line at all means that its role may not write them.
    """
    logs = boto3.client("logs")
    asked = {"logGroupName": f"/aws/lambda/{name}", "startTime": since, "filterPattern": pattern}
    try:
        return [event["message"] for event in logs.filter_log_events(**asked)["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []
