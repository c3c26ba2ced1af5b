"""The kinds of event sources: what a mapping of each kind takes, Lambda's defaults, and what Lambda refuses.

Fields and words as AWS was recorded to answer (2024 and 2025) for queues, streams and self-managed Kafka. Of the other
kinds the fields are those of the API reference. `NO_WINDOW_ON_FIFO`, `LARGE_FIFO_BATCH` and `NO_AGE` are words that
users of AWS report; the refusal of arguments other than DestinationConfig is inferred from that one's, and that of a
destination that a stream can't have (`UNFIT`) from that of an asynchronous invocation's.
https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from labkit import facts
from labkit.control_plane.errors import ApiError, invalid_parameter

Settings = Mapping[str, Any]

WITHOUT_WINDOW = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
NO_WINDOW_ON_FIFO = "Batching window is not supported for FIFO queues"
LARGE_FIFO_BATCH = "Maximum batch size must be between 1 and 10 inclusive"
NO_POSITION = (
    "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
    "Member must not be null."
)
NEGATIVE_TIME = (
    "Received Exception while reading from provided stream. class java.lang.Long can not be converted to a Timestamp"
)
NO_AGE = "MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)"
LEAST_AGE = 60  # seconds
TAKE_WHAT_IS_GIVEN_UP = ("sqs", "sns", "s3")
UNFIT = (
    "The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination={arn})) is "
    "invalid."
)
NOT_POLLED = "PROBLEM: labkit does not poll {source}; on AWS, Lambda would."


@dataclass(frozen=True)
class Kind:
    """A kind of event source. `defaults` has what an answer always shows, `optional` what it shows when it was given.

    `polled` tells whether the kit polls it; `shows_result`, whether an answer has LastProcessingResult. `refuse` raises
    `ApiError` for settings that don't go together.
    """

    name: str
    defaults: Settings
    optional: tuple[str, ...]
    reason: str = "USER_INITIATED"
    polled: bool = False
    shows_result: bool = True
    refuse: Callable[[Settings], None] = lambda settings: None

    def settings(self, given: Settings, uuid: str) -> dict[str, Any]:
        """The settings of a new mapping."""
        own = {name: _own_group(value, uuid) for name, value in self.defaults.items()}
        return self.changed(own, given)

    def changed(self, settings: Settings, given: Settings) -> dict[str, Any]:
        """The settings with what is given; an optional one that is given as empty goes."""
        known = ("EventSourceArn", *self.defaults, *self.optional)
        found = {**settings, **{name: _stored(name, given[name]) for name in known if given.get(name) is not None}}
        return {name: value for name, value in found.items() if value or name not in self.optional}

    def refuse_unknown(self, given: Settings) -> None:
        """`ApiError` for an argument that is for another kind of source."""
        if "OnSuccess" in (given.get("DestinationConfig") or {}):
            raise _unsupported("DestinationConfig")
        for name in ARGUMENTS:
            if given.get(name) is not None and name not in self.defaults and name not in self.optional:
                raise _unsupported(name)


def kind_of(given: Settings) -> Kind:
    """The kind of source that a mapping's arguments or settings name; `ApiError` when they name none."""
    if given.get("SelfManagedEventSource"):
        return SELF_MANAGED_KAFKA
    arn = given.get("EventSourceArn") or ""
    kind = KINDS.get(arn.split(":")[2]) if arn.count(":") >= 5 else None
    if kind is None:
        raise invalid_parameter("Unrecognized event source.")
    return kind


def _refuse_queue(settings: Settings) -> None:
    size, window = settings["BatchSize"], settings["MaximumBatchingWindowInSeconds"]
    if "StartingPosition" in settings or "StartingPositionTimestamp" in settings:
        raise invalid_parameter("StartingPosition is not valid for SQS event sources.")
    if settings["EventSourceArn"].endswith(".fifo"):
        if window:
            raise invalid_parameter(NO_WINDOW_ON_FIFO)
        if not facts.QUOTAS["sqs_fifo_batch"].allows(size):
            raise invalid_parameter(LARGE_FIFO_BATCH)
    elif size > 10 and not window:
        raise invalid_parameter(WITHOUT_WINDOW)


