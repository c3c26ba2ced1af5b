"""SNS calls functions: each message of a topic, in one record, as an asynchronous event.

https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html; the record's names and types as recorded (September 2026).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from labkit.clock import Clock
from labkit.events.agenda import Agenda
from labkit.events.destinations import send_text
from labkit.events.permission import warn_of_missing_permission
from labkit.moto_bridge.server import current_trace
from labkit.moto_bridge.sns import Notification, on_notification

PRINCIPAL = "sns.amazonaws.com"
AS_IN_QUEUES = {"SigningCertUrl": "SigningCertURL", "UnsubscribeUrl": "UnsubscribeURL"}  # the event's names and theirs


@dataclass(frozen=True)
class Topics:
    """Delivers the messages of topics.

    `send(function ARN, payload, source, trace)` queues an event, `why_not(function ARN, principal, topic ARN)` says why
    SNS may not invoke the function, `client(service, region)` calls the account as SNS.
    """

    send: Callable[[str, bytes, str, str | None], object]
    why_not: Callable[[str, str, str], str]
    client: Callable[[str, str], Any]
    agenda: Agenda
    clock: Clock

    def connect(self) -> None:
        """From now on deliver what is published."""
        on_notification(self._deliver)

    def _deliver(self, notification: Notification) -> None:
        trace = current_trace.get()
        self.agenda.at(self.clock.time(), lambda: self._hand_over(notification, trace))

    def _hand_over(self, notification: Notification, trace: str | None) -> None:
        topic, function = notification.topic_arn, notification.function_arn
        why = self.why_not(function, PRINCIPAL, topic)
        if not why:
            self.send(function, json.dumps({"Records": [record(notification)]}).encode(), "sns", trace)
            return
        warn_of_missing_permission(f"topic {topic}", function, why, PRINCIPAL, topic)
        if notification.dead_letter:
            self._dead_letter(notification)

    def _dead_letter(self, notification: Notification) -> None:
        queue, text = notification.dead_letter or "", json.dumps(notification.signed())
        try:
            send_text(self.client("sqs", notification.region), queue, text, {})
        except ClientError as error:
            logging.getLogger("labkit").warning(
                "topic %s could not send to %s: %s", notification.topic_arn, queue, error
            )


def record(notification: Notification) -> dict[str, Any]:
    """The one entry of `Records`."""
    signed = notification.signed()
    found = {name: signed[name] for name in ("Type", "MessageId", "TopicArn", "Message", "Timestamp")}
    found |= {name: signed[name] for name in ("SignatureVersion", "Signature")}
    found |= {name: signed[in_queues] for name, in_queues in AS_IN_QUEUES.items()}
    found["Subject"] = notification.subject
    found["MessageAttributes"] = {name: _attribute(value) for name, value in notification.attributes.items()}
    return {
        "EventVersion": "1.0",
        "EventSubscriptionArn": notification.subscription_arn,
        "EventSource": "aws:sns",
        "Sns": found,
    }


def _attribute(attribute: Mapping[str, Any]) -> dict[str, str]:
    """A function sees numbers and lists as strings."""
    kind = "Binary" if attribute["Type"].startswith("Binary") else "String"
    return {"Type": kind, "Value": str(attribute["Value"])}
