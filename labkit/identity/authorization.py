"""May this role's session make this call? The answer, and AWS's words for no."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.identity.call import ApiCall, Requirement
from labkit.identity.context import request_context
from labkit.identity.evaluation import Decision, evaluate
from labkit.identity.matching import UNKNOWN_SUFFIX
from labkit.identity.operations import requirements
from labkit.identity.policy import Policy
from labkit.identity.principal import Principal

# How services write an action in their messages where it is not as policies do, and whose messages leave out a
# resource of "*" (messages recorded by users of AWS).
SPELLED: dict[str, Callable[[str], str]] = {"sqs": str.lower, "sns": lambda action: action.replace("sns:", "SNS:")}
WITHOUT_RESOURCE = {"s3:ListAllMyBuckets", "secretsmanager:ListSecrets"}
ERROR_CODES = {
    "s3": "AccessDenied", "sts": "AccessDenied", "iam": "AccessDenied", "sqs": "AccessDenied",
    "cloudwatch": "AccessDenied", "cloudformation": "AccessDenied", "sns": "AuthorizationError",
}  # fmt: skip


@dataclass(frozen=True)
class Denial:
    """A refused call: AWS's error code and message, the permission that was missing, and the decision on it."""

    code: str
    message: str
    requirement: Requirement
    decision: Decision


def no_policies(requirement: Requirement) -> list[Policy]:
    """What resources without policies have to say."""
    return []


def authorize(
    call: ApiCall,
    policies: Iterable[Policy],
    principal_arn: str,
    known: Mapping[str, Any] | None = None,
    policies_for: Callable[[Requirement], list[Policy]] = no_policies,
) -> Denial | None:
    """None when the policies allow all that the call needs, otherwise the first thing refused.

    `principal_arn` is the session's, `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`. `known` adds condition keys
    that the caller can tell (see `request_context`). `policies_for(requirement)` are the resource's policies on it.
    """
    listed = list(policies)
    context = request_context(call, principal_arn, known)
    principal = Principal.of_account(principal_arn, *context.values("aws:PrincipalArn"))
    for requirement in requirements(call):
        decision = evaluate([*listed, *policies_for(requirement)], requirement, context, principal)
        if not decision.allowed:
            code = ERROR_CODES.get(call.prefix, "AccessDeniedException")
            return Denial(code, _message(principal_arn, requirement, decision), requirement, decision)
    return None


def _message(principal_arn: str, requirement: Requirement, decision: Decision) -> str:
    prefix = requirement.action.partition(":")[0]
    action = SPELLED.get(prefix, str)(requirement.action)
    reason = decision.reason.replace(requirement.action, action)
    where = "" if requirement.action in WITHOUT_RESOURCE else f" on resource: {_shown(prefix, requirement.resource)}"
    doubts = f" (labkit cannot judge {'; '.join(decision.unknown)})" if decision.unknown else ""
    return f"User: {principal_arn} is not authorized to perform: {action}{where} {reason}{doubts}"


def _shown(prefix: str, resource: str) -> str:
    if prefix == "s3":
        return f'"{resource}"'
    if resource.endswith(UNKNOWN_SUFFIX):
        return resource.partition(":secret:")[2].removesuffix(UNKNOWN_SUFFIX)
    return resource
