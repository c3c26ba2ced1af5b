"""Subnets and security groups, as moto's EC2 keeps them.

moto's module takes a second to load, so it is imported where it is needed.
"""

from __future__ import annotations

from collections.abc import Sequence


def vpc_of(account: str, region: str, subnets: Sequence[str], groups: Sequence[str]) -> str:
    """The VPC of these subnets.

    `LookupError` with EC2's operation, code and message for the first security group, then subnet, that is not there.
    """
    from moto.ec2.models import ec2_backends

    backend = ec2_backends[account][region]
    for group in groups:
        if backend.get_security_group_from_id(group) is None:
            message = f"The security group '{group}' does not exist"
            raise LookupError("DescribeSecurityGroups", "InvalidGroup.NotFound", message)
    found = {subnet.id: subnet.vpc_id for zone in backend.subnets.values() for subnet in zone.values()}
    for subnet in subnets:
        if subnet not in found:
            message = f"The subnet ID '{subnet}' does not exist"
            raise LookupError("DescribeSubnets", "InvalidSubnetID.NotFound", message)
    return str(found[subnets[0]])
