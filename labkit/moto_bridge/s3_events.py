"""What happens to S3's objects; what is told of it, and whom, is the kit's to decide."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.s3 import notifications
from moto.s3.models import S3Backend

from labkit.moto_bridge.replaced import around
from labkit.moto_bridge.requests import read_signature
from labkit.moto_bridge.s3 import described_notifications
from labkit.moto_bridge.server import CurrentRequest, current_request, current_trace

EMPTY_ETAG = "d41d8cd98f00b204e9800998ecf8427e"  # that of no content, which a delete marker has
REMOVED, MARKED = "ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated"
LESS_TELLING = ("ObjectTagging:Put", "ObjectCreated:Put")  # than what else moto says of an object in one request
HAPPENED = "labkit.s3.happened"  # where a request's environ has its events, by object


@dataclass(frozen=True)
class Requester:
    """Who made a request to S3, and how S3 calls it in its answer. `access_key_id` is None for an unsigned one."""

    access_key_id: str | None
    address: str
    request_id: str
    host_id: str
    trace: str | None


@dataclass(frozen=True)
class ObjectEvent:
    """What happened to an object, by which request, and its bucket's notification configuration as boto3 has it.

    `version_id` is None where the bucket is not versioned, `restored_until` where the object is not a restored one.
    """

    name: str  # such as ObjectCreated:Put
    region: str
    bucket: str
    key: str
    size: int
    etag: str
    version_id: str | None
    storage_class: str
    restored_until: datetime | None
    requester: Requester
    configuration: Mapping[str, Any]


def on_object_events(tell: Callable[[ObjectEvent], None]) -> None:
    """From now on call `tell` with what happens to objects, once the request that did it has been answered well."""

    def collect(event: ObjectEvent) -> None:
        request = current_request.get()
        if request is None:
            tell(event)
            return
        happened: dict[Any, ObjectEvent] = request.environ.setdefault(HAPPENED, {})
        if not happened:
            request.afterwards.append(lambda: tell_all(happened.values()))
        place = (event.bucket, event.key, event.version_id)
        if place not in happened or _telling(event) > _telling(happened[place]):
            happened[place] = event

    def tell_all(events: Iterable[ObjectEvent]) -> None:
        for event in events:
            tell(event)

    @around(notifications, "send_event")
    def send_event(original: Any, account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        name = str(event_name.value).removeprefix("s3:")
        if name != REMOVED:
            collect(_event(name, bucket, key, key.version_id))

    @around(S3Backend, "delete_object")
    def delete_object(
        original: Any, backend: Any, bucket_name: str, key_name: str, version_id: str | None = None,
        bypass: bool = False,
    ) -> Any:  # fmt: skip
        bucket = backend.get_bucket(bucket_name)
        before = {str(each.version_id): each for each in bucket.keys.getlist(key_name, [])}
        deleted, answer = original(backend, bucket_name, key_name, version_id, bypass)
        version = str(version_id or answer.get("version-id"))
        if deleted and version_id is None and bucket.is_versioned:
            collect(_event(MARKED, bucket, bucket.keys[key_name], version))
        elif deleted and (version in before or not bucket.is_versioned):
            collect(_event(REMOVED, bucket, before.get(version) or list(before.values())[-1], version))
        return deleted, answer


def _telling(event: ObjectEvent) -> int:
    """Of several events of an object in one request S3 tells of one: not of a put and its tags beside an upload."""
    return LESS_TELLING.index(event.name) if event.name in LESS_TELLING else len(LESS_TELLING)


@around(S3Backend, "put_object_acl")
def _put_object_acl(
    original: Any, backend: Any, bucket_name: str, key_name: str, acl: Any, disable_notification: Any = False
) -> None:
    """Nothing is told of an ACL that stays as it is."""
    key = backend.get_object(bucket_name, key_name)
    same = key is not None and repr(key.acl) == repr(acl)
    original(backend, bucket_name, key_name, acl, disable_notification or same)


def _event(name: str, bucket: Any, key: Any, version_id: str) -> ObjectEvent:
    marker = not hasattr(key, "etag")
    return ObjectEvent(
        name=name,
        region=bucket.region_name,
        bucket=bucket.name,
        key=key.name,
        size=0 if marker else int(key.size),
        etag=EMPTY_ETAG if marker else key.etag.replace('"', ""),
        version_id=version_id if bucket.is_versioned else None,
        storage_class="" if marker else key.storage_class,
        restored_until=None if marker else key._expiry,
        requester=current_requester(),
        configuration=described_notifications(bucket),
    )


def current_requester() -> Requester:
    """Who makes the request being answered, which is then answered under S3's own ids."""
    request = current_request.get() or CurrentRequest({})
    if "x-amz-request-id" not in request.headers:
        request.headers["x-amz-request-id"] = secrets.token_hex(8).upper()
        request.headers["x-amz-id-2"] = secrets.token_urlsafe(57)
    signature = read_signature(request.environ)
    return Requester(
        access_key_id=signature.access_key_id if signature else None,
        address=request.environ.get("REMOTE_ADDR", ""),
        request_id=request.headers["x-amz-request-id"],
        host_id=request.headers["x-amz-id-2"],
        trace=current_trace.get(),
    )
