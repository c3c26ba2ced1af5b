"""Policy documents as IAM checks them before it stores them, and actions that are likely to be misspelt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from labkit.facts import close_matches
from labkit.identity.call import ApiCall
from labkit.identity.conditions import odd_values, unknown_operator
from labkit.identity.context import request_context, time_keys
from labkit.identity.matching import action_matches, text_matches
from labkit.identity.policy import RESOURCE_BASED, Policy, PolicyError
from labkit.identity.trust import trust_of

# What a trust policy may let one do (Service Authorization Reference, "AWS STS"). Refusals as users of AWS report them.
TRUST_ACTIONS = (
    "sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:SetContext",
    "sts:SetSourceIdentity", "sts:TagSession",
)  # fmt: skip


# A request of which it only counts which condition keys it has.
NOTHING_ASKED = ApiCall("", "", {}, "", "")
NOBODY = "arn:aws:iam::000000000000:role/nobody"
ALWAYS_TOLD = {"aws:SourceIp": None, **time_keys(datetime(1970, 1, 1, tzinfo=UTC))}
# Services that act by themselves and are often named, by the first part of their principal's name.
ACTING = (
    "apigateway", "cloudformation", "cloudwatch", "dynamodb", "ec2", "edgelambda", "elasticloadbalancing", "events",
    "kinesis", "lambda", "logs", "pipes", "s3", "scheduler", "secretsmanager", "ses", "sns", "sqs", "states",
)  # fmt: skip
USER_OR_ROLE = re.compile(r"arn:[^:]+:iam::\d{12}:(user|role)/(?!aws-service-role/).+")
SID = re.compile("[0-9A-Za-z]*")
# Condition keys of AWS's that the kit cannot judge (IAM User Guide, "AWS global condition context keys").
NOT_JUDGED = (
    "aws:AssumedRoot", "aws:Ec2InstanceSourcePrivateIPv4", "aws:Ec2InstanceSourceVpc", "aws:referer",
    "aws:ResourceOrgID", "aws:ResourceOrgPaths", "aws:SourceVpcArn", "aws:TagKeys", "aws:TokenIssueTime",
    "aws:UserAgent", "aws:userid", "aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths",
)  # fmt: skip
# Condition keys that go on with a name, and are not told from a misspelt one by it.
WITH_NAMES = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")


def checked_policy(document: str, name: str) -> Policy:
    """The policy of an identity; `PolicyError` where IAM would not store it."""
    policy = _with_known_operators(Policy.parse(document, name))
    for statement in policy.statements:
        if not SID.fullmatch(statement.sid):
            raise PolicyError(
                f"{statement.name}: Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the "
                f"regular expression {SID.pattern}"
            )
    return policy


def checked_trust(document: str, name: str) -> Policy:
    """A role's trust policy; `PolicyError` where IAM would not store it."""
    policy = _with_known_operators(trust_of(document, name))
    for statement in policy.statements:
        for action in (*statement.actions, *statement.not_actions):
            _refuse_other_action(action, statement.name)
    return policy


def checked_resource(document: str, name: str) -> Policy:
    """The policy of a bucket, a queue or another resource; `PolicyError` where its service would not store it."""
    return _with_known_operators(Policy.parse(document, name, RESOURCE_BASED))


def refuse_unknown_principals(policy: Policy, exists: Callable[[str], bool]) -> None:
    """`PolicyError` for a user or role that does not exist, and for a service that is written wrong.

    Source: IAM User Guide, "AWS JSON policy elements: Principal"; the words are those that users of AWS report.
    """
    for statement in policy.statements:
        for kind, name in (*statement.principals, *statement.not_principals):
            hint = _service_problem(name) if kind == "Service" else ""
            missing = kind == "AWS" and bool(USER_OR_ROLE.fullmatch(name)) and not exists(name)
            if hint or missing:
                shown = f'"{"SERVICE" if hint else kind}":"{name}"'
                raise PolicyError(f"{statement.name}: Invalid principal in policy: {shown}{hint}")


def refuse_other_buckets(policy: Policy, bucket: str) -> None:
    """`PolicyError` for a bucket's policy that is about something else; `bucket` is its ARN.

    The words are S3's as its users report them.
    """
    for statement in policy.statements:
        for action in (*statement.actions, *statement.not_actions):
            if action != "*" and not action.lower().startswith("s3:"):
                raise PolicyError(f"{statement.name}: Policy has invalid action, {action}, which is none of S3's")
        for resource in (*statement.resources, *statement.not_resources):
            if not text_matches(resource.partition("/")[0], bucket):
                raise PolicyError(f"{statement.name}: Policy has invalid resource, {resource}; it is about {bucket}")


def _service_problem(name: str) -> str:
    """What is wrong with a service's name; empty when nothing is."""
    service, _, domain = name.partition(".")
    if not domain.endswith(("amazonaws.com", "amazon.com", "amazonaws.com.cn")):
        return "; a service is written such as lambda.amazonaws.com"
    close = close_matches(service, ACTING, 0.85) if domain == "amazonaws.com" else []
    return f"; did you mean {close[0]}.amazonaws.com?" if close and service not in ACTING else ""


def nearly_known(policy: Policy, known: Iterable[str]) -> list[tuple[str, str, str]]:
    """Of each action that is nearly one of the `known`: its statement, itself, and the nearest one.

    IAM stores them all the same, and they allow nothing.
    """
    right = {action.lower() for action in known}
    found = []
    for statement in policy.statements:
        for action in (*statement.actions, *statement.not_actions):
            if "*" in action or "?" in action or action.lower() in right:
                continue
            found += [(statement.name, action, near) for near in close_matches(action, known, 0.8)[:1]]
    return found


def doubtful_conditions(policy: Policy) -> list[str]:
    """What is likely to be a mistake in conditions, which IAM stores all the same: misspelt keys, and odd values."""
    known = {key.lower(): key for key in (*request_context(NOTHING_ASKED, NOBODY, ALWAYS_TOLD).names, *NOT_JUDGED)}
    found = []
    for statement in policy.statements:
        for condition in statement.conditions:
            key = condition.key.lower()
            near = close_matches(key, known, 0.8)
            if near and key not in known and not key.startswith(WITH_NAMES):
                found.append(f"{statement.name}: no request has {condition.key}; did you mean {known[near[0]]}?")
            found += [f"{statement.name}: {problem}" for problem in odd_values(condition)]
    return found


def _refuse_other_action(action: str, where: str) -> None:
    """`PolicyError` for an action that is about no role's trust."""
    if any(action_matches(action, known) for known in TRUST_ACTIONS):
        return
    close = close_matches(action, TRUST_ACTIONS)
    hint = f"did you mean {close[0]}?" if close else f"it takes {', '.join(TRUST_ACTIONS)}"
    raise PolicyError(f"{where}: AssumeRole policy may only specify STS AssumeRole actions, not {action}; {hint}")


def _with_known_operators(policy: Policy) -> Policy:
    for statement in policy.statements:
        for condition in statement.conditions:
            if problem := unknown_operator(condition.operator):
                raise PolicyError(f"{statement.name}: there is no {problem}")
            if "Date" in condition.operator and (odd := odd_values(condition)):
                raise PolicyError(f"{statement.name}: {odd[0]}")
    return policy
