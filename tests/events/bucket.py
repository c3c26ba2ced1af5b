"""A bucket whose events are told, and what they are told to received."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from served import Served, poll

NAME = "uploads"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
PRINT = "import json\ndef lambda_handler(event, context):\n    print('EVENT', json.dumps(event))\n"


@dataclass
class Bucket:
    """The bucket `uploads` of an account, and the function f that prints the events it gets."""

    account: Served

    def permit(self, function: str = "f", **more: Any) -> None:
        """Let S3 invoke a function for the bucket."""
        given = {"StatementId": "s3", "SourceArn": f"arn:aws:s3:::{NAME}"} | more
        self.account.awslambda.add_permission(
            FunctionName=function, Action="lambda:InvokeFunction", Principal="s3.amazonaws.com", **given
        )

    def put_configuration(self, skip: bool = False, **given: Any) -> None:
        """PutBucketNotificationConfiguration."""
        self.account.s3.put_bucket_notification_configuration(
            Bucket=NAME, NotificationConfiguration=given, SkipDestinationValidation=skip
        )

    def configure(self, *arns: str, skip: bool = False, events: Any = ("s3:ObjectCreated:*",), **more: Any) -> None:
        """Tell these functions, f by default."""
        entries = [{"LambdaFunctionArn": arn, "Events": list(events), **more} for arn in arns or [ARN]]
        self.put_configuration(skip, LambdaFunctionConfigurations=entries)

    def told_function(self, **more: Any) -> None:
        """Make f and the bucket, and let it be told."""
        self.account.function(PRINT)
        self.account.s3.create_bucket(Bucket=NAME)
        self.permit()
        self.configure(**more)

    def put(self, key: str = "k", body: bytes = b"", **more: Any) -> dict[str, Any]:
        """PutObject."""
        return self.account.s3.put_object(Bucket=NAME, Key=key, Body=body, **more)  # type: ignore[no-any-return]

    def events(self) -> list[Any]:
        """The events that f has printed."""
        lines = self.account.messages()
        return [json.loads(line.removeprefix("EVENT ")) for line in lines if line.startswith("EVENT ")]

    def records(self, count: int = 1) -> list[Any]:
        """The records of the events that f has printed, once there are so many, in the order in which they happened."""
        found = poll(lambda: len(events := self.events()) >= count and events)
        assert len(found) == count, found
        return sorted((event["Records"][0] for event in found), key=lambda record: record["eventTime"])
