"""Execution roles in use: their sessions, who may assume them, and what they allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labkit.account.uses import Uses
from labkit.identity import (
    IDENTITY_BASED,
    PERMISSIONS_BOUNDARY,
    SESSION_POLICY,
    ApiCall,
    Policy,
    Requirement,
    authorize,
    trusts,
)
from labkit.moto_bridge import iam
from labkit.moto_bridge.iam import Held, RoleSession
from labkit.runtime.function import Credentials

SERVICE_SESSION = "AWSLambda"  # the session in which Lambda itself acts as a function's role


@dataclass(frozen=True)
class Roles:
    """The roles of an account; unless they are evaluated, any role may do anything."""

    account: str
    evaluate: bool
    uses: Uses
    resource_policies: Callable[[Requirement], list[Policy]]

    def session(self, role_arn: str, region: str, name: str = SERVICE_SESSION) -> Credentials:
        """Fresh credentials of a role, for a session of this name."""
        session = iam.assume_role(self.account, region, role_arn, name)
        return Credentials(session.access_key_id, session.secret_access_key, session.session_token)

    def can_assume(self, role_arn: str, source_arn: str, service: str = "lambda.amazonaws.com") -> bool:
        """Whether there is such a role, and a service may assume it for a function or another resource."""
        if not self.evaluate:
            return True
        trust = iam.trust_policy(self.account, role_arn)
        return trust is not None and trusts(trust, role_arn, service, source_arn)

    def may(self, role_arn: str, call: ApiCall, session: str = SERVICE_SESSION) -> bool:
        """Whether a role's policies, or the resource's, allow a call in a session of this name."""
        if not self.evaluate:
            return True
        policies = policies_of(self.account, role_arn)
        denial = authorize(call, policies, role_arn, policies_for=self.resource_policies)
        self.uses.note(role_arn, session, call, denial)
        return denial is None


def policies_of(account: str, role_arn: str) -> list[Policy]:
    """What says what a role may do: its policies and its permissions boundary."""
    boundary = iam.boundary_of(account, role_arn)
    own = [_policy(held, IDENTITY_BASED) for held in iam.policies_of(account, role_arn)]
    return [*own, _policy(boundary, PERMISSIONS_BOUNDARY)] if boundary else own


def policies_of_session(account: str, session: RoleSession) -> list[Policy]:
    """What says what a role's session may do: what does for the role, and the policies it was assumed with."""
    return [*policies_of(account, session.role_arn), *(_policy(held, SESSION_POLICY) for held in session.policies)]


def _policy(held: Held, kind: str) -> Policy:
    """A policy; one whose document is gone allows nothing."""
    return Policy(held.name, (), kind) if held.document is None else Policy.parse(held.document, held.name, kind)
