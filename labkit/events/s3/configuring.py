"""PutBucketNotificationConfiguration: what S3 takes is kept, and queues and topics are sent a test event.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html; the words are recorded.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.control_plane.errors import ApiError
from labkit.events.permission import MISSING, REFUSED
from labkit.events.s3.configuration import KINDS, Notification, invalid, notifications_of, refuse_malformed
from labkit.events.s3.records import SERVICE, bucket_arn
from labkit.moto_bridge.s3 import bucket_region, store_notifications

PROBLEMS = {
    MISSING: "The destination {kind} does not exist",
    REFUSED: "Permissions on the destination {kind} do not allow S3 to publish notifications from this bucket",
}


@dataclass(frozen=True)
class NotificationConfigurations:
    """Those of an account's buckets.

    `why_not(ARN, service, bucket ARN)` says why S3 may not call a destination, `test(bucket, ARN)` sends a test event.
    """

    account: str
    why_not: Callable[[str, str, str], str]
    test: Callable[[str, str], None]

    def put(self, given: Mapping[str, Any]) -> None:
        """Answer the call with these arguments; `ApiError` for what S3 refuses."""
        bucket, asked = given["Bucket"], given.get("NotificationConfiguration") or {}
        region = bucket_region(self.account, bucket)
        if region is None:
            message = "The specified bucket does not exist"
            raise ApiError(404, "NoSuchBucket", message, details={"BucketName": bucket})
        refuse_malformed(asked, region)
        notifications = notifications_of(asked)
        if given.get("SkipDestinationValidation"):
            store_notifications(self.account, bucket, _with_ids(asked))
            return
        self._refuse_destinations(bucket, notifications)
        store_notifications(self.account, bucket, _with_ids(asked))
        for each in notifications:
            if ":lambda:" not in each.destination:
                self.test(bucket, each.destination)

    def _refuse_destinations(self, bucket: str, notifications: Sequence[Notification]) -> None:
        details: dict[str, str] = {}
        for destination in (each.destination for each in notifications):
            if why := self.why_not(destination, SERVICE, bucket_arn(bucket)):
                number = len(details) // 2 + 1
                named, problem = _problem(destination, why)
                details |= {f"ArgumentName{number}": named, f"ArgumentValue{number}": problem}
        if details:
            raise invalid("Unable to validate the following destination configurations", **details)


def _problem(destination: str, why: str) -> tuple[str, str]:
    """What is wrong with a destination: how S3 names it, and what it says."""
    if ":lambda:" in destination:
        return f"{destination}, null", f"Not authorized to invoke function [{destination}]"
    return destination, PROBLEMS[why].format(kind="queue" if ":sqs:" in destination else "topic")


def _with_ids(given: Mapping[str, Any]) -> dict[str, Any]:
    """S3 makes an Id where none is given."""
    named = {
        kind.member: [{**entry, "Id": entry.get("Id") or _new_id()} for entry in given[kind.member]]
        for kind in KINDS
        if given.get(kind.member)
    }
    return {**given, **named}


def _new_id() -> str:
    return base64.b64encode(str(uuid.uuid4()).encode()).decode()
