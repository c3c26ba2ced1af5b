"""Policy documents as IAM checks them before it stores them, and actions that are likely to be misspelt."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from labkit.identity.conditions import unknown_operator
from labkit.identity.policy import RESOURCE_BASED, Policy, PolicyError
from labkit.identity.trust import trust_of


def checked_policy(document: str, name: str) -> Policy:
    """The policy of an identity; `PolicyError` where IAM would not store it."""
    return _with_known_operators(Policy.parse(document, name))


def checked_trust(document: str, name: str) -> Policy:
    """A role's trust policy; `PolicyError` where IAM would not store it."""
    return _with_known_operators(trust_of(document, name))


def checked_resource(document: str, name: str) -> Policy:
    """The policy of a bucket, a queue or another resource; `PolicyError` where its service would not store it."""
    return _with_known_operators(Policy.parse(document, name, RESOURCE_BASED))


def nearly_known(policy: Policy, known: Iterable[str]) -> list[tuple[str, str, str]]:
    """Of each action of the known services' that is none of the `known`: its statement, itself, and the nearest one.

    IAM stores them all the same, and they allow nothing.
    """
    right = {action.lower(): action for action in known}
    services = {action.partition(":")[0] for action in right}
    found = []
    for statement in policy.statements:
        for action in (*statement.actions, *statement.not_actions):
            service = action.lower().partition(":")[0]
            if "*" in action or "?" in action or action.lower() in right or service not in services:
                continue
            near = difflib.get_close_matches(action.lower(), right, n=1, cutoff=0.8)
            found += [(statement.name, action, right[each]) for each in near]
    return found


def _with_known_operators(policy: Policy) -> Policy:
    for statement in policy.statements:
        for condition in statement.conditions:
            if problem := unknown_operator(condition.operator):
                raise PolicyError(f"{statement.name}: there is no {problem}")
    return policy
