"""S3: its objects and notification configurations as moto keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.s3.models import Notification, NotificationConfiguration, s3_backends
from moto.s3.responses import S3Response

from labkit.moto_bridge.replaced import around

LISTS = {  # where moto keeps the configurations of a kind, and what the member and its ARN are called
    "topic": ("TopicConfigurations", "TopicArn"),
    "queue": ("QueueConfigurations", "QueueArn"),
    "cloud_function": ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
}


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


def store_notifications(account: str, bucket: str, given: Mapping[str, Any]) -> None:
    """Keep a notification configuration, as boto3 has it, in the place of the bucket's."""
    kept = NotificationConfiguration(event_bridge={} if "EventBridgeConfiguration" in given else None)
    for name, (member, arn) in LISTS.items():
        setattr(kept, name, [_stored(entry, arn) for entry in given.get(member) or ()])
    s3_backends[account]["aws"].buckets[bucket].notification_configuration = kept


def _stored(entry: Mapping[str, Any], arn: str) -> Notification:
    rules = ((entry.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()
    written = [{"Name": rule["Name"].title(), "Value": rule["Value"]} for rule in rules]
    stored = Notification(
        entry[arn], [], {"S3Key": {"FilterRule": written}} if written else None, notification_id=entry["Id"]
    )
    stored.events = list(entry["Events"])  # moto knows not all that there are
    return stored


def described_notifications(bucket: Any) -> dict[str, Any]:
    """A bucket's notification configuration as boto3 has it."""
    kept = bucket.notification_configuration
    if kept is None:
        return {}
    found: dict[str, Any] = {}
    for name, (member, arn) in LISTS.items():
        if entries := getattr(kept, name):
            found[member] = [_entry(each, arn) for each in entries]
    return found if kept.event_bridge is None else {**found, "EventBridgeConfiguration": {}}


def _entry(stored: Any, arn: str) -> dict[str, Any]:
    rules = {"Filter": {"Key": {"FilterRules": stored.filters["S3Key"]["FilterRule"]}}} if stored.filters else {}
    return {"Id": stored.id, arn: stored.arn, "Events": stored.events, **rules}


@around(S3Response, "get_bucket_notification")
def _get_bucket_notification(original: Any, response: Any) -> Any:
    """moto's answer leaves EventBridge out."""
    found = described_notifications(response.backend.get_bucket(response.bucket_name))
    response.data["Action"] = "GetBucketNotificationConfiguration"
    return response.serialized(ActionResult(found) if found else EmptyResult())
