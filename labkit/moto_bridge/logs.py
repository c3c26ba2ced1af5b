"""CloudWatch Logs as moto keeps it; what a pattern matches, and what functions that subscribe get, is the kit's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from moto.logs import models
from moto.logs.models import LogEvent, LogGroup, LogsBackend, LogStream, SubscriptionFilter, logs_backends

from labkit.moto_bridge.refused import checked
from labkit.moto_bridge.replaced import around, put

TIME_IN_ID = 144  # bits that an event's id has after its time

Fields = Mapping[str, str]


def put_log_events(account: str, region: str, group: str, stream: str, events: Iterable[tuple[float, str]]) -> None:
    """Append events (seconds since 1970 in account time, message), making group and stream when they are missing.

    It goes past moto's PutLogEvents, which refuses times far from the machine's: account time may be days ahead.
    """
    backend = logs_backends[account][region]
    if group not in backend.groups:
        backend.create_log_group(group, {})
    if stream not in backend.groups[group].streams:
        backend.create_log_stream(group, stream)
    written = [{"timestamp": int(1000 * time), "message": message} for time, message in events]
    backend.groups[group].put_log_events(stream, written)


def missing(account: str, region: str, group: str, stream: str) -> list[str]:
    """The actions by which what there is not yet is made, a log group and its stream."""
    groups = logs_backends[account][region].groups
    if group not in groups:
        return ["CreateLogGroup", "CreateLogStream"]
    return [] if stream in groups[group].streams else ["CreateLogStream"]


@dataclass(frozen=True)
class Subscription:
    """A subscription filter of a log group. `role_arn` is empty where none was given."""

    region: str
    group: str
    name: str
    pattern: str
    destination_arn: str
    role_arn: str


@dataclass(frozen=True)
class WrittenEvent:
    """A log event that matches a filter, and the fields that it names; `timestamp` is in milliseconds since 1970."""

    id: str
    timestamp: int
    message: str
    fields: Fields


class Logs(Protocol):
    """What the kit does of CloudWatch Logs. `Refused` for what AWS refuses."""

    def check(self, subscription: Subscription) -> None:
        """Before a subscription filter is stored."""

    def match(self, pattern: str) -> Callable[[str], Fields | None]:
        """What tells of a message whether it matches, and the fields that the pattern names."""

    def deliver(self, subscription: Subscription, stream: str, events: Sequence[WrittenEvent]) -> None:
        """Send events that were written to a subscribed function."""


def connect(logs: Logs) -> None:
    """From now on moto matches as `logs` does, and leaves functions that subscribe to it."""

    @around(LogsBackend, "put_subscription_filter")
    def put_subscription_filter(
        original: Any, backend: Any, log_group_name: str, filter_name: str, filter_pattern: str,
        destination_arn: str, role_arn: str,
    ) -> None:  # fmt: skip
        if log_group_name in backend.groups:
            arguments = (filter_name, filter_pattern, destination_arn, role_arn or "")
            checked(lambda: logs.check(Subscription(backend.region_name, log_group_name, *arguments)))
        original(backend, log_group_name, filter_name, filter_pattern, destination_arn, role_arn)

    @around(LogStream, "_send_log_events")
    def send_log_events(
        original: Any, stream: Any, service: str, destination_arn: str, filter_name: str, log_events: Any
    ) -> None:
        stored = stream.log_group.subscription_filters[filter_name]
        match = logs.match(stored.filter_pattern)
        matching = [(event, fields) for event in log_events if (fields := match(event["message"])) is not None]
        if matching and service == "lambda":
            subscription = Subscription(
                stream.region, stream.log_group.name, filter_name, stored.filter_pattern, destination_arn, ""
            )
            logs.deliver(
                subscription, stream.log_stream_name,
                [WrittenEvent(event["id"], event["timestamp"], event["message"], fields) for event, fields in matching],
            )  # fmt: skip
        elif matching:
            original(stream, service, destination_arn, filter_name, [event for event, _ in matching])

    @around(LogsBackend, "filter_log_events")
    def filter_log_events(original: Any, backend: Any, *arguments: Any) -> Any:
        checked(lambda: logs.match(arguments[6] or ""))
        return original(backend, *arguments)

    class EventMessageFilter:
        def __init__(self, pattern: str | None):
            self._match = logs.match(pattern or "")

        def matches(self, message: str) -> bool:
            return self._match(message) is not None

    put(models, "EventMessageFilter", EventMessageFilter)


@around(LogEvent, "__init__")
def _init_event(original: Any, event: Any, ingestion_time: int, log_event: dict[str, Any]) -> None:
    """An event's id begins with its time, as AWS's do: 56 digits, a later one greater."""
    original(event, ingestion_time, log_event)
    event.event_id = f"{(event.timestamp << TIME_IN_ID) + event.event_id:056d}"


@around(LogGroup, "put_subscription_filter")
def _put_in_group(
    original: Any, group: Any, filter_name: str, filter_pattern: str, destination_arn: str, role_arn: str
) -> None:
    """A filter that is there already is changed, also where there are as many as a group may have."""
    if filter_name in group.subscription_filters:
        group.subscription_filters[filter_name].update(filter_pattern, destination_arn, role_arn)
    else:
        original(group, filter_name, filter_pattern, destination_arn, role_arn)


@around(SubscriptionFilter, "to_json")
def _described(original: Any, subscription: Any) -> dict[str, Any]:
    found = original(subscription)
    return {**{name: value for name, value in found.items() if value is not None}, "applyOnTransformedLogs": False}
