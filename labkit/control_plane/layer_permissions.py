"""Permissions of layer versions: who else may use one.

Answers as AWS was recorded to give them (November 2025), but for an organization's, whose condition is inferred from
the one that AddPermission writes.
https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html and the pages beside it
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.control_plane.errors import not_found
from labkit.control_plane.layers import named_version
from labkit.control_plane.request import Request, operation
from labkit.control_plane.resource_policies import (
    described,
    refuse_other_policy,
    with_statement,
    without_statement,
    written,
)
from labkit.control_plane.statements import statement_of
from labkit.control_plane.store import Region, Store, StoredLayer

NO_POLICY = "No policy is associated with the given resource."


class LayerPermissions:
    """Answers the calls about the resource policies of layer versions."""

    def __init__(self, store: Store):
        self._store = store

    @operation("AddLayerVersionPermission")
    def add(self, request: Request) -> Mapping[str, Any]:
        """AddLayerVersionPermission."""
        region, given = self._store.region(request.region), request.given
        with region.lock:
            layer, number = _existing(region, given)
            policy = layer.policies.get(number)
            refuse_other_policy(given.get("RevisionId"), policy.revision_id if policy else None, "GetLayerPolicy")
            statement = statement_of({**given, "PrincipalOrgID": given.get("OrganizationId")}, f"{layer.arn}:{number}")
            layer.policies[number] = grown = with_statement(policy, statement)
        return {"Statement": written(statement), "RevisionId": grown.revision_id}

    @operation("GetLayerVersionPolicy")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetLayerVersionPolicy."""
        layer, number = _existing(self._store.region(request.region), request.given)
        policy = layer.policies.get(number)
        if policy is None:
            raise not_found(NO_POLICY)
        return described(policy)

    @operation("RemoveLayerVersionPermission")
    def remove(self, request: Request) -> None:
        """RemoveLayerVersionPermission."""
        region, given = self._store.region(request.region), request.given
        with region.lock:
            layer, number = _existing(region, given)
            policy = layer.policies.get(number)
            if policy is None:
                raise not_found(NO_POLICY)
            left = without_statement(policy, given["StatementId"])
            refuse_other_policy(given.get("RevisionId"), policy.revision_id, "GetLayerPolicy")
            del layer.policies[number]
            if left is not None:
                layer.policies[number] = left


def _existing(region: Region, given: Mapping[str, Any]) -> tuple[StoredLayer, int]:
    """The layer and the number of its version; `ApiError` when there is no such version."""
    name, number = named_version(region, given)
    layer = region.layers.get(name)
    if layer is None or number not in layer.versions:
        raise not_found(f"Layer version {region.arn('layer', name)}:{number} does not exist.")
    return layer, number
