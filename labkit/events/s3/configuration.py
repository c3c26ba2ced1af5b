"""A bucket's notification configuration: which events of which keys go where, and what S3 refuses to take.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html; refusals as recorded from AWS
(2023 and September 2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any
from urllib.parse import unquote_plus

from botocore.loaders import Loader

from labkit.control_plane.errors import ApiError

MOST_CONFIGURATIONS, LONGEST_ID, LONGEST_VALUE = 100, 255, 1024
SIDES = ("prefix", "suffix")


@dataclass(frozen=True)
class Kind:
    """A kind of destination: the member that lists its configurations, that of the ARN, and what errors call it."""

    member: str
    arn: str
    argument: str
    service: str
    pattern: str


KINDS = (
    Kind("TopicConfigurations", "TopicArn", "Topic", "sns", r"^arn:aws[a-zA-Z\-]*:sns:[a-zA-Z0-9\-]+:[0-9]{12}:.+$"),
    Kind("QueueConfigurations", "QueueArn", "Queue", "sqs", r"^arn:aws[a-zA-Z\-]*:sqs:[a-zA-Z0-9\-]+:[0-9]{12}:.+$"),
    Kind(
        "LambdaFunctionConfigurations", "LambdaFunctionArn", "CloudFunction", "lambda",
        r"^arn:aws[a-zA-Z\-]*:lambda:[a-zA-Z0-9\-]+:[0-9]{12}:function:[a-zA-Z0-9\-_]+(:[a-zA-Z0-9$_\-]+)?$",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Notification:
    """One configuration: `events` as they are written, such as s3:ObjectCreated:*, and the ARN that is told."""

    id: str
    destination: str
    events: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""

    def wants(self, event: str, key: str) -> bool:
        """Whether it is to be told of an event, such as s3:ObjectCreated:Put, of a key."""
        named = any(covers(each, event) for each in self.events)
        return named and key.startswith(self.prefix) and key.endswith(self.suffix)


def notifications_of(given: Mapping[str, Any]) -> list[Notification]:
    """What a NotificationConfiguration, as boto3 has it, tells whom."""
    return [_notification(kind, entry) for kind, entry in _entries(given)]


def covers(pattern: str, event: str) -> bool:
    """Whether an event is the one named, or one of those."""
    return pattern == event or (pattern.endswith("*") and event.startswith(pattern[:-1]))


def refuse_malformed(given: Mapping[str, Any], region: str) -> None:
    """`ApiError` for a configuration that is wrong in itself, for a bucket in this region."""
    entries = list(_entries(given))
    if len(entries) > MOST_CONFIGURATIONS:
        message = f"Too many configurations submitted. The maximum number of configurations is {MOST_CONFIGURATIONS}"
        raise ApiError(400, "InvalidRequest", message)
    for kind, entry in entries:
        _refuse_incomplete(kind, entry)
        _refuse_arn(kind, entry[kind.arn])
        _refuse_events(entry["Events"])
        _refuse_filter(entry)
    _refuse_ids([entry["Id"] for _, entry in entries if entry.get("Id")])
    _refuse_overlap(notifications_of(given))
    for kind, entry in entries:
        _refuse_destination(kind, entry[kind.arn], region)


def invalid(message: str, **details: str) -> ApiError:
    """S3's InvalidArgument."""
    return ApiError(400, "InvalidArgument", message, details=details)


def _entries(given: Mapping[str, Any]) -> Iterator[tuple[Kind, Mapping[str, Any]]]:
    for kind in KINDS:
        for entry in given.get(kind.member) or ():
            yield kind, entry


def _notification(kind: Kind, entry: Mapping[str, Any]) -> Notification:
    values = {rule["Name"].lower(): unquote_plus(rule["Value"]) for rule in _rules(entry)}
    return Notification(entry.get("Id") or "", entry[kind.arn], tuple(entry["Events"]), **values)


def _rules(entry: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return ((entry.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()


def _refuse_incomplete(kind: Kind, entry: Mapping[str, Any]) -> None:
    if not entry.get(kind.arn) or not entry.get("Events") or ("Filter" in entry and not _rules(entry)):
        message = "The XML you provided was not well-formed or did not validate against our published schema"
        raise ApiError(400, "MalformedXML", message)


def _refuse_arn(kind: Kind, arn: str) -> None:
    if not arn.startswith("arn:") or arn.count(":") < 5:
        raise invalid("The ARN could not be parsed", ArgumentName=kind.argument, ArgumentValue=arn)
    if not re.fullmatch(kind.pattern, arn):
        raise invalid(
            f"The ARN failed to satisfy constraint: Member must satisfy regular expression pattern: {kind.pattern}",
            ArgumentName=kind.argument, ArgumentValue=arn,
        )  # fmt: skip


def _refuse_events(events: Sequence[str]) -> None:
    for event in events:
        if event not in _known_events():
            raise invalid("The event is not supported for notifications", ArgumentName="Event", ArgumentValue=event)


@cache
def _known_events() -> frozenset[str]:
    """Those of AWS's own model of S3."""
    return frozenset(Loader().load_service_model("s3", "service-2")["shapes"]["Event"]["enum"])


def _refuse_filter(entry: Mapping[str, Any]) -> None:
    rules = _rules(entry)
    for rule in rules:
        if rule["Name"].lower() not in SIDES:
            message = "filter rule name must be either prefix or suffix"
            raise invalid(message, ArgumentName="FilterRule.Name", ArgumentValue=rule["Name"])
        if len(rule["Value"].encode()) > LONGEST_VALUE:
            raise invalid(f"Size of filter rule value cannot exceed {LONGEST_VALUE} bytes in UTF-8 representation")
    for side in SIDES:
        if sum(rule["Name"].lower() == side for rule in rules) > 1:
            raise invalid(f"Cannot specify more than one {side} rule in a filter.")


def _refuse_ids(ids: Sequence[str]) -> None:
    if len(set(ids)) < len(ids):
        raise invalid("Same ID used for multiple configurations. IDs must be unique.")
    if any(len(each) > LONGEST_ID for each in ids):
        raise invalid(f"ID length exceeded allowed limit of {LONGEST_ID}")


def _refuse_overlap(notifications: Sequence[Notification]) -> None:
    """An event of a key must be for one configuration only."""
    if any(_in_common(pair) for each in notifications for pair in combinations(each.events, 2)):
        raise _overlap()
    for one, other in combinations(notifications, 2):
        if not any(_in_common((a, b)) for a in one.events for b in other.events) or not _same_keys(one, other):
            continue
        if one.prefix or one.suffix or other.prefix or other.suffix:
            raise invalid(
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes "
                "are overlapping for the same event type."
            )
        raise _overlap()


def _overlap() -> ApiError:
    return invalid("Configurations overlap. Configurations on the same bucket cannot share a common event type.")


def _in_common(events: tuple[str, str]) -> bool:
    one, other = events
    return covers(one, other) or covers(other, one)


def _same_keys(one: Notification, other: Notification) -> bool:
    """Whether there may be a key that both want."""
    prefixes = one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)
    suffixes = one.suffix.endswith(other.suffix) or other.suffix.endswith(one.suffix)
    return prefixes and suffixes


def _refuse_destination(kind: Kind, arn: str, region: str) -> None:
    if arn.split(":")[3] != region:
        raise invalid("The notification destination service region is not valid for the bucket location constraint")
    if arn.endswith(".fifo"):
        raise invalid(f"FIFO {kind.service.upper()} {kind.argument.lower()}s are not supported.")
