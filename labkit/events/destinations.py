"""What is told when an asynchronous event has ended: a record to a destination, the event to a dead-letter queue.

Shapes as AWS was recorded to send them (November 2025).
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from labkit.clock import Clock
from labkit.control_plane.loops import DETECTED
from labkit.events.asynchronous import AsynchronousEvent, Attempt

ENDED_WELL = "Success"
STATUS = {"ok": 200, "failed": 200, "throttled": 429, "gone": 404, "loop": 400}  # by outcome; none when it is stopped
LONGEST_ERROR = 1024  # bytes
WITHOUT_CONCURRENCY = "Function not invoked. Function isconfigured with zero reserved concurrent executions"  # so AWS
ClientFor = Callable[[str], Any]  # of a service


class Destinations:
    """Tells where an event's function has it told; `client(service, role ARN, region)` calls the account."""

    def __init__(self, client: Callable[[str, str, str], Any], clock: Clock):
        self._client = client
        self._clock = clock

    def tell(self, event: AsynchronousEvent, attempt: Attempt, condition: str) -> None:
        """Send what is to be told; what the role may not send is lost, as on AWS, and a warning says so."""
        region, handling, now = event.function_arn.split(":")[3], event.handling, self._clock.now()
        well = condition == ENDED_WELL

        def client(service: str) -> Any:
            return self._client(service, handling.role, region)

        if destination := handling.on_success if well else handling.on_failure:
            record = invocation_record(event, attempt, condition, now)
            with _told_of_failure(event, destination):
                send_record(client, destination, record, well, now)
        if handling.dead_letter and not well:
            with _told_of_failure(event, handling.dead_letter):
                send_dead_letter(client, handling.dead_letter, event, attempt)


@contextmanager
def _told_of_failure(event: AsynchronousEvent, target: str) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        function = event.function_arn.split(":")[6]
        logging.getLogger("labkit").warning(
            "%s got no record of an event of function %s: %s", target, function, error
        )  # fmt: skip


def send_dead_letter(client: ClientFor, target: str, event: AsynchronousEvent, attempt: Attempt) -> None:
    """Send the event itself to a queue or topic, with what happened in attributes."""
    status = STATUS.get(attempt.outcome)
    code = {} if status is None else {"ErrorCode": {"DataType": "Number", "StringValue": str(status)}}
    attributes = {
        "RequestID": {"DataType": "String", "StringValue": event.request_id},
        **code,
        "ErrorMessage": {"DataType": "String", "StringValue": _error_message(event, attempt)},
    }
    send_text(client(target.split(":")[2]), target, event.payload.decode() or "{}", attributes)


def invocation_record(event: AsynchronousEvent, attempt: Attempt, condition: str, now: datetime) -> dict[str, Any]:
    """The record of how an event ended."""
    ended_well = condition == ENDED_WELL
    return {
        "version": "1.0",
        "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": qualified(event.function_arn),
            "condition": condition,
            "approximateInvokeCount": 1 if ended_well else event.failures,
        },
        "requestPayload": json.loads(event.payload or b"{}"),
        **_response(attempt),
    }


def qualified(function_arn: str) -> str:
    """The ARN with $LATEST where it has no qualifier."""
    return function_arn if function_arn.count(":") > 6 else f"{function_arn}:$LATEST"


def _response(attempt: Attempt) -> dict[str, Any]:
    """What the last attempt answered, as far as there is something to tell."""
    if attempt.outcome not in STATUS:
        return {}
    context: dict[str, Any] = {"statusCode": STATUS[attempt.outcome]}
    if not attempt.ran:
        return {"responseContext": context}
    error = {} if attempt.outcome == "ok" else {"functionError": "Unhandled"}
    context |= {"executedVersion": attempt.version, **error}
    return {"responseContext": context, "responsePayload": json.loads(attempt.payload)}


def send_record(client: ClientFor, destination: str, record: dict[str, Any], well: bool, now: datetime) -> None:
    """Send a record to a queue, topic, function, event bus or bucket; `ClientError` when it is refused."""
    service, function_arn = destination.split(":")[2], record["requestContext"]["functionArn"]
    called, text = client(service), json.dumps(record)
    match service:
        case "sqs" | "sns":
            send_text(called, destination, text, {})
        case "lambda":
            called.invoke(FunctionName=destination, InvocationType="Event", Payload=text)
        case "events":
            kind = "Success" if well else "Failure"
            called.put_events(Entries=[{
                "Source": "lambda", "DetailType": f"Lambda Function Invocation Result - {kind}",
                "Resources": [destination, function_arn],
                "Detail": text, "EventBusName": destination,
            }])  # fmt: skip
        case "s3":
            name = function_arn.split(":")[6]
            key = f"aws/lambda/async/{name}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
            bucket = destination.rpartition(":")[2]
            called.put_object(Bucket=bucket, Key=key, Body=text, ContentType="application/octet-stream")


def send_text(
    client: Any, target: str, text: str, attributes: dict[str, Any], more: Mapping[str, Any] | None = None
) -> None:
    """Send a text to a queue or a topic by its ARN; `more` are further arguments, such as a MessageGroupId."""
    *_, account, name = target.split(":")
    if ":sqs:" in target:
        url = f"{client.meta.endpoint_url}/{account}/{name}"
        client.send_message(QueueUrl=url, MessageBody=text, MessageAttributes=attributes, **(more or {}))
    else:
        client.publish(TopicArn=target, Message=text, MessageAttributes=attributes, **(more or {}))


def _error_message(event: AsynchronousEvent, attempt: Attempt) -> str:
    match attempt.outcome:
        case "throttled":
            return "Rate Exceeded."
        case "gone":
            return f"Function not found: {qualified(event.function_arn)}"
        case "stopped":
            return WITHOUT_CONCURRENCY
        case "loop":
            return DETECTED
    error = json.loads(attempt.payload)
    message = str(error.get("errorMessage", "")) if isinstance(error, dict) else ""
    return message.encode()[:LONGEST_ERROR].decode(errors="replace")
