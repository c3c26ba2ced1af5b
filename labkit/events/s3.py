"""S3 event notifications: the record a function receives for an object that was created or removed.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote_plus

from labkit.clock import Clock
from labkit.moto_bridge.s3 import ObjectEvent, on_object_event
from labkit.moto_bridge.server import current_trace


def connect(send: Callable[[str, bytes, str, str | None], object], clock: Clock, account: str) -> None:
    """From now on send each object event to the function that the bucket's configuration names."""
    sequence = itertools.count(1)

    def deliver(event: ObjectEvent) -> None:
        record = notification_record(event, clock.now(), account, next(sequence))
        send(event.function_arn, json.dumps({"Records": [record]}).encode(), "s3", current_trace.get())

    on_object_event(deliver)


def notification_record(event: ObjectEvent, now: datetime, account: str, sequence: int) -> dict[str, object]:
    """One entry of `Records`; the key is URL-encoded, as S3 sends it."""
    item: dict[str, object] = {"key": quote_plus(event.key, safe="/"), "sequencer": f"{sequence:016X}"}
    if event.name.startswith("ObjectCreated"):
        item |= {"size": event.size, "eTag": event.etag}
    if event.version_id is not None:
        item["versionId"] = event.version_id
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": event.region,
        "eventTime": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
        "eventName": event.name,
        "userIdentity": {"principalId": f"AWS:{account}"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": f"{sequence:016X}", "x-amz-id-2": f"labkit-{sequence:016X}"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": event.configuration_id,
            "bucket": {
                "name": event.bucket,
                "ownerIdentity": {"principalId": account},
                "arn": f"arn:aws:s3:::{event.bucket}",
            },
            "object": item,
        },
    }
