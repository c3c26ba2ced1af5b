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
