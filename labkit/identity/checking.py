"""Policy documents as IAM checks them before it stores them, and actions that are likely to be misspelt."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from labkit.identity.conditions import unknown_operator
from labkit.identity.matching import action_matches
from labkit.identity.policy import RESOURCE_BASED, Policy, PolicyError
from labkit.identity.trust import trust_of

# What a trust policy may let one do (Service Authorization Reference, "AWS STS"). Refusals as users of AWS report them.
TRUST_ACTIONS = (
    "sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:SetContext",
    "sts:SetSourceIdentity", "sts:TagSession",
)  # fmt: skip


def checked_policy(document: str, name: str) -> Policy:
    """The policy of an identity; `PolicyError` where IAM would not store it."""
    return _with_known_operators(Policy.parse(document, name))


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


def nearly_known(policy: Policy, known: Iterable[str]) -> list[tuple[str, str, str]]:
    """Of each action that is nearly one of the `known`: its statement, itself, and the nearest one.

    IAM stores them all the same, and they allow nothing.
    """
    right = {action.lower(): action for action in known}
    found = []
    for statement in policy.statements:
        for action in (*statement.actions, *statement.not_actions):
            if "*" in action or "?" in action or action.lower() in right:
                continue
            near = difflib.get_close_matches(action.lower(), right, n=1, cutoff=0.8)
            found += [(statement.name, action, right[each]) for each in near]
    return found


def _refuse_other_action(action: str, where: str) -> None:
    """`PolicyError` for an action that is about no role's trust."""
    if any(action_matches(action, known) for known in TRUST_ACTIONS):
        return
    close = difflib.get_close_matches(action, TRUST_ACTIONS, n=1)
    hint = f"did you mean {close[0]}?" if close else f"it takes {', '.join(TRUST_ACTIONS)}"
    raise PolicyError(f"{where}: AssumeRole policy may only specify STS AssumeRole actions, not {action}; {hint}")


def _with_known_operators(policy: Policy) -> Policy:
    for statement in policy.statements:
        for condition in statement.conditions:
            if problem := unknown_operator(condition.operator):
                raise PolicyError(f"{statement.name}: there is no {problem}")
    return policy
