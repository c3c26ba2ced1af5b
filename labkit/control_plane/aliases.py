"""Aliases: names that lead to a version, or to two of them by weight.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import ApiError, conflict, invalid_parameter, not_found
from labkit.control_plane.names import Target, function_of, target_of
from labkit.control_plane.pages import page
from labkit.control_plane.request import Request, operation
from labkit.control_plane.store import LATEST, Alias, Store, StoredFunction
from labkit.control_plane.versions import refuse_other_revision

MOST_WEIGHTS = "Number of items in AdditionalVersionWeights cannot be greater than 1"
WEIGHTED_LATEST = "$LATEST is not supported for an alias pointing to more than 1 version"


class Aliases:
    """Answers the calls about aliases."""

    def __init__(self, store: Store, effects: Effects):
        self._store = store
        self._effects = effects

    @operation("CreateAlias")
    def create(self, request: Request) -> Mapping[str, Any]:
        """CreateAlias."""
        given, target = request.given, target_of(request)
        region = self._store.region(request.region)
        with region.lock:
            if target.name not in region.functions:
                raise not_found(f"Function not found: {target.arn}:{given['FunctionVersion']}")
            function = function_of(region, target)
            alias = _checked(function, _changed(Alias(given["Name"], "", "", {}, ""), given))
            if alias.name in function.aliases:
                raise conflict(f"Alias already exists: {function.arn}:{alias.name}")
            function.aliases[alias.name] = alias
            return _described(function, alias)

    @operation("GetAlias")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetAlias."""
        function, name = self._named(request)
        if name not in function.aliases:
            raise not_found(f"Cannot find alias arn: {function.arn}:{name}")
        return _described(function, function.aliases[name])

    @operation("UpdateAlias")
    def update(self, request: Request) -> Mapping[str, Any]:
        """UpdateAlias; what is not given stays."""
        region = self._store.region(request.region)
        with region.lock:
            function, name = self._named(request)
            if name not in function.aliases:
                raise not_found(f"Alias not found: {function.arn}:{name}")
            alias = function.aliases[name]
            refuse_other_revision(request, alias.revision_id)
            function.aliases[name] = alias = _checked(function, _changed(alias, request.given))
        self._effects.tell_change()
        return _described(function, alias)

    @operation("DeleteAlias")
    def delete(self, request: Request) -> None:
        """DeleteAlias; one that does not exist is no error."""
        region = self._store.region(request.region)
        with region.lock:
            function, name = self._named(request)
            function.remove(name)
        self._effects.tell_change()

    @operation("ListAliases")
    def list_aliases(self, request: Request) -> Mapping[str, Any]:
        """ListAliases, of one version where FunctionVersion names it."""
        function, version = self._named(request)[0], request.given.get("FunctionVersion")
        found = [alias for _, alias in sorted(function.aliases.items()) if version in (None, alias.version)]
        return page(request, "Aliases", [_described(function, alias) for alias in found])

    def _named(self, request: Request) -> tuple[StoredFunction, str]:
        target: Target = target_of(request)
        return function_of(self._store.region(request.region), target), request.given.get("Name", "")


def _changed(alias: Alias, given: Mapping[str, Any]) -> Alias:
    """The alias with what was given, as a new revision."""
    description, routing = given.get("Description"), given.get("RoutingConfig")
    return dataclasses.replace(
        alias,
        version=given.get("FunctionVersion") or alias.version,
        description=alias.description if description is None else description,
        weights=alias.weights if routing is None else routing.get("AdditionalVersionWeights") or {},
        revision_id=str(uuid.uuid4()),
    )


def _checked(function: StoredFunction, alias: Alias) -> Alias:
    """The alias; `ApiError` where it leads nowhere or its weights make no sense."""
    if len(alias.weights) > 1:
        raise invalid_parameter(MOST_WEIGHTS)
    if alias.version in alias.weights:
        raise invalid_parameter(
            f"Invalid function version {alias.version}. Function version {alias.version} is already included in "
            "routing configuration."
        )
    if alias.weights and alias.version == LATEST:
        raise ApiError(400, "InvalidParameterValueException", WEIGHTED_LATEST, None)
    for number in (alias.version, *alias.weights):
        if function.version(number) is None:
            raise not_found(f"Function not found: {function.arn}:{number}")
    return alias


def _described(function: StoredFunction, alias: Alias) -> dict[str, Any]:
    routing = {"RoutingConfig": {"AdditionalVersionWeights": dict(alias.weights)}} if alias.weights else {}
    return {
        "AliasArn": f"{function.arn}:{alias.name}",
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision_id,
        **routing,
    }
