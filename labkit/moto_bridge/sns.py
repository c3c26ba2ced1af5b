"""SNS's subscriptions as moto keeps them; messages to functions are the kit's to deliver."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.sns.models import Subscription


@dataclass(frozen=True)
class Notification:
    """A message for a function that is subscribed to its topic. `attributes` are Type and Value by name.

    `signed()` gives it as SNS signs it for a queue.
    """

    topic_arn: str
    subscription_arn: str
    function_arn: str
    region: str
    subject: str | None
    attributes: Mapping[str, Mapping[str, Any]]
    dead_letter: str | None
    signed: Callable[[], dict[str, Any]]


def on_notification(deliver: Callable[[Notification], None]) -> None:
    """Have `deliver` called for each message that a subscription's filter lets through to a function."""

    def publish(subscription: Any, message: str, message_id: str, **more: Any) -> None:
        if subscription.protocol != "lambda":
            _publish(subscription, message, message_id, **more)
            return
        attributes = more.get("message_attributes") or {}
        matcher = subscription._filter_policy_matcher
        if matcher is not None and not matcher.matches(attributes, message):
            return
        if more.get("message_structure") == "json":
            message = subscription._parse_message_structure(message, "lambda")
        subject = more.get("subject")
        redrive = json.loads(subscription.attributes.get("RedrivePolicy") or "{}")
        deliver(
            Notification(
                subscription.topic.arn, subscription.arn, subscription.endpoint,
                subscription.topic.sns_backend.region_name, subject, attributes, redrive.get("deadLetterTargetArn"),
                lambda: subscription.get_post_data(message, message_id, subject, message_attributes=attributes),
            )
        )  # fmt: skip

    Subscription.publish = publish  # type: ignore[assignment]


_publish = Subscription.publish
