"""What a schedule calls: an action of any service, or a function, queue, topic … by its ARN, which is short for one.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from labkit.control_plane.model import service_model

UNIVERSAL = "arn:aws:scheduler:::aws-sdk:"  # then SERVICE:ACTION, as AWS's SDK for Java calls them
OF_JAVA = {"cloudwatchlogs": "logs", "eventbridge": "events", "sfn": "stepfunctions"}  # where boto3 has another name
Target = Mapping[str, Any]


@dataclass(frozen=True)
class Template:
    """What a target of a service is short for: an action and its parameters, from the target and its input.

    `name` is the form of the ARN's last part, `needs` what else the target must have.
    """

    action: str
    name: str
    parameters: Callable[[Target, str], dict[str, Any]]
    needs: tuple[str, ...] = ()


def _invoke(target: Target, text: str) -> dict[str, Any]:
    return {"FunctionName": target["Arn"], "InvocationType": "Event", "Payload": text}


def _send_message(target: Target, text: str) -> dict[str, Any]:
    _, _, _, region, account, name = target["Arn"].split(":")
    url = f"https://sqs.{region}.amazonaws.com/{account}/{name}"
    return {"QueueUrl": url, "MessageBody": text, **(target.get("SqsParameters") or {})}


def _publish(target: Target, text: str) -> dict[str, Any]:
    return {"TopicArn": target["Arn"], "Message": text}


def _put_events(target: Target, text: str) -> dict[str, Any]:
    return {"Entries": [{"EventBusName": target["Arn"], "Detail": text, **target["EventBridgeParameters"]}]}


def _put_record(target: Target, text: str) -> dict[str, Any]:
    return {"StreamARN": target["Arn"], "Data": text, **target["KinesisParameters"]}


def _put_to_firehose(target: Target, text: str) -> dict[str, Any]:
    return {"DeliveryStreamName": target["Arn"].rpartition("/")[2], "Record": {"Data": text}}


def _start_execution(target: Target, text: str) -> dict[str, Any]:
    return {"StateMachineArn": target["Arn"], "Input": text}


TEMPLATED = {  # by the service in the target's ARN
    "lambda": Template("lambda:invoke", r"function:[a-zA-Z0-9-_]+(:[a-zA-Z0-9-_$]+)?", _invoke),
    "sqs": Template("sqs:sendMessage", r"[^:/]+", _send_message),
    "sns": Template("sns:publish", r"[^:/]+", _publish),
    "events": Template("eventbridge:putEvents", r"event-bus/.+", _put_events, ("EventBridgeParameters",)),
    "kinesis": Template("kinesis:putRecord", r"stream/.+", _put_record, ("KinesisParameters",)),
    "firehose": Template("firehose:putRecord", r"deliverystream/.+", _put_to_firehose),
    "states": Template("sfn:startExecution", r"stateMachine:.+", _start_execution),
}


@dataclass(frozen=True)
class Call:
    """A call to a service's API; `action` is SERVICE:ACTION."""

    action: str
    parameters: Mapping[str, Any]

    @property
    def service(self) -> str:
        """The name of boto3's client."""
        return _boto3_name(self.action.partition(":")[0])

    def make(self, client: Any) -> None:
        """Make the call; boto3's errors are raised."""
        operation = _operation(*self.action.split(":"))
        parameters = _as_boto3(operation.input_shape, self.parameters) if operation.input_shape else {}
        getattr(client, xform_name(operation.name))(**parameters)


def call_of(target: Target, text: str) -> Call:
    """The call that a target stands for, with this input; `ValueError` for the input of an action that is no JSON."""
    action = action_arn(target).removeprefix(UNIVERSAL)
    if not is_universal(target["Arn"]):
        return Call(action, _template(target).parameters(target, text))
    parameters = json.loads(text)
    if not isinstance(parameters, dict):
        raise ValueError("the input of an action is a JSON object with its parameters")
    return Call(action, parameters)


def action_arn(target: Target) -> str:
    """The ARN of the action that a target stands for."""
    return str(target["Arn"]) if is_universal(target["Arn"]) else UNIVERSAL + _template(target).action


def is_universal(arn: str) -> bool:
    """Whether a target is an action of a service."""
    return arn.startswith(UNIVERSAL)


def has_service(service: str) -> bool:
    """Whether actions know a service by this name."""
    try:
        return bool(service_model(_boto3_name(service)).operation_names)
    except UnknownServiceError:
        return False


def has_action(service: str, action: str) -> bool:
    """Whether the service has an action of this name."""
    return _operation_name(action) in service_model(_boto3_name(service)).operation_names


def _operation(service: str, action: str) -> OperationModel:
    return service_model(_boto3_name(service)).operation_model(_operation_name(action))


def _operation_name(action: str) -> str:
    return action[:1].upper() + action[1:]


def _template(target: Target) -> Template:
    return TEMPLATED[target["Arn"].split(":")[2]]


def _boto3_name(service: str) -> str:
    return OF_JAVA.get(service, service)


def _as_boto3(shape: Shape, value: Any) -> Any:
    """Parameters under the names that boto3 has for them: some begin with a small letter there."""
    match shape:
        case StructureShape() if isinstance(value, dict):
            names = {name.lower(): name for name in shape.members}
            found = {names.get(name.lower(), name): each for name, each in value.items()}
            return {
                name: _as_boto3(shape.members[name], each) if name in shape.members else each
                for name, each in found.items()
            }
        case ListShape() if isinstance(value, list):
            return [_as_boto3(shape.member, each) for each in value]
        case MapShape() if isinstance(value, dict):
            return {name: _as_boto3(shape.value, each) for name, each in value.items()}
    return value