def _refuse_stream(settings: Settings) -> None:
    position, moment = settings.get("StartingPosition"), settings.get("StartingPositionTimestamp")
    if position is None:
        raise invalid_parameter(NO_POSITION)
    if position != "AT_TIMESTAMP":
        if moment is not None:
            raise invalid_parameter("Timestamp only valid with StartingPosition AT_TIMESTAMP")
    elif ":dynamodb:" in settings["EventSourceArn"]:
        raise invalid_parameter(f"Unsupported starting position for arn type: {settings['EventSourceArn']}")
    elif moment is None:
        raise invalid_parameter("StartingPositionTimestamp is required with StartingPosition AT_TIMESTAMP")
    elif moment < 0:
        raise invalid_parameter(NEGATIVE_TIME)
    if -1 < settings["MaximumRecordAgeInSeconds"] < LEAST_AGE:
        raise invalid_parameter(NO_AGE)
    destination = settings["DestinationConfig"]["OnFailure"].get("Destination")
    if destination and (destination.split(":")[2] not in TAKE_WHAT_IS_GIVEN_UP or destination.endswith(".fifo")):
        raise invalid_parameter(UNFIT.format(arn=destination))


def _refuse_kafka(settings: Settings) -> None:
    if "SourceAccessConfigurations" not in settings:
        raise invalid_parameter("Required 'sourceAccessConfigurations' parameter is missing.")


def _unsupported(name: str) -> ApiError:
    return invalid_parameter(f"Unsupported {name} parameter for given event source mapping type.")


def _own_group(value: Any, uuid: str) -> Any:
    """A consumer group that nobody named has the mapping's id for a name."""
    return {"ConsumerGroupId": uuid} if value is OWN_GROUP else value


def _stored(name: str, value: Any) -> Any:
    if name == "StartingPositionTimestamp":
        return value.replace(tzinfo=UTC).timestamp()
    if name == "FilterCriteria" and not value.get("Filters"):
        return {}
    if name == "DestinationConfig":
        return {"OnFailure": value.get("OnFailure") or {}}
    return value


OWN_GROUP: Settings = {}
ANY_SOURCE = ("FilterCriteria", "KMSKeyArn", "MetricsConfig")
POSITION = ("StartingPosition", "StartingPositionTimestamp")
BATCH = facts.QUOTAS["stream_batch"].default
WINDOW = facts.QUOTAS["batching_window"].default

QUEUE = Kind(
    "Amazon SQS",
    defaults={
        "BatchSize": facts.QUOTAS["sqs_batch"].default,
        "MaximumBatchingWindowInSeconds": WINDOW,
        "FunctionResponseTypes": [],
    },
    optional=(*ANY_SOURCE, *POSITION, "ScalingConfig", "ProvisionedPollerConfig"),
    polled=True,
    shows_result=False,
    refuse=_refuse_queue,
)
STREAM = Kind(
    "a stream",
    defaults={
        "BatchSize": BATCH,
        "MaximumBatchingWindowInSeconds": WINDOW,
        "FunctionResponseTypes": [],
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "MaximumRecordAgeInSeconds": -1,  # for ever
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": facts.QUOTAS["parallelization"].default,
        "TumblingWindowInSeconds": facts.QUOTAS["tumbling_window"].default,
    },
    optional=(*ANY_SOURCE, *POSITION),
    reason="User action",
    polled=True,
    refuse=_refuse_stream,
)
KAFKA = (
    *ANY_SOURCE, *POSITION, "DestinationConfig", "FunctionResponseTypes", "LoggingConfig", "MaximumRecordAgeInSeconds",
    "MaximumBatchingWindowInSeconds", "MaximumRetryAttempts", "ProvisionedPollerConfig", "SourceAccessConfigurations",
    "Topics", "BisectBatchOnFunctionError",
)  # fmt: skip
SELF_MANAGED_KAFKA = Kind(
    "Apache Kafka",
    defaults={
        "BatchSize": BATCH,
        "SelfManagedKafkaEventSourceConfig": OWN_GROUP,
        "StartingPosition": "TRIM_HORIZON",
    },
    optional=(*KAFKA, "SelfManagedEventSource"),
    refuse=_refuse_kafka,
)
KINDS = {  # by the service in the source's ARN
    "sqs": QUEUE,
    "kinesis": STREAM,
    "dynamodb": STREAM,
    "kafka": Kind("Amazon MSK", {"BatchSize": BATCH, "AmazonManagedKafkaEventSourceConfig": OWN_GROUP}, KAFKA),
    "mq": Kind(
        "Amazon MQ",
        {"BatchSize": BATCH},
        (*ANY_SOURCE, "Queues", "SourceAccessConfigurations", "MaximumBatchingWindowInSeconds"),
    ),
    "rds": Kind(
        "Amazon DocumentDB",
        {"BatchSize": BATCH},
        (*ANY_SOURCE, *POSITION, "DocumentDBEventSourceConfig", "SourceAccessConfigurations",
         "MaximumBatchingWindowInSeconds"),
    ),
}  # fmt: skip
ARGUMENTS = sorted({
    name for kind in (*KINDS.values(), SELF_MANAGED_KAFKA) for name in (*kind.defaults, *kind.optional)
})  # fmt: skip
