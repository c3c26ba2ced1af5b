"""CloudWatch Logs calls functions that subscribe to a log group, with the events that match their filter.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html; refusals as users of AWS report them.
"""

from __future__ import annotations

import base64
import gzip
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.clock import Clock
from labkit.events.agenda import Agenda
from labkit.events.filter_pattern import FilterPatternError, Match, compile_filter
from labkit.events.permission import warn_of_missing_permission
from labkit.moto_bridge.logs import Subscription, WrittenEvent
from labkit.moto_bridge.refused import Refused
from labkit.moto_bridge.server import current_trace

SERVICE = "logs.amazonaws.com"
VENDORS = ("lambda", "kinesis", "firehose", "logs")
NOT_EXECUTED = (
    "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your "
    "function."
)


@dataclass(frozen=True)
class Subscriptions:
    """The subscriptions of an account's log groups.

    `send(function ARN, payload, source, trace)` queues an event for a function; `why_not(function ARN, service, log
    group ARN)` says why CloudWatch Logs may not invoke it. `log_group_of(function ARN)` is where a function writes.
    """

    account: str
    agenda: Agenda
    clock: Clock
    send: Callable[[str, bytes, str, str | None], object]
    why_not: Callable[[str, str, str], str]
    log_group_of: Callable[[str], str]

    def check(self, subscription: Subscription) -> None:
        """`Refused` for a subscription filter that AWS does not take."""
        self.match(subscription.pattern)
        vendor, region = _vendor(subscription.destination_arn)
        if vendor not in VENDORS or region != subscription.region:
            raise _invalid(f"PutSubscriptionFilter operation cannot work with destinationArn for vendor {vendor}")
        if vendor != "lambda":
            return
        if subscription.role_arn:
            raise _invalid("destinationArn for vendor lambda cannot be used with roleArn")
        if self._why_not(subscription):
            raise _invalid(NOT_EXECUTED)
        if self.log_group_of(subscription.destination_arn) == subscription.group:
            logging.getLogger("labkit").warning(
                "%s subscribes to %s, which is its own log: each invocation whose log matches calls for the next. AWS "
                "does not stop that; labkit does after a while. Subscribe a function of its own to the logs of others.",
                subscription.destination_arn, subscription.group,
            )  # fmt: skip

    def match(self, pattern: str) -> Match:
        """What tells whether a message matches a pattern; `Refused` for one that is none."""
        try:
            return compile_filter(pattern)
        except FilterPatternError as error:
            logging.getLogger("labkit").warning("filterPattern %s: %s", pattern, error)
            raise _invalid(error.answer) from error

    def deliver(self, subscription: Subscription, stream: str, events: Sequence[WrittenEvent]) -> None:
        """Send a function the events of a stream that were written together."""
        trace = current_trace.get()
        self.agenda.at(self.clock.time(), lambda: self._hand_over(subscription, stream, events, trace))

    def _hand_over(
        self, subscription: Subscription, stream: str, events: Sequence[WrittenEvent], trace: str | None
    ) -> None:
        if why := self._why_not(subscription):
            source_arn = self._arn(subscription)
            source = f"log group {subscription.group}"
            warn_of_missing_permission(source, subscription.destination_arn, why, _principal(subscription), source_arn)
            return
        event = {"awslogs": {"data": packed(data_message(self.account, subscription, stream, events))}}
        self.send(subscription.destination_arn, json.dumps(event).encode(), "logs", trace)

    def _why_not(self, subscription: Subscription) -> str:
        """A function may admit the service by its name, or by that with the region."""
        function_arn, group_arn = subscription.destination_arn, self._arn(subscription)
        regional = self.why_not(function_arn, _principal(subscription), group_arn)
        return regional and self.why_not(function_arn, SERVICE, group_arn)

    def _arn(self, subscription: Subscription) -> str:
        return f"arn:aws:logs:{subscription.region}:{self.account}:log-group:{subscription.group}:*"


def data_message(
    account: str, subscription: Subscription, stream: str, events: Sequence[WrittenEvent]
) -> dict[str, Any]:
    """What a subscriber is sent, before it is packed."""
    return {
        "messageType": "DATA_MESSAGE",
        "owner": account,
        "logGroup": subscription.group,
        "logStream": stream,
        "subscriptionFilters": [subscription.name],
        "logEvents": [
            {"id": event.id, "timestamp": event.timestamp, "message": event.message}
            | ({"extractedFields": event.fields} if event.fields else {})
            for event in events
        ],
    }


def packed(message: dict[str, Any]) -> str:
    """The message as JSON, compressed, as text."""
    return base64.b64encode(gzip.compress(json.dumps(message, separators=(",", ":")).encode())).decode()


def _principal(subscription: Subscription) -> str:
    return f"logs.{subscription.region}.amazonaws.com"


def _vendor(arn: str) -> tuple[str, str]:
    parts = arn.split(":")
    return (parts[2], parts[3]) if arn.startswith("arn:") and len(parts) > 5 else (arn, "")


def _invalid(message: str) -> Refused:
    return Refused("InvalidParameterException", message)
