"""Whether a mapping's function may read its event source, and whether another mapping does so already."""

from __future__ import annotations

from collections.abc import Iterable

from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import ApiError, conflict, invalid_parameter
from labkit.control_plane.event_sources import kind_of
from labkit.control_plane.names import parse
from labkit.control_plane.role import refuse_receiver
from labkit.control_plane.store import EventSourceMapping, FunctionVersion
from labkit.identity import ApiCall

# What Lambda tries with the execution role, and the actions that its messages name.
CALLS = {
    "sqs": ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"),
    "kinesis": ("GetRecords", "GetShardIterator", "DescribeStream"),
    "dynamodb": ("GetRecords", "GetShardIterator", "DescribeStream"),
}
NAMED = {
    "kinesis": "GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams",
    "dynamodb": "GetRecords, GetShardIterator, DescribeStream, and ListStreams",
}
NO_QUEUE = (
    "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
    "SQS Error Message: The specified queue does not exist."
)


def refuse_source(mapping: EventSourceMapping, version: FunctionVersion, effects: Effects) -> None:
    """`ApiError` when the function's role may not read the source or send to the mapping's destination, when one of
    them is not there, or when the source is not fit.

    A source that the kit does not poll is not looked at.
    """
    arn = mapping.source_arn
    if arn is None or not kind_of(mapping.settings).polled:
        return
    service = arn.split(":")[2]
    for call in _calls(arn):
        if not effects.may(version.settings["Role"], call):
            raise _no_access(service, call.operation, arn)
    source = effects.find_source(arn)
    if source is None:
        raise invalid_parameter(NO_QUEUE if service == "sqs" else f"Stream not found: {arn}")
    refuse_destination(mapping, version, effects)
    timeout = version.settings["Timeout"]
    if source.visibility_timeout is not None and source.visibility_timeout < timeout:
        raise invalid_parameter(
            f"Queue visibility timeout: {source.visibility_timeout} seconds is less than "
            f"Function timeout: {timeout} seconds"
        )


def refuse_destination(mapping: EventSourceMapping, version: FunctionVersion, effects: Effects) -> None:
    """`ApiError` when the function's role may not send to the mapping's destination, or when there is none."""
    if destination := mapping.settings.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"):
        refuse_receiver(effects, version.settings["Role"], destination)


def refuse_duplicate(mapping: EventSourceMapping, others: Iterable[EventSourceMapping]) -> None:
    """`ApiError` when one of the others maps the same source to the same function."""
    for other in others:
        if other.uuid != mapping.uuid and other.function_arn == mapping.function_arn and _same_source(mapping, other):
            raise conflict(f"{_pair(mapping)} already exists. Please update or delete the existing mapping with UUID "
                           f"{other.uuid}")  # fmt: skip


def _calls(arn: str) -> list[ApiCall]:
    """The calls of a poller, with what tells IAM the queue or stream that they are about."""
    _, _, service, region, account, name = arn.split(":", 5)
    about = {
        "sqs": {"QueueUrl": f"https://sqs.{region}.amazonaws.com/{account}/{name}"},
        "kinesis": {"StreamARN": arn.partition("/consumer/")[0]},
        "dynamodb": {"StreamArn": arn, "ShardIterator": f"{arn}|"},
    }[service]
    return [ApiCall(service, operation, about, region, account) for operation in CALLS[service]]


def _no_access(service: str, operation: str, arn: str) -> ApiError:
    if service == "sqs":
        return invalid_parameter(f"The function execution role does not have permissions to call {operation} on SQS")
    return invalid_parameter(
        f"Cannot access stream {arn}. Please ensure the role can perform the {NAMED[service]} Actions on your stream "
        "in IAM."
    )


def _same_source(mapping: EventSourceMapping, other: EventSourceMapping) -> bool:
    """The same queue or stream, or one of the same Kafka servers; of Kafka, also the same topic."""
    if mapping.settings.get("Topics") != other.settings.get("Topics"):
        return False
    if mapping.source_arn or other.source_arn:
        return mapping.source_arn == other.source_arn
    return bool({*_servers(mapping)} & {*_servers(other)})


def _servers(mapping: EventSourceMapping) -> list[str]:
    endpoints = mapping.settings["SelfManagedEventSource"].get("Endpoints", {})
    return [server for servers in endpoints.values() for server in servers]


def _pair(mapping: EventSourceMapping) -> str:
    """A source and a function, as Lambda names the two."""
    _, _, _, region, account, *_ = mapping.function_arn.split(":")
    function, source = parse(mapping.function_arn, None, region, account), mapping.source_arn
    if source is None:
        topics = ",".join(mapping.settings.get("Topics", ()))
        return (
            f'An event source mapping with event source ("{",".join(_servers(mapping))}"), '
            f'function ("{mapping.function_arn}"), topics ("{topics}")'
        )
    if source.split(":")[2] == "sqs":
        return f'An event source mapping with SQS arn (" {source} ") and function (" {function.name} ")'
    return f'The event source arn (" {source} ") and function (" {function.name} ") provided mapping'
