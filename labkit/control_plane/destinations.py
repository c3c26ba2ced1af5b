"""Where Lambda may send the records of asynchronous invocations: queues, topics, event buses, functions, buckets.

Refusals as AWS was recorded to send them (November 2025), and as its users report them for a role that lacks a
permission. Which of those words hold for a queue in FIFO order and for an S3 bucket told of successes is inferred.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

from typing import Any

from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import ApiError, invalid_parameter
from labkit.control_plane.names import RESOURCE, version_of
from labkit.control_plane.settings import EventInvokeConfig
from labkit.control_plane.store import Store, StoredFunction
from labkit.identity import ApiCall

ANYTIME = ("sqs", "sns", "events", "lambda")
ON_FAILURE = (*ANYTIME, "s3")
FIFO_TOPIC = "FIFO-type Amazon SNS topics aren't supported as a destination."
ITSELF = "You can't specify the function as a destination for itself."


def refuse_destinations(store: Store, effects: Effects, function: StoredFunction, config: EventInvokeConfig) -> None:
    """`ApiError` for a destination that does not exist, cannot be one, or that the role may not send to."""
    for destination, services in ((config.on_success, ANYTIME), (config.on_failure, ON_FAILURE)):
        if destination is None:
            continue
        service, region = destination.split(":")[2:4]
        fifo = destination.endswith(".fifo")
        if service not in services or region not in ("", function.arn.split(":")[3]) or (fifo and service == "sqs"):
            raise _unfit(config)
        if fifo:
            raise invalid_parameter(FIFO_TOPIC)
        if not _exists(store, effects, destination):
            raise invalid_parameter(f"The destination ARN {destination} is invalid.")
        if f"{destination}:".startswith(f"{function.arn}:"):
            raise invalid_parameter(ITSELF)
        _refuse_without_permission(effects, function.latest.settings["Role"], destination)


def _exists(store: Store, effects: Effects, destination: str) -> bool:
    if destination.split(":")[2] != "lambda":
        return effects.destination_exists(destination)
    named = RESOURCE.fullmatch(destination)
    function = store.region(named[1]).functions.get(named[4]) if named else None
    if named is None or function is None or named[2] != store.account:
        return False
    return named[3] == "function" and version_of(function, named[5]) is not None


def _unfit(config: EventInvokeConfig) -> ApiError:
    ends = {"OnSuccess": config.on_success, "OnFailure": config.on_failure}
    shown = {name: f"{name}(destination={arn})" if arn else "null" for name, arn in ends.items()}
    told = f"DestinationConfig(onSuccess={shown['OnSuccess']}, onFailure={shown['OnFailure']})"
    return invalid_parameter(f"The provided destination config {told} is invalid.")


def _refuse_without_permission(effects: Effects, role: str, destination: str) -> None:
    call = _sending(destination)
    if not effects.may(role, call):
        action = "InvokeFunction" if call.operation == "Invoke" else call.operation
        raise invalid_parameter(
            f"The function's execution role does not have permissions to call {action} on {destination}"
        )


def _sending(destination: str) -> ApiCall:
    """The call by which a record is sent."""
    _, _, service, region, account, name = destination.split(":", 5)
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "sqs": ("SendMessage", {"QueueUrl": f"https://sqs.{region}.amazonaws.com/{account}/{name}"}),
        "sns": ("Publish", {"TopicArn": destination}),
        "events": ("PutEvents", {"Entries": [{"EventBusName": destination}]}),
        "lambda": ("Invoke", {"FunctionName": destination}),
        "s3": ("PutObject", {"Bucket": name, "Key": "aws/lambda/async/record"}),
    }
    operation, parameters = calls[service]
    return ApiCall(service, operation, parameters, region, account)
