"""S3 tells functions, queues, topics and EventBridge of what happens to objects, those that let it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
"""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from labkit.clock import Clock
from labkit.events.agenda import Agenda
from labkit.events.destinations import send_text
from labkit.events.permission import warn_of_missing_permission
from labkit.events.s3.configuration import notifications_of
from labkit.events.s3.records import (
    SERVICE,
    Happening,
    bucket_arn,
    eventbridge_event,
    notification_record,
    test_event,
)
from labkit.moto_bridge.s3_events import ObjectEvent, current_requester, on_object_events
from labkit.moto_bridge.server import current_trace

SUBJECT = "Amazon S3 Notification"
DEFAULT_BUS = "default"


@dataclass(frozen=True)
class Notifications:
    """The notifications of an account's buckets.

    `send(function ARN, payload, source, trace)` queues an event for a function; `why_not(ARN, service, bucket ARN)`
    says why S3 may not call a destination. `client(service, region)` calls the account as S3, `emit(region, bus,
    event)` gives an event to EventBridge, `principal_of(access key id)` is the unique id of a requester.
    """

    account: str
    agenda: Agenda
    clock: Clock
    send: Callable[[str, bytes, str, str | None], object]
    why_not: Callable[[str, str, str], str]
    client: Callable[[str, str], Any]
    emit: Callable[[str, str, dict[str, Any]], None]
    principal_of: Callable[[str | None], str]
    _sequence: Iterator[int] = field(default_factory=itertools.count)

    def connect(self) -> None:
        """From now on tell of what happens."""
        on_object_events(self._happened)

    def test(self, bucket: str, destination: str) -> None:
        """Send a queue or topic the event by which its owner sees that it is a destination."""
        text = json.dumps(test_event(bucket, self.clock.now(), current_requester()))
        self.agenda.at(self.clock.time(), lambda: self._deliver(bucket, destination, text))

    def _happened(self, event: ObjectEvent) -> None:
        """In the request that did it: what is told, and to whom, is left to the agenda."""
        if event.configuration:
            now = self.clock.now()
            happening = Happening(event, now, self._sequencer(now), self.principal_of(event.requester.access_key_id))
            self.agenda.at(now.timestamp(), lambda: self._tell(happening))

    def _sequencer(self, now: datetime) -> str:
        """A greater one is later."""
        return f"{int(now.timestamp()):010X}{next(self._sequence):08X}"

    def _tell(self, happening: Happening) -> None:
        event = happening.event
        current_trace.set(event.requester.trace)
        for each in notifications_of(event.configuration):
            if each.wants(f"s3:{event.name}", event.key):
                record = notification_record(happening, each.id, self.account)
                self._deliver(event.bucket, each.destination, json.dumps({"Records": [record]}))
        if "EventBridgeConfiguration" in event.configuration:
            self.emit(event.region, DEFAULT_BUS, eventbridge_event(happening, self.account))

    def _deliver(self, bucket: str, destination: str, text: str) -> None:
        if why := self.why_not(destination, SERVICE, bucket_arn(bucket)):
            warn_of_missing_permission(f"bucket {bucket}", destination, why, SERVICE, bucket_arn(bucket))
        elif ":lambda:" in destination:
            self.send(destination, text.encode(), "s3", current_trace.get())
        else:
            self._send_text(bucket, destination, text)

    def _send_text(self, bucket: str, destination: str, text: str) -> None:
        service, region = destination.split(":")[2:4]
        subject = {"Subject": SUBJECT} if service == "sns" else {}
        try:
            send_text(self.client(service, region), destination, text, {}, subject)
        except ClientError as error:
            logging.getLogger("labkit").warning("bucket %s could not send to %s: %s", bucket, destination, error)


def configures_notifications(method: str, query: str) -> bool:
    """Whether a request to S3, by its method and query, is PutBucketNotificationConfiguration."""
    return method == "PUT" and query.partition("&")[0].rstrip("=") == "notification"
