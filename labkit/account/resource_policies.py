"""What the policies of the account's resources say of a call: those of Lambda's, and those that moto keeps."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.control_plane import access
from labkit.control_plane.store import Store
from labkit.identity import RESOURCE_BASED, Policy, Requirement, trust_of
from labkit.identity.matching import UNKNOWN_SUFFIX
from labkit.moto_bridge import iam
from labkit.moto_bridge.policies import policy_of


@dataclass(frozen=True)
class ResourcePolicies:
    """The policies that have a say in what is required."""

    store: Store

    def __call__(self, requirement: Requirement) -> list[Policy]:
        """Those of the resource; none when it has none, or is not of this account."""
        if requirement.action.startswith("lambda:"):
            return access.policies_for(self.store, requirement)
        if requirement.action == "sts:AssumeRole":
            return self._trust(requirement.resource)
        try:
            return self.kept_by_moto(requirement.resource)
        except LookupError:
            return []

    def _trust(self, role_arn: str) -> list[Policy]:
        document = iam.trust_policy(self.store.account, role_arn)
        return [] if document is None else [trust_of(document, f"the trust policy of {role_arn}")]

    def kept_by_moto(self, arn: str) -> list[Policy]:
        """That of a bucket, queue, topic …; `LookupError` when there is no such resource."""
        document = policy_of(self.store.account, arn.removesuffix(UNKNOWN_SUFFIX)) if ":" in arn else None
        return [] if document is None else [Policy.parse(document, f"the policy of {arn}", RESOURCE_BASED)]
