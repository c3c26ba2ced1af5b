"""Whether functions, queues and topics admit a service that acts by itself: by policies of their own."""

from __future__ import annotations

from labkit.account.roles import policies_of
from labkit.clock import Clock
from labkit.control_plane.access import may_invoke
from labkit.control_plane.names import parse, version_of
from labkit.control_plane.store import Store
from labkit.events.http.calls import InvokedBy
from labkit.events.permission import MISSING, REFUSED
from labkit.identity import (
    RESOURCE_BASED,
    ApiCall,
    Policy,
    Principal,
    Requirement,
    authorize,
    evaluate,
    service_context,
    time_keys,
)
from labkit.moto_bridge.policies import policy_of

SENDING = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}


class Admission:
    """Judges for an account; without `evaluate_roles` it is enough that what is called exists."""

    def __init__(self, store: Store, clock: Clock, evaluate_roles: bool):
        self._store = store
        self._clock = clock
        self._evaluate_roles = evaluate_roles

    def may_invoke(self, function_arn: str, service: str, source_arn: str) -> bool:
        """Whether a function admits a service on behalf of one of the account's resources."""
        return not self.why_not(function_arn, service, source_arn)

    def why_not(self, arn: str, service: str, source_arn: str) -> str:
        """Why a service may not call a function, queue or topic: it is MISSING or has REFUSED; empty when it may."""
        try:
            admits = self._function_admits if ":lambda:" in arn else self._target_admits
            admitted = admits(arn, service, source_arn)
        except LookupError:
            return MISSING
        return "" if admitted or not self._evaluate_roles else REFUSED

    def why_refused(self, function_arn: str, by: InvokedBy) -> str:
        """Why a front door may not invoke a function, whose policy counts, or the role that the door was given."""
        why = self.why_not(function_arn, by.service, by.source_arn)
        if not by.role or not self._evaluate_roles or why == MISSING:
            return why
        account = self._store.account
        call = ApiCall("lambda", "Invoke", {"FunctionName": function_arn}, function_arn.split(":")[3], account)
        return "" if authorize(call, policies_of(account, by.role), by.role) is None else REFUSED

    def _function_admits(self, function_arn: str, service: str, source_arn: str) -> bool:
        target = parse(function_arn, None, function_arn.split(":")[3], self._store.account)
        function = self._store.region(target.region).functions.get(target.name)
        if target.account != self._store.account or function is None or version_of(function, target.qualifier) is None:
            raise LookupError(function_arn)
        known = time_keys(self._clock.now())
        return may_invoke(self._store, function_arn, service, source_arn, self._store.account, known)

    def _target_admits(self, arn: str, service: str, source_arn: str) -> bool:
        document = policy_of(self._store.account, arn)
        if document is None:
            return False
        _, _, called, region, account, _ = arn.split(":", 5)
        keys = {"aws:SourceArn": source_arn, "aws:SourceAccount": account, **time_keys(self._clock.now())}
        context = service_context(service, region, account, keys)
        policy = Policy.parse(document, f"the policy of {arn}", kind=RESOURCE_BASED)
        return evaluate([policy], Requirement(SENDING[called], arn), context, Principal.service(service)).allowed
