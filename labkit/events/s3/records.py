"""What S3 tells of an event: a record to functions, queues and topics, an event of its own to EventBridge.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html and ev-events.html; which
members each event has, and their order, as recorded from AWS (2023 and September 2026).
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from labkit.moto_bridge.s3_events import MARKED, REMOVED, ObjectEvent, Requester

SERVICE = "s3.amazonaws.com"
VERSION, EVENTBRIDGE_VERSION = "2.6", "1.2"
WITHOUT_SIZE = (REMOVED, MARKED, "ObjectTagging:Put", "ObjectTagging:Delete", "ObjectAcl:Put")
WITHOUT_ETAG = (REMOVED,)
WITHOUT_SEQUENCER = ("ObjectTagging:Put", "ObjectTagging:Delete", "ObjectAcl:Put")
COPIED, RESTORED = "ObjectCreated:Copy", "ObjectRestore:Completed"

DETAILS: dict[str, tuple[str, dict[str, str]]] = {  # EventBridge's name of each event and what its detail ends with
    "ObjectCreated:Put": ("Object Created", {"reason": "PutObject"}),
    "ObjectCreated:Post": ("Object Created", {"reason": "POST Object"}),
    "ObjectCreated:Copy": ("Object Created", {"reason": "CopyObject"}),
    "ObjectCreated:CompleteMultipartUpload": ("Object Created", {"reason": "CompleteMultipartUpload"}),
    REMOVED: ("Object Deleted", {"reason": "DeleteObject", "deletion-type": "Permanently Deleted"}),
    MARKED: ("Object Deleted", {"reason": "DeleteObject", "deletion-type": "Delete Marker Created"}),
    "ObjectTagging:Put": ("Object Tags Added", {}),
    "ObjectTagging:Delete": ("Object Tags Deleted", {}),
    "ObjectAcl:Put": ("Object ACL Updated", {}),
    "ObjectRestore:Post": ("Object Restore Initiated", {}),
    "ObjectRestore:Completed": ("Object Restore Completed", {}),
}


@dataclass(frozen=True)
class Happening:
    """An event with its time, its place among those of its key, and the principal that caused it."""

    event: ObjectEvent
    time: datetime
    sequencer: str
    principal: str


def bucket_arn(bucket: str) -> str:
    """The ARN of a bucket, which names no account."""
    return f"arn:aws:s3:::{bucket}"


def notification_record(happening: Happening, configuration_id: str, account: str) -> dict[str, Any]:
    """The one entry of `Records`; the key is URL-encoded, as S3 sends it."""
    event = happening.event
    record = {
        "eventVersion": VERSION,
        "eventSource": "aws:s3",
        "awsRegion": event.region,
        "eventTime": _milliseconds(happening.time),
        "eventName": event.name,
        "userIdentity": {"principalId": _principal(happening, account)},
        "requestParameters": {"sourceIPAddress": event.requester.address},
        "responseElements": {"x-amz-request-id": event.requester.request_id, "x-amz-id-2": event.requester.host_id},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": event.bucket,
                "ownerIdentity": {"principalId": owner_id(account)},
                "arn": bucket_arn(event.bucket),
            },
            "object": _object(happening),
        },
    }
    if event.name == RESTORED and event.restored_until:
        told = {
            "lifecycleRestorationExpiryTime": _milliseconds(event.restored_until),
            "lifecycleRestoreStorageClass": event.storage_class,
        }
        record["glacierEventData"] = {"restoreEventData": told}
    return record


def test_event(bucket: str, now: datetime, requester: Requester) -> dict[str, str]:
    """What a queue or topic is sent when it is made a destination."""
    return {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": _milliseconds(now),
        "Bucket": bucket,
        "RequestId": requester.request_id,
        "HostId": requester.host_id,
    }


def eventbridge_event(happening: Happening, account: str) -> dict[str, Any]:
    """The event that EventBridge gets; its key is not encoded."""
    event = happening.event
    kind, more = DETAILS[event.name]
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": "aws.s3",
        "account": account,
        "time": f"{happening.time:%Y-%m-%dT%H:%M:%S}Z",
        "region": event.region,
        "resources": [bucket_arn(event.bucket)],
        "detail": {
            "version": "0",
            "event-version": EVENTBRIDGE_VERSION,
            "bucket": {"name": event.bucket},
            "object": _eventbridge_object(happening),
            "request-id": event.requester.request_id,
            "requester": account,
            "source-ip-address": event.requester.address,
            **more,
            **_restoration(event),
        },
    }


def owner_id(account: str) -> str:
    """The short id by which S3 names the owner of buckets; invented, but always the same for an account."""
    return f"A{int(hashlib.sha256(account.encode()).hexdigest(), 16):X}"[:14]


def _object(happening: Happening) -> dict[str, Any]:
    event = happening.event
    found: dict[str, Any] = {"key": quote_plus(event.key, safe="/")}
    if event.name not in WITHOUT_SIZE:
        found["size"] = event.size
    if event.name not in WITHOUT_ETAG:
        found["eTag"] = event.etag
    if event.version_id is not None:
        found["versionId"] = event.version_id
    if event.name not in WITHOUT_SEQUENCER:
        found["sequencer"] = happening.sequencer
    return found | ({"hasObjectAnnotation": False} if event.name == COPIED else {})


def _eventbridge_object(happening: Happening) -> dict[str, Any]:
    names = {"eTag": "etag", "versionId": "version-id", "hasObjectAnnotation": "has-object-annotation"}
    found = {names.get(name, name): value for name, value in _object(happening).items()}
    if happening.event.name.startswith("ObjectRestore"):
        del found["sequencer"]
    return found | {"key": happening.event.key}


def _restoration(event: ObjectEvent) -> dict[str, str]:
    if not event.name.startswith("ObjectRestore"):
        return {}
    until = event.restored_until if event.name == RESTORED else None
    ends = {"restore-expiry-time": f"{until:%Y-%m-%dT%H:%M:%S}Z"} if until else {}
    return {**ends, "source-storage-class": event.storage_class}


def _principal(happening: Happening, account: str) -> str:
    """S3 itself completes a restoration."""
    return f"AmazonCustomer:{owner_id(account)}" if happening.event.name == RESTORED else f"AWS:{happening.principal}"


def _milliseconds(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
