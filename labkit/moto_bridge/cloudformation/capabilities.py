"""What a caller must have acknowledged of a template, and whether it was.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from moto.cloudformation.exceptions import CloudFormationError

EXPAND, IAM, NAMED_IAM = "CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"
NAMES = {  # the types that need it, and the property that gives one a name of the template's
    "AWS::IAM::AccessKey": None,
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": None,
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::UserToGroupAddition": None,
}

# What the request being answered acknowledges; None where there is none, or where nothing must be acknowledged.
acknowledged: ContextVar[frozenset[str] | None] = ContextVar("acknowledged", default=None)


class InsufficientCapabilities(CloudFormationError):
    """A template that does more than its caller has acknowledged."""

    code = "InsufficientCapabilitiesException"

    def __init__(self, capability: str):
        super().__init__(f"Requires capabilities : [{capability}]")


def check_transforms(names: list[str]) -> None:
    """`InsufficientCapabilities` for transforms that nobody has acknowledged."""
    given = acknowledged.get()
    if names and given is not None and EXPAND not in given:
        raise InsufficientCapabilities(EXPAND)


def check_resources(resources: Mapping[str, Any]) -> None:
    """`InsufficientCapabilities` for resources of IAM that nobody has acknowledged."""
    given, needed = acknowledged.get(), _needed(resources)
    if given is not None and needed and not given & {needed, NAMED_IAM}:
        raise InsufficientCapabilities(needed)


def _needed(resources: Mapping[str, Any]) -> str:
    ours = [body for body in resources.values() if body["Type"] in NAMES]
    named = any(NAMES[body["Type"]] in (body.get("Properties") or {}) for body in ours)
    return NAMED_IAM if named else IAM if ours else ""
