"""Judges a policy document that is to be stored: what is wrong with it, and what is likely to be misspelt."""

from __future__ import annotations

import sys
from collections.abc import Callable

from labkit.account.known_actions import known_actions
from labkit.identity import Policy
from labkit.identity.checking import (
    checked_policy,
    checked_resource,
    checked_trust,
    doubtful_conditions,
    nearly_known,
    refuse_other_buckets,
    refuse_unknown_principals,
)
from labkit.moto_bridge import iam
from labkit.moto_bridge.policy_documents import IDENTITY, RESOURCE, TRUST

CHECKS: dict[str, Callable[[str, str], Policy]] = {
    IDENTITY: checked_policy,
    TRUST: checked_trust,
    RESOURCE: checked_resource,
}


def check_document(account: str, kind: str, document: str, name: str, bucket: str) -> None:
    """`PolicyError` for a document that AWS would not store; actions likely to be misspelt are told, as it does."""
    policy = CHECKS[kind](document, name)
    refuse_unknown_principals(policy, lambda arn: arn.split(":")[4] != account or iam.exists(account, arn))
    if bucket:
        refuse_other_buckets(policy, bucket)
    doubts = doubtful_conditions(policy)
    if kind != TRUST:  # whose few actions are checked already, and STS's model need not be read for them
        doubts += [
            f"{where}: {action} is no action that the kit knows, and allows nothing; did you mean {near}?"
            for where, action, near in nearly_known(policy, known_actions(policy))
        ]
    for doubt in doubts:
        print(f"labkit: {doubt} AWS stores the policy all the same.", file=sys.stderr)
