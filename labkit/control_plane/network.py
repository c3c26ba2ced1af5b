"""A function's connection to a VPC: the subnets and security groups of its network interfaces.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import invalid_parameter


def connected(effects: Effects, region: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with `VpcConfig`, where it is given, as Lambda keeps it; `ApiError` for what does not exist."""
    if given.get("VpcConfig") is None:
        return dict(given)
    asked = given["VpcConfig"]
    subnets, groups = asked.get("SubnetIds") or [], asked.get("SecurityGroupIds") or []
    if bool(subnets) != bool(groups):
        raise invalid_parameter("SubnetIds and SecurityIds must coexist or be both empty list.")
    kept = {
        "SubnetIds": subnets,
        "SecurityGroupIds": groups,
        "VpcId": _vpc(effects, region, subnets, groups) if subnets else "",
        "Ipv6AllowedForDualStack": bool(asked.get("Ipv6AllowedForDualStack")),
    }
    return {**given, "VpcConfig": kept}


def _vpc(effects: Effects, region: str, subnets: Sequence[str], groups: Sequence[str]) -> str:
    try:
        return effects.find_vpc(region, subnets, groups)
    except LookupError as error:
        operation, code, message = error.args
        raise invalid_parameter(
            f"Error occurred while {operation}. EC2 Error Code: {code}. EC2 Error Message: {message}"
        ) from error
