"""Permissions of functions, versions and aliases: each has a policy of its own.

Answers as AWS was recorded to give them (November 2025). That a function's or version's own revision may be given for
its first statement is inferred from what was recorded of an alias.
https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html and the pages beside it
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import invalid_parameter, not_found
from labkit.control_plane.names import Target, existing_resource, function_of, target_of
from labkit.control_plane.request import Request, operation
from labkit.control_plane.resource_policies import (
    described,
    refuse_other_policy,
    with_statement,
    without_statement,
    written,
)
from labkit.control_plane.statements import statement_of
from labkit.control_plane.store import LATEST, Alias, FunctionVersion, Store

OF_LATEST = "We currently do not support adding policies for $LATEST."


class Permissions:
    """Answers the calls about the resource policies of functions."""

    def __init__(self, store: Store, effects: Effects):
        self._store = store
        self._effects = effects

    @operation("AddPermission")
    def add(self, request: Request) -> Mapping[str, Any]:
        """AddPermission."""
        region, target = self._store.region(request.region), target_of(request)
        if target.qualifier == LATEST:
            raise invalid_parameter(OF_LATEST)
        with region.lock:
            function = function_of(region, target)
            resource, key = existing_resource(function, target), _key(target)
            policy = function.policies.get(key)
            current = policy.revision_id if policy else self._revision(resource)
            refuse_other_policy(request.given.get("RevisionId"), current, "GetPolicy")
            statement = statement_of(request.given, target.qualified_arn)
            function.policies[key] = with_statement(policy, statement)
        return {"Statement": written(statement)}

    @operation("RemovePermission")
    def remove(self, request: Request) -> None:
        """RemovePermission."""
        region, target = self._store.region(request.region), target_of(request)
        with region.lock:
            if target.name not in region.functions:
                raise not_found(f"No policy found for: {target.arn}")
            function = function_of(region, target)
            existing_resource(function, target)
            policy = function.policies.get(_key(target))
            if policy is None:
                raise not_found("No policy is associated with the given resource.")
            left = without_statement(policy, request.given["StatementId"])
            refuse_other_policy(request.given.get("RevisionId"), policy.revision_id, "GetPolicy")
            if left is None:
                del function.policies[_key(target)]
            else:
                function.policies[_key(target)] = left

    @operation("GetPolicy")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetPolicy."""
        target = target_of(request)
        function = self._store.region(request.region).functions.get(target.name)
        policy = function.policies.get(_key(target)) if function else None
        if policy is None:
            raise not_found("The resource you requested does not exist.")
        return described(policy)

    def _revision(self, resource: FunctionVersion | Alias) -> str:
        if isinstance(resource, Alias):
            return resource.revision_id
        return resource.change.revision_id(self._effects.clock.time())


def _key(target: Target) -> str:
    return target.qualifier or LATEST
