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
from labkit.identity.policy import Policy, Statement
from labkit.identity.principal import Principal, is_excepted, is_meant

UNLISTED = Principal()


@dataclass(frozen=True)
class Decision:
    """Whether a requirement is allowed, why (a phrase in AWS's words), and by which statement, if one decided it.

    `unknown` tells what the kit could not judge in a statement that would otherwise have applied: such an Allow counts
    for nothing, such a Deny counts.
    """

    allowed: bool
    reason: str
    statement: Statement | None
    unknown: tuple[str, ...] = ()


def evaluate(
    policies: Iterable[Policy], requirement: Requirement, context: Context, principal: Principal = UNLISTED
) -> Decision:
    """Whether the principal may do this: an explicit deny wins, and no means no.

    `policies` are its identity-based ones and those of the resource, which belongs to the same account: either kind is
    enough to allow. A service has no identity-based policies.
    """
    applying: list[Statement] = []
    unknown: list[str] = []
    for statement in (statement for policy in policies for statement in policy.statements):
        try:
            applies = _applies(statement, requirement, context, principal)
        except NotKnown as doubt:
            applies = statement.effect == "Deny"
            unknown.append(f"{statement.name}: {doubt}")
        if applies:
            applying.append(statement)
    denying = next((statement for statement in applying if statement.effect == "Deny"), None)
    allowing = next((statement for statement in applying if statement.effect == "Allow"), None)
    if denying:
        return Decision(False, f"with an explicit deny in {_article(denying.kind)} policy", denying, tuple(unknown))
    if allowing:
        return Decision(True, f"{_article(allowing.kind)} policy allows it", allowing, tuple(unknown))
    kind = "identity-based" if principal.kind == "AWS" else "resource-based"
    reason = f"because no {kind} policy allows the {requirement.action} action"
    return Decision(False, reason, None, tuple(unknown))


def _article(kind: str) -> str:
    return f"an {kind}" if kind == "identity-based" else f"a {kind}"


def _applies(statement: Statement, requirement: Requirement, context: Context, principal: Principal) -> bool:
    """Whether a statement is about this request; `NotKnown` when all that can be told fits and something cannot."""
    tests = [
        partial(_is_about, statement, principal),
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


def _is_about(statement: Statement, principal: Principal) -> bool:
    """Whether it is about the principal; in an identity-based policy every statement is."""
    if statement.not_principals:
        return not is_excepted(statement.not_principals, principal)
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
