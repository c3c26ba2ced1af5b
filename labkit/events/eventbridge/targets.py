"""Targets of rules and schedules: a function, queue, topic, stream, log group, state machine or another bus.

What a target refuses goes to its dead-letter queue, if it has one.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html and eb-rule-dlq.html
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from labkit.clock import Clock
from labkit.events.destinations import send_text
from labkit.moto_bridge.events import Rule

PRINCIPAL = "events.amazonaws.com"


@dataclass(frozen=True)
class Target:
    """A target of a rule, the text that it gets, and the trace of what led to it."""

    rule: Rule
    given: Mapping[str, Any]
    text: str
    trace: str | None

    @property
    def arn(self) -> str:
        """The ARN of what is called."""
        return str(self.given["Arn"])


@dataclass(frozen=True)
class Targets:
    """Delivers to targets.

    `invoke(function ARN, payload, source, trace)` queues an event for a function, `may_invoke(function ARN, principal,
    source ARN)` says whether its policy lets the rule do that, and `client(service, region)` calls the account as
    EventBridge.
    """

    invoke: Callable[[str, bytes, str, str | None], object]
    may_invoke: Callable[[str, str, str], bool]
    client: Callable[[str, str], Any]
    clock: Clock

    def deliver(self, target: Target) -> None:
        """Hand an event over; what goes wrong is told, and the event goes to the target's dead-letter queue."""
        try:
            if target.arn.split(":")[2] == "lambda":
                self._invoke(target)
            else:
                self._call(target)
        except ClientError as error:
            self._failed(target, "ERROR_FROM_TARGET", str(error))
        except LookupError as error:
            self._failed(target, "NO_RESOURCE", str(error))

    def dead_letter(self, target: Target, code: str, message: str) -> None:
        """Send what could not be delivered to the target's dead-letter queue, with the reason."""
        queue = (target.given.get("DeadLetterConfig") or {}).get("Arn")
        if not queue:
            return
        told = {
            "RULE_ARN": target.rule.arn, "TARGET_ARN": target.arn, "ERROR_CODE": code, "ERROR_MESSAGE": message,
        }  # fmt: skip
        attributes = {name: {"DataType": "String", "StringValue": text} for name, text in told.items()}
        send_text(self.client("sqs", target.rule.region), queue, target.text, attributes)

    def _failed(self, target: Target, code: str, message: str) -> None:
        logging.getLogger("labkit").warning("rule %s could not reach %s: %s", target.rule.name, target.arn, message)
        self.dead_letter(target, code, message)

    def _invoke(self, target: Target) -> None:
        if not self.may_invoke(target.arn, PRINCIPAL, target.rule.arn):
            self._failed(
                target, "NO_PERMISSIONS",
                f"its resource policy does not let {PRINCIPAL} invoke it for {target.rule.arn}. "
                "lambda.add_permission(...) with this Principal and SourceArn allows it.",
            )  # fmt: skip
            return
        self.invoke(target.arn, target.text.encode(), "events", target.trace)

    def _call(self, target: Target) -> None:
        _, _, service, region, _, *rest = target.arn.split(":")
        name, client = rest[-1], self.client(_boto3_name(service), region or target.rule.region)
        match service:
            case "sqs" | "sns":
                group = (target.given.get("SqsParameters") or {}).get("MessageGroupId")
                send_text(client, target.arn, target.text, {}, {"MessageGroupId": group} if group else {})
            case "logs":
                self._log(client, name, target.text)
            case "events":
                event = json.loads(target.text)
                client.put_events(Entries=[{
                    "Source": event["source"], "DetailType": event["detail-type"], "EventBusName": target.arn,
                    "Detail": json.dumps(event["detail"]), "Resources": event["resources"],
                }])  # fmt: skip
            case "kinesis":
                client.put_record(StreamARN=target.arn, Data=target.text.encode(), PartitionKey=str(uuid.uuid4()))
            case "firehose":
                client.put_record(DeliveryStreamName=name.rpartition("/")[2], Record={"Data": target.text.encode()})
            case "states":
                client.start_execution(stateMachineArn=target.arn, input=target.text)
            case _:
                raise LookupError(f"labkit delivers to no target of {service}")

    def _log(self, client: Any, group: str, text: str) -> None:
        stream = str(uuid.uuid4())
        client.create_log_stream(logGroupName=group, logStreamName=stream)
        event = {"timestamp": int(1000 * self.clock.time()), "message": text}
        client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])


def _boto3_name(service: str) -> str:
    return "stepfunctions" if service == "states" else service
