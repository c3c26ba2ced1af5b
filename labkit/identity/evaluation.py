"""Do these policies allow this? IAM's evaluation logic for one account.

Source: IAM User Guide, "Policy evaluation logic" and "How AWS enforcement code logic evaluates requests".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from labkit.identity.call import Requirement
from labkit.identity.conditions import condition_holds
from labkit.identity.context import Context, NotKnown
from labkit.identity.matching import action_matches, any_holds, resource_matches, with_variables
from labkit.identity.policy import (
    IDENTITY_BASED,
    OF_RESOURCES,
    PERMISSIONS_BOUNDARY,
    RESOURCE_BASED,
    ROLE_TRUST_POLICY,
    SESSION_POLICY,
    Policy,
    Statement,
)
from labkit.identity.principal import Principal, is_by_role_alone, is_excepted, is_meant

UNLISTED = Principal()
GIVING, LIMITING = (IDENTITY_BASED, *OF_RESOURCES), (PERMISSIONS_BOUNDARY, SESSION_POLICY)
# KMS keys and roles: what identity-based policies allow counts only where the resource hands it on to the account (IAM
# User Guide, "Policy evaluation for requests within a single account").
HAVING_THE_LAST_WORD = ("kms", "sts")


@dataclass(frozen=True)
class Match:
    """A statement that is about a request, and the policy that it stands in."""

    policy: Policy
    statement: Statement


@dataclass(frozen=True)
class Decision:
    """Whether a requirement is allowed, why (a phrase in AWS's words), and by which statement, if one decided it.

    `unknown` tells what the kit could not judge in a statement that would otherwise have applied: such an Allow counts
    for nothing, such a Deny counts. `matches` are all statements that were about the request.
    """

    allowed: bool
    reason: str
    statement: Statement | None
    unknown: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()


def evaluate(
    policies: Iterable[Policy], requirement: Requirement, context: Context, principal: Principal = UNLISTED
) -> Decision:
    """Whether the principal may do this: an explicit deny wins, and no means no.

    `policies` are its identity-based ones and those of the resource, which belongs to the same account: either kind is
    enough to allow. A service has no identity-based policies. A permissions boundary and session policies allow
    nothing by themselves; where there are some, one of each kind must allow too, but for what a resource gives to the
    session itself or to everyone. The policies of a KMS key and of a role must allow in any case, be it their account.
    """
    listed = list(policies)
    matches, unknown = _matches(listed, requirement, context, principal)
    denying = next((match for match in matches if match.statement.effect == "Deny"), None)
    if denying:
        reason = f"with an explicit deny in {_article(denying.policy.kind)}"
        return Decision(False, reason, denying.statement, unknown, matches)
    allowing = next((match for match in matches if _gives_directly(match, principal)), None)
    allowing = allowing or next((match for match in matches if match.policy.kind in GIVING), None)
    handed_on = _is_handed_on(listed, matches, requirement, context, principal)
    lacking = _lacking(listed, matches, allowing, principal) if handed_on else _kind_of_resource_policy(listed)
    if allowing is None or lacking:
        reason = f"because no {lacking} allows the {requirement.action} action"
        return Decision(False, reason, None, unknown, matches)
    return Decision(True, f"{_article(allowing.policy.kind)} allows it", allowing.statement, unknown, matches)


def _lacking(listed: list[Policy], matches: tuple[Match, ...], allowing: Match | None, principal: Principal) -> str:
    """The first kind of policy that ought to allow and does not; empty when none is lacking."""
    if allowing is None:
        return IDENTITY_BASED if principal.kind == "AWS" else RESOURCE_BASED
    if _gives_directly(allowing, principal):
        return ""
    present, giving = {policy.kind for policy in listed}, {match.policy.kind for match in matches}
    return next((kind for kind in LIMITING if kind in present - giving), "")


def _is_handed_on(
    listed: list[Policy],
    matches: tuple[Match, ...],
    requirement: Requirement,
    context: Context,
    principal: Principal,
) -> bool:
    """Whether the resource leaves the decision to identity-based policies, or allows by itself."""
    policies = [policy for policy in listed if policy.kind in OF_RESOURCES]
    if not policies or requirement.action.partition(":")[0] not in HAVING_THE_LAST_WORD:
        return True
    for_account, _ = _matches(policies, requirement, context, principal.whole_account)
    return any(match.policy in policies and match.statement.effect == "Allow" for match in (*matches, *for_account))


def _kind_of_resource_policy(listed: list[Policy]) -> str:
    return next(policy.kind for policy in listed if policy.kind in OF_RESOURCES)


def _gives_directly(match: Match, principal: Principal) -> bool:
    """Whether a resource gives to the principal itself what no boundary and no session policy takes away.

    Source: IAM User Guide, "Permissions boundaries for IAM entities", evaluating them with resource-based policies.
    """
    return match.policy.kind in OF_RESOURCES and not is_by_role_alone(match.statement.principals, principal)


def _matches(
    listed: list[Policy], requirement: Requirement, context: Context, principal: Principal
) -> tuple[tuple[Match, ...], tuple[str, ...]]:
    """The statements that are about a request, and what could not be judged."""
    bounded = any(policy.kind == PERMISSIONS_BOUNDARY for policy in listed)
    matches: list[Match] = []
    unknown: list[str] = []
    for policy in listed:
        for statement in policy.statements:
            try:
                applies = _applies(statement, requirement, context, principal, bounded)
            except NotKnown as doubt:
                applies = statement.effect == "Deny"
                unknown.append(f"{statement.name}: {doubt}")
            if applies:
                matches.append(Match(policy, statement))
    return tuple(matches), tuple(unknown)


def _article(kind: str) -> str:
    if kind == ROLE_TRUST_POLICY:
        return f"the {kind}"
    return f"an {kind}" if kind == IDENTITY_BASED else f"a {kind}"


def _applies(
    statement: Statement, requirement: Requirement, context: Context, principal: Principal, bounded: bool
) -> bool:
    """Whether a statement is about this request; `NotKnown` when all that can be told fits and something cannot."""
    tests = [
        partial(_is_about, statement, principal, bounded),
        partial(_names_action, statement, requirement.action),
        partial(_names_resource, statement, requirement.resource, context),
        *(partial(condition_holds, condition, context, statement.variables) for condition in statement.conditions),
    ]
    doubts: list[str] = []
    for test in tests:
        try:
            if not test():
                return False
        except NotKnown as doubt:
            doubts.append(str(doubt))
    if doubts:
        raise NotKnown("; ".join(doubts))
    return True


def _is_about(statement: Statement, principal: Principal, bounded: bool) -> bool:
    """Whether it is about the principal; in an identity-based policy every statement is.

    A Deny with NotPrincipal never leaves out a principal that has a permissions boundary (IAM User Guide, "Permissions
    boundaries for IAM entities").
    """
    if statement.not_principals:
        denied_in_any_case = bounded and statement.effect == "Deny"
        return denied_in_any_case or not is_excepted(statement.not_principals, principal)
    return not statement.principals or is_meant(statement.principals, principal, statement.effect)


def _names_action(statement: Statement, action: str) -> bool:
    if statement.actions:
        return any(action_matches(pattern, action) for pattern in statement.actions)
    return not any(action_matches(pattern, action) for pattern in statement.not_actions)


def _names_resource(statement: Statement, resource: str, context: Context) -> bool:
    patterns = statement.resources or statement.not_resources
    named = any_holds(partial(_fits, pattern, resource, context, statement.variables) for pattern in patterns)
    return named if statement.resources else not named


def _fits(pattern: str, resource: str, context: Context, variables: bool) -> bool:
    filled = with_variables(pattern, context) if variables else pattern
    return filled is not None and resource_matches(filled, resource)
