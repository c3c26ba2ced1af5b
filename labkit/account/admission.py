"""Whether functions, queues and topics admit a service that acts by itself: by policies of their own."""

from __future__ import annotations

from labkit.account.resource_policies import ResourcePolicies
from labkit.account.roles import Roles
from labkit.clock import Clock
from labkit.control_plane.access import may_invoke
from labkit.control_plane.names import parse, version_of
from labkit.control_plane.store import Store
from labkit.events.http.calls import InvokedBy
from labkit.events.permission import MISSING, REFUSED
from labkit.identity import ApiCall, Principal, Requirement, evaluate, service_context, time_keys

SENDING = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}


DOOR_SESSION = "BackplaneAssumeRoleSession"  # in which API Gateway acts as the role that it was given


class Admission:
    """Judges for an account; where roles aren't evaluated it is enough that what is called exists."""

    def __init__(self, store: Store, clock: Clock, roles: Roles, policies: ResourcePolicies):
        self._store = store
        self._clock = clock
        self._roles = roles
        self._policies = policies

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
        return "" if admitted or not self._roles.evaluate else REFUSED

    def why_refused(self, function_arn: str, by: InvokedBy) -> str:
        """Why a front door may not invoke a function, whose policy counts, or the role that the door was given."""
        why = self.why_not(function_arn, by.service, by.source_arn)
        if not by.role or why == MISSING:
            return why
        call = ApiCall(
            "lambda", "Invoke", {"FunctionName": function_arn}, function_arn.split(":")[3], self._store.account
        )
        return "" if self._roles.may(by.role, call, DOOR_SESSION) else REFUSED

    def _function_admits(self, function_arn: str, service: str, source_arn: str) -> bool:
        target = parse(function_arn, None, function_arn.split(":")[3], self._store.account)
        function = self._store.region(target.region).functions.get(target.name)
        if target.account != self._store.account or function is None or version_of(function, target.qualifier) is None:
            raise LookupError(function_arn)
        known = time_keys(self._clock.now())
        return may_invoke(self._store, function_arn, service, source_arn, self._store.account, known)

    def _target_admits(self, arn: str, service: str, source_arn: str) -> bool:
        policies = self._policies.kept_by_moto(arn)
        _, _, called, region, account, _ = arn.split(":", 5)
        keys = {"aws:SourceArn": source_arn, "aws:SourceAccount": account, **time_keys(self._clock.now())}
        context = service_context(service, region, account, keys)
        return evaluate(policies, Requirement(SENDING[called], arn), context, Principal.service(service)).allowed
