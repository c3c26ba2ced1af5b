"""What a bucket's properties are in S3's API, which names them otherwise.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labkit.moto_bridge.cloudformation.properties import BadProperty
from labkit.moto_bridge.cloudformation.resource_type import Arguments, Items

Renamed = Mapping[str, str | tuple[str, Callable[[Any], Any]]]  # a member -> S3's name for it, and what it holds


def renamed(given: Any, names: Renamed, path: str) -> dict[str, Any]:
    """The members under S3's names; `BadProperty` for one without."""
    if not isinstance(given, Mapping):
        raise BadProperty(f"{path}: expected type: JSONObject")
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name not in names:
            raise BadProperty(f"{path}: extraneous key [{name}] is not permitted (or labkit does not carry it out)")
        other = names[name]
        found |= {other: value} if isinstance(other, str) else {other[0]: other[1](value)}
    return found


def listed(names: Renamed, path: str) -> Callable[[Any], list[dict[str, Any]]]:
    """The same for each of a list."""
    return lambda given: [renamed(each, names, f"{path}/{number}") for number, each in enumerate(given)]


def _property(name: str, argument: str, convert: Callable[[Any], Any]) -> Items:
    """One item: a property as another argument."""
    return lambda properties: {"": {argument: convert(properties[name])}} if name in properties else {}


# Notifications.


def _told(kind: str, other: str, arn: str) -> tuple[str, Callable[[Any], Any]]:
    """The list of what is told of one kind of destination."""
    names: Renamed = {
        "Event": ("Events", lambda event: [event]),
        "Filter": ("Filter", lambda given: {"Key": {"FilterRules": given["S3Key"]["Rules"]}}),
        kind: arn,
    }
    return other, listed(names, f"#/NotificationConfiguration/{other}")


NOTIFICATIONS: Renamed = {
    "EventBridgeConfiguration": ("EventBridgeConfiguration", lambda given: {}),
    "LambdaConfigurations": _told("Function", "LambdaFunctionConfigurations", "LambdaFunctionArn"),
    "QueueConfigurations": _told("Queue", "QueueConfigurations", "QueueArn"),
    "TopicConfigurations": _told("Topic", "TopicConfigurations", "TopicArn"),
}
notifications = _property(
    "NotificationConfiguration",
    "NotificationConfiguration",
    lambda given: renamed(given, NOTIFICATIONS, "#/NotificationConfiguration"),
)

# Who may come from elsewhere.

CORS: Renamed = {
    "AllowedHeaders": "AllowedHeaders", "AllowedMethods": "AllowedMethods", "AllowedOrigins": "AllowedOrigins",
    "ExposedHeaders": "ExposeHeaders", "Id": "ID", "MaxAge": "MaxAgeSeconds",
}  # fmt: skip
cors = _property(
    "CorsConfiguration",
    "CORSConfiguration",
    lambda given: renamed(given, {"CorsRules": ("CORSRules", listed(CORS, "#/CorsConfiguration/CorsRules"))}, "#"),
)

# How objects are encrypted.

ENCRYPTION: Renamed = {
    "BucketKeyEnabled": "BucketKeyEnabled",
    "ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault",
}
encryption = _property(
    "BucketEncryption",
    "ServerSideEncryptionConfiguration",
    lambda given: {"Rules": listed(ENCRYPTION, "#/BucketEncryption")(given["ServerSideEncryptionConfiguration"])},
)

# How long objects are kept.

TRANSITION: Renamed = {"StorageClass": "StorageClass", "TransitionDate": "Date", "TransitionInDays": "Days"}
EXPIRY = {
    "ExpirationDate": "Date",
    "ExpirationInDays": "Days",
    "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
}
RULE: Renamed = {
    "AbortIncompleteMultipartUpload": "AbortIncompleteMultipartUpload",
    "Id": "ID",
    "NoncurrentVersionExpiration": "NoncurrentVersionExpiration",
    "NoncurrentVersionExpirationInDays": (
        "NoncurrentVersionExpiration", lambda days: {"NoncurrentDays": days},
    ),
    "Status": "Status",
    "Transition": ("Transitions", lambda given: listed(TRANSITION, "#/LifecycleConfiguration/Rules")([given])),
    "Transitions": ("Transitions", listed(TRANSITION, "#/LifecycleConfiguration/Rules")),
}  # fmt: skip


def _rule(given: Mapping[str, Any]) -> dict[str, Any]:
    ours = {"Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan", *EXPIRY}
    rest = renamed({name: value for name, value in given.items() if name not in ours}, RULE, "#/LifecycleConfiguration")
    expiry = {EXPIRY[name]: given[name] for name in EXPIRY if name in given}
    return {**rest, "Filter": _rule_filter(given), **({"Expiration": expiry} if expiry else {})}


def _rule_filter(given: Mapping[str, Any]) -> dict[str, Any]:
    """S3 has one condition by itself, several of them under And."""
    names = ("Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
    conditions: dict[str, Any] = {name: given[name] for name in names if name in given}
    tags: Sequence[Any] = given.get("TagFilters", ())
    if len(conditions) + len(tags) <= 1:
        return conditions or ({"Tag": tags[0]} if tags else {"Prefix": ""})
    return {"And": {**conditions, **({"Tags": list(tags)} if tags else {})}}


lifecycle = _property(
    "LifecycleConfiguration",
    "LifecycleConfiguration",
    lambda given: {"Rules": [_rule(each) for each in given["Rules"]]},
)

# As a web site, and whose the objects are.

website = _property(
    "WebsiteConfiguration",
    "WebsiteConfiguration",
    lambda given: renamed(
        given,
        {
            "ErrorDocument": ("ErrorDocument", lambda key: {"Key": key}),
            "IndexDocument": ("IndexDocument", lambda suffix: {"Suffix": suffix}),
            "RedirectAllRequestsTo": "RedirectAllRequestsTo",
        },
        "#/WebsiteConfiguration",
    ),
)


def canned_acl(name: Any, properties: Arguments) -> Arguments:
    """The canned ACL of a name such as PublicRead: public-read."""
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in str(name))
    return {"ACL": words.lstrip("-")}


def ownership(controls: Any, properties: Arguments) -> Arguments:
    """Who owns objects, which a new bucket is told at once, for its ACL depends on it."""
    return {"ObjectOwnership": controls["Rules"][0]["ObjectOwnership"]}
