"""S3 event notifications: the record a function receives for an object that was created or removed.

S3 sends it to functions whose own policy admits it, and looks at that once more when it is told of a destination.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from labkit.clock import Clock
from labkit.control_plane.errors import ApiError
from labkit.moto_bridge.s3 import ObjectEvent, on_object_event
from labkit.moto_bridge.server import current_trace

SERVICE = "s3.amazonaws.com"
FUNCTION_ARN = re.compile(r"arn:aws:lambda:[^:]+:\d{12}:function:[^:]+(:[^:]+)?")
MayInvoke = Callable[[str, str, str], bool]  # function ARN, service, ARN of what it invokes for


def connect(
    send: Callable[[str, bytes, str, str | None], object], may_invoke: MayInvoke, clock: Clock, account: str
) -> None:
    """From now on send each object event to the function that the bucket's configuration names, if S3 may invoke it."""
    sequence = itertools.count(1)

    def deliver(event: ObjectEvent) -> None:
        if may_invoke(event.function_arn, SERVICE, bucket_arn(event.bucket)):
            record = notification_record(event, clock.now(), account, next(sequence))
            send(event.function_arn, json.dumps({"Records": [record]}).encode(), "s3", current_trace.get())

    on_object_event(deliver)


def configures_notifications(method: str, query: str) -> bool:
    """Whether a request to S3, by its method and query, is PutBucketNotificationConfiguration."""
    return method == "PUT" and query.partition("&")[0].rstrip("=") == "notification"


def refuse_destinations(given: Mapping[str, Any], bucket_region: str, may_invoke: MayInvoke) -> None:
    """`ApiError` for PutBucketNotificationConfiguration when it names functions that S3 may not invoke.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html; the words are recorded.
    What is wrong with a function of another region than the bucket's is told by moto.
    """
    configurations = given["NotificationConfiguration"].get("LambdaFunctionConfigurations") or ()
    arns = [configuration["LambdaFunctionArn"] for configuration in configurations]
    for arn in arns:
        if not FUNCTION_ARN.fullmatch(arn):
            raise _invalid("The ARN could not be parsed", {"ArgumentName": "CloudFunction", "ArgumentValue": arn})
    if given.get("SkipDestinationValidation"):
        return
    own = [arn for arn in arns if arn.split(":")[3] == bucket_region]
    refused = [arn for arn in own if not may_invoke(arn, SERVICE, bucket_arn(given["Bucket"]))]
    if refused:
        details = {}
        for number, arn in enumerate(refused, 1):
            details[f"ArgumentName{number}"] = f"{arn}, null"
            details[f"ArgumentValue{number}"] = f"Not authorized to invoke function [{arn}]"
        raise _invalid("Unable to validate the following destination configurations", details)


def _invalid(message: str, details: Mapping[str, str]) -> ApiError:
    return ApiError(400, "InvalidArgument", message, details=details)


def bucket_arn(bucket: str) -> str:
    """The ARN of a bucket, which names no account."""
    return f"arn:aws:s3:::{bucket}"


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
                "arn": bucket_arn(event.bucket),
            },
            "object": item,
        },
    }
