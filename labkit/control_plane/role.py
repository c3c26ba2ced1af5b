"""The execution role: whether Lambda may assume it, and whether it may do what the function's settings need.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
The words of refusals are recorded, or reported by users of AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import ApiError, invalid_parameter
from labkit.control_plane.names import Target
from labkit.identity import ApiCall

NOT_ASSUMED = "The role defined for the function cannot be assumed by Lambda."
SENDING = {"sqs": ("SQS", "SendMessage"), "sns": ("SNS", "Publish"), "s3": ("S3", "PutObject")}


def refuse_role(effects: Effects, target: Target, role: str) -> None:
    """`ApiError` for a role that Lambda may not assume for this function."""
    if not effects.evaluate_roles:
        return
    if role.split(":")[4] != target.account:
        raise ApiError(403, "AccessDeniedException", "Cross-account pass role is not allowed.", None)
    if not effects.can_assume(role, target.arn):
        raise invalid_parameter(NOT_ASSUMED)


def refuse_without_permission(effects: Effects, target: Target, settings: Mapping[str, Any]) -> None:
    """`ApiError` when the role may not do what a VPC or a dead-letter queue takes, or when there is no such queue."""
    for subnet in settings.get("VpcConfig", {}).get("SubnetIds", ())[:1]:
        call = ApiCall("ec2", "CreateNetworkInterface", {"SubnetId": subnet}, target.region, target.account)
        _refuse(effects, settings["Role"], "EC2", call)
    if dead_letters := settings.get("DeadLetterConfig", {}).get("TargetArn"):
        refuse_receiver(effects, settings["Role"], dead_letters)


def refuse_receiver(effects: Effects, role: str, arn: str) -> None:
    """`ApiError` when the role may not send to a queue, topic or bucket, or when there is none.

    Lambda tries it with the role. That it finds out whether there is one, and its words, are inferred from what it says
    of the destinations of asynchronous invocations.
    """
    _, _, service, region, account, name = arn.split(":", 5)
    if service not in SENDING:
        return
    shown, operation = SENDING[service]
    parameters = {
        "QueueUrl": f"https://sqs.{region}.amazonaws.com/{account}/{name}", "TopicArn": arn, "Bucket": name,
        "Key": "aws/lambda/record",
    }  # fmt: skip
    _refuse(effects, role, shown, ApiCall(service, operation, parameters, region, account))
    if effects.evaluate_roles and not effects.destination_exists(arn):
        raise invalid_parameter(f"The destination ARN {arn} is invalid.")


def _refuse(effects: Effects, role: str, service: str, call: ApiCall) -> None:
    if not effects.may(role, call):
        raise invalid_parameter(
            f"The provided execution role does not have permissions to call {call.operation} on {service}"
        )
