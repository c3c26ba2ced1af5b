"""Who has signed an HTTP request, and what they, or anyone at all, may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.account.roles import policies_of_session
from labkit.clock import Clock
from labkit.control_plane.access import policies_of
from labkit.control_plane.store import Store
from labkit.events.http.calls import Signer
from labkit.identity import (
    ApiCall,
    Principal,
    Requirement,
    anonymous_context,
    evaluate,
    request_context,
    time_keys,
)
from labkit.moto_bridge import iam
from labkit.moto_bridge.requests import Signature


class AccountSigners:
    """Judges for an account; unless it is to `evaluate_roles`, nobody is refused."""

    def __init__(self, store: Store, clock: Clock, evaluate_roles: bool):
        self._store = store
        self._clock = clock
        self._evaluate_roles = evaluate_roles

    def signer(self, signature: Signature) -> Signer:
        """Who has signed a request: a role's session, or the owner of the account."""
        account = self._store.account
        session = iam.session_of(account, signature.access_key_id)
        if session is None:
            return Signer(signature.access_key_id, f"arn:aws:iam::{account}:root", account)
        return Signer(signature.access_key_id, session.principal_arn, session.user_id, session.role_arn)

    def may(self, signer: Signer | None, action: str, resource: str, keys: Mapping[str, Any]) -> bool:
        """Whether a signer, or anyone at all, may do this: by the signer's role, or by the resource's own policy."""
        if not self._evaluate_roles or (signer is not None and not signer.role):
            return True
        account, region = self._store.account, resource.split(":")[3]
        known = {**keys, **time_keys(self._clock.now())}
        policies = policies_of(self._store, resource)
        requirement = Requirement(action, resource)
        if signer is None:
            return evaluate(policies, requirement, anonymous_context(region, account, known)).allowed
        call = ApiCall(action.partition(":")[0], "", {}, region, account)
        context = request_context(call, signer.arn, {"aws:PrincipalArn": signer.role, **known})
        session = iam.session_of(account, signer.access_key_id)
        own = policies_of_session(account, session) if session else []
        return evaluate([*own, *policies], requirement, context, Principal.of_account(signer.arn, signer.role)).allowed
