"""Filters of event source mappings: how many there may be, and what is wrong with a pattern.

AWS's answer does not say where a pattern is wrong, and takes one that no record can match; a warning tells both.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from labkit.control_plane.errors import invalid_parameter
from labkit.control_plane.patterns import PatternError, compile_pattern
from labkit.facts import close_matches

MOST = 5  # of a mapping; a higher quota, of up to 10, can be asked for
OF_STREAMS = ("eventID", "eventName", "eventSource", "eventSourceARN", "eventVersion", "awsRegion")
MEMBERS = {  # what a record has, as patterns see it, by the source's service
    "sqs": (
        "messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody", "md5OfMessageAttributes",
        "eventSource", "eventSourceARN", "awsRegion",
    ),
    "kinesis": (
        *OF_STREAMS, "kinesis", "data", "partitionKey", "sequenceNumber", "kinesisSchemaVersion",
        "approximateArrivalTimestamp", "invokeIdentityArn",
    ),
    "dynamodb": (*OF_STREAMS, "dynamodb", "userIdentity"),
}  # fmt: skip


def refuse_patterns(settings: Mapping[str, Any]) -> None:
    """`ApiError` for too many filters and for one whose pattern is none."""
    filters = settings.get("FilterCriteria", {}).get("Filters", ())
    if len(filters) > MOST:
        raise invalid_parameter(
            f"Too many filter patterns, maximum allowed {MOST} patterns, provided {len(filters)} patterns."
        )
    service = (settings.get("EventSourceArn") or "::").split(":")[2]
    for number, entry in enumerate(filters, 1):
        pattern = entry.get("Pattern") or ""
        try:
            compile_pattern(pattern)
        except PatternError as error:
            where = f" (at character {error.column})" if error.column else ""
            _warn(number, pattern, f"{error.reason}{where}")
            raise invalid_parameter("Invalid filter pattern definition.") from error
        _warn_of_strangers(number, pattern, service)


def _warn_of_strangers(number: int, pattern: str, service: str) -> None:
    """Tell of members that no record of the source has, so that the pattern matches none."""
    known = MEMBERS.get(service)
    for name in json.loads(pattern):
        if known and name != "$or" and name.partition(".")[0] not in known:
            close = close_matches(name, known)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
            _warn(number, pattern, f"no record of {service} has {name!r}, so it matches none; {hint}")


def _warn(number: int, pattern: str, problem: str) -> None:
    logging.getLogger("labkit").warning("filter %d, %s: %s", number, pattern, problem)
