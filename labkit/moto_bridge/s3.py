"""S3: its objects as moto keeps them, and its notifications.

moto decides which configuration an event matches; the kit makes the event and delivers it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.s3 import notifications
from moto.s3.models import s3_backends

PUT = notifications.S3NotificationEvent.OBJECT_CREATED_PUT_EVENT


def read_object(account: str, bucket: str, key: str, version: str | None) -> bytes:
    """An object's content; `LookupError` with S3's code and message when it isn't there."""
    buckets = s3_backends[account]["aws"].buckets
    if bucket not in buckets:
        raise LookupError("NoSuchBucket", "The specified bucket does not exist")
    found = s3_backends[account]["aws"].get_object(bucket, key, version_id=version)
    if found is None:
        raise LookupError("NoSuchKey", "The specified key does not exist.")
    return bytes(found.value)


def bucket_region(account: str, bucket: str) -> str | None:
    """Where a bucket is, None when there is no such bucket."""
    found = s3_backends[account]["aws"].buckets.get(bucket)
    return str(found.region_name) if found else None


@dataclass(frozen=True)
class ObjectEvent:
    """What happened to an object, and the notification that it matches."""

    name: str  # such as ObjectCreated:Put
    region: str
    bucket: str
    key: str
    size: int
    etag: str
    version_id: str | None
    configuration_id: str
    function_arn: str


def on_object_event(deliver: Callable[[ObjectEvent], None]) -> None:
    """Have `deliver` called for each object event that a bucket's configuration sends to a function."""
    moto_send_event = getattr(notifications.send_event, "moto", notifications.send_event)

    def send_event(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        if event_name == PUT and key.multipart is not None:
            return  # moto tells of a multipart upload twice, as a put too
        configuration = bucket.notification_configuration
        for notification in configuration.cloud_function if configuration is not None else ():
            if notification.matches(event_name, key.name):
                deliver(_object_event(str(event_name.value), bucket, key, notification))
        moto_send_event(account_id, event_name, bucket, key)

    send_event.moto = moto_send_event  # type: ignore[attr-defined]
    notifications.send_event = send_event
    notifications._invoke_awslambda = lambda *arguments: None  # the functions have been told above


def _object_event(name: str, bucket: Any, key: Any, notification: Any) -> ObjectEvent:
    return ObjectEvent(
        name=name.removeprefix("s3:"),
        region=bucket.region_name,
        bucket=bucket.name,
        key=key.name,
        size=int(key.size),
        etag=key.etag.replace('"', ""),
        version_id=key.version_id if bucket.is_versioned else None,
        configuration_id=notification.id,
        function_arn=notification.arn,
    )
