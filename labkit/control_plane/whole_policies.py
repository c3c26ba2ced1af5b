"""The whole resource policy of a function, version or alias: put in one piece, read and deleted.

AWS documents what these calls do; their words are inferred from those of AddPermission and its kin, and what is wrong
with a document is told as the kit tells it of a role's policy.
https://docs.aws.amazon.com/lambda/latest/api/API_PutResourcePolicy.html and the pages beside it
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from labkit.control_plane.errors import invalid_parameter, not_found
from labkit.control_plane.names import Target, existing_resource, function_of, target_at
from labkit.control_plane.permissions import OF_LATEST
from labkit.control_plane.request import Request, operation
from labkit.control_plane.resource_policies import described, refuse_other_policy
from labkit.control_plane.store import LATEST, ResourcePolicy, Store, StoredFunction
from labkit.identity import RESOURCE_BASED, Policy, PolicyError

GONE = "The resource you requested does not exist."


class WholePolicies:
    """Answers the calls about whole resource policies."""

    def __init__(self, store: Store):
        self._store = store

    @operation("PutResourcePolicy")
    def put(self, request: Request) -> Mapping[str, Any]:
        """PutResourcePolicy: in place of what AddPermission and earlier calls have written."""
        region, target = self._store.region(request.region), _target(request)
        if target.qualifier == LATEST:
            raise invalid_parameter(OF_LATEST)
        policy = ResourcePolicy(_document(request.given["Policy"]))
        with region.lock:
            function = function_of(region, target)
            existing_resource(function, target)
            _refuse_other(request, function, target)
            function.policies[target.qualifier or LATEST] = policy
        return described(policy)

    @operation("GetResourcePolicy")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetResourcePolicy."""
        function, target = self._named(request)
        return described(function.policies[target.qualifier or LATEST])

    @operation("DeleteResourcePolicy")
    def delete(self, request: Request) -> None:
        """DeleteResourcePolicy."""
        with self._store.region(request.region).lock:
            function, target = self._named(request)
            _refuse_other(request, function, target)
            del function.policies[target.qualifier or LATEST]

    def _named(self, request: Request) -> tuple[StoredFunction, Target]:
        target = _target(request)
        function = self._store.region(request.region).functions.get(target.name)
        if function is None or (target.qualifier or LATEST) not in function.policies:
            raise not_found(GONE)
        return function, target


def _target(request: Request) -> Target:
    if ":function:" not in request.given["ResourceArn"]:
        raise not_found(GONE)  # a runtime, which the kit has none of
    return target_at(request, request.given["ResourceArn"])


def _refuse_other(request: Request, function: StoredFunction, target: Target) -> None:
    policy = function.policies.get(target.qualifier or LATEST)
    refuse_other_policy(request.given.get("RevisionId"), policy.revision_id if policy else None, "GetResourcePolicy")


def _document(text: str) -> dict[str, Any]:
    """The policy with its statements as a list; `ApiError` when it is none."""
    try:
        Policy.parse(text, kind=RESOURCE_BASED)
    except PolicyError as error:
        raise invalid_parameter(f"The resource policy is not valid: {error}") from error
    document: dict[str, Any] = json.loads(text)
    statements = document["Statement"]
    return {**document, "Statement": statements if isinstance(statements, list) else [statements]}
