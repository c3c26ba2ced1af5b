"""What surrounds functions: CloudWatch and its Logs, IAM, STS, CloudFormation.

Source: Service Authorization Reference, one page a service; CloudWatch Logs User Guide, "CloudWatch Logs resources".
"""

from __future__ import annotations

from labkit.identity.call import ApiCall
from labkit.identity.resources import Service, arn, needs, on, passes_role, together, values_at

LOG_GROUPS = ("logGroupName", "logGroupIdentifier", "logGroupNames", "logGroupIdentifiers")


def log_group_and_stream(call: ApiCall) -> tuple[str, ...]:
    """Log groups as Logs itself names them to IAM: `log-group:NAME:log-stream:STREAM`, the stream empty for a group.

    So a policy has to end a group's ARN with `:*`; without it, it fits neither the group nor its streams.
    """
    base = f"arn:aws:logs:{call.region}:{call.account}:log-group:"
    groups = [name for parameter in LOG_GROUPS for name in values_at(call.parameters, parameter)] or [""]
    stream = call.parameters.get("logStreamName") or ""
    named = [group.removesuffix(":*") if group.startswith("arn:") else base + group for group in groups]
    return tuple(f"{group}:log-stream:{stream}" for group in named)


destination = arn("logs", "destination:{destinationName}")

LOGS = Service(
    log_group_and_stream,
    {
        **on("logs", arn("logs", "{resourceArn}"), "TagResource UntagResource ListTagsForResource"),
        "PutSubscriptionFilter": together(
            needs("logs:PutSubscriptionFilter", log_group_and_stream), passes_role("roleArn")
        ),
        "PutDestination": together(needs("logs:PutDestination", destination), passes_role("roleArn")),
        **on("logs", destination, "DeleteDestination PutDestinationPolicy"),
    },
)

CLOUDWATCH = Service(arn("cloudwatch", "alarm:{AlarmName}", "alarm:{AlarmNames}", "{ResourceARN}"))


user = arn("iam", "user/{UserName}", "user/*")


def new_role(call: ApiCall) -> tuple[str, ...]:
    """A role that is being made, with its path."""
    path = str(call.parameters.get("Path") or "/")
    return (f"arn:aws:iam::{call.account}:role{path}{call.parameters.get('RoleName', '')}",)


def new_policy(call: ApiCall) -> tuple[str, ...]:
    path = str(call.parameters.get("Path") or "/")
    return (f"arn:aws:iam::{call.account}:policy{path}{call.parameters.get('PolicyName', '')}",)


IAM = Service(
    arn(
        "iam", "instance-profile/{InstanceProfileName}", "role/{RoleName}", "user/{UserName}", "group/{GroupName}",
        "{PolicyArn}", "{PolicySourceArn}",
    ),
    {
        **on("iam", new_role, "CreateRole"),
        **on("iam", new_policy, "CreatePolicy"),
        **on("iam", user, "GetUser CreateAccessKey ListAccessKeys DeleteAccessKey UpdateAccessKey"),
        **on("iam", lambda call: (f"arn:aws:iam::{call.account}:role/",), "ListRoles"),
    },
)  # fmt: skip

STS = Service(
    arn("sts", "{RoleArn}"),
    {
        "GetCallerIdentity": together(),  # anyone may ask who they are
        "GetSessionToken": together(),
    },
)

CLOUDFORMATION = Service(arn("cloudformation", "{StackId}", "stack/{StackName}/*"))
