"""SNS's subscriptions as moto keeps them; messages to functions are the kit's to deliver.

moto makes a key for each subscription and a certificate for each message, which takes longer than all the rest.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.sns.models import Subscription, sns_backends

from labkit.moto_bridge.replaced import around, original, put

SIGNED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")


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

    @around(Subscription, "publish")
    def publish(original: Any, subscription: Any, message: str, message_id: str, **more: Any) -> None:
        if subscription.protocol != "lambda":
            original(subscription, message, message_id, **more)
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
                lambda: _signed(subscription, message, message_id, subject, attributes),
            )
        )  # fmt: skip


@cache
def _private_key() -> Any:
    return original(Subscription, "private_key").__wrapped__(None)  # without moto's cache


def _signed(
    subscription: Any, message: str, message_id: str, subject: str | None, message_attributes: Any = None
) -> dict[str, Any]:
    """A message as a queue gets it. https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html"""
    certificate, region = _certificate_url(subscription), subscription.topic.sns_backend.region_name
    told = {
        "Type": "Notification", "MessageId": message_id, "TopicArn": subscription.topic.arn, "Message": message,
        "Timestamp": iso_8601_datetime_with_milliseconds(), **({"Subject": subject} if subject else {}),
    }  # fmt: skip
    to_sign = "".join(f"{name}\n{told[name]}\n" for name in SIGNED if name in told)
    signature = _private_key().sign(to_sign.encode(), padding.PKCS1v15(), hashes.SHA256())
    leaving = f"https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription.arn}"
    return {
        **told,
        "SignatureVersion": "2",
        "Signature": base64.b64encode(signature).decode(),
        "SigningCertURL": certificate,
        "UnsubscribeURL": leaving,
        **({"MessageAttributes": message_attributes} if message_attributes else {}),
    }


def _certificate_url(subscription: Any) -> str:
    """Where the certificate is; moto serves the one that it makes for its first message."""
    region = subscription.topic.sns_backend.region_name
    served = sns_backends[DEFAULT_ACCOUNT_ID][region]._message_public_keys
    if not served:
        original(Subscription, "get_post_data")(subscription, "", "", None)
    return f"https://sns.{region}.amazonaws.com/{next(iter(served))}"


put(Subscription, "private_key", lambda subscription: _private_key())
put(Subscription, "get_post_data", _signed)
