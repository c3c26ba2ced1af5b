"""The execution role: whether Lambda may assume it, and whether it may do what the function's settings need.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
The words of refusals are recorded, or reported by users of AWS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import ApiError, invalid_parameter
from labkit.control_plane.names import Target
from labkit.identity import ApiCall

NOT_ASSUMED = "The role defined for the function cannot be assumed by Lambda."
SENDING = {"sqs": ("SQS", "SendMessage"), "sns": ("SNS", "Publish")}


def refuse_role(effects: Effects, target: Target, role: str) -> None:
    """`ApiError` for a role that Lambda may not assume for this function."""
    if not effects.evaluate_roles:
        return
    if role.split(":")[4] != target.account:
        raise ApiError(403, "AccessDeniedException", "Cross-account pass role is not allowed.", None)
    if not effects.can_assume(role, target.arn):
        raise invalid_parameter(NOT_ASSUMED)


def refuse_without_permission(effects: Effects, target: Target, settings: Mapping[str, Any]) -> None:
    """`ApiError` when the role may not do what a VPC or a dead-letter queue takes."""
    for service, call in _needed(target, settings):
        if not effects.may(settings["Role"], call):
            raise invalid_parameter(
                f"The provided execution role does not have permissions to call {call.operation} on {service}"
            )


def _needed(target: Target, settings: Mapping[str, Any]) -> Iterator[tuple[str, ApiCall]]:
    for subnet in settings.get("VpcConfig", {}).get("SubnetIds", ())[:1]:
        yield "EC2", ApiCall("ec2", "CreateNetworkInterface", {"SubnetId": subnet}, target.region, target.account)
    dead_letters = settings.get("DeadLetterConfig", {}).get("TargetArn")
    if dead_letters:
        _, _, service, region, account, name = dead_letters.split(":", 5)
        if service in SENDING:
            shown, operation = SENDING[service]
            where = {"QueueUrl": f"https://sqs.{region}.amazonaws.com/{account}/{name}", "TopicArn": dead_letters}
            yield shown, ApiCall(service, operation, where, region, account)
