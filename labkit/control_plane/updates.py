"""Updates of $LATEST: its configuration and its code.

https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html and the page on UpdateFunctionCode
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from labkit import limits
from labkit.control_plane import code_signing
from labkit.control_plane.attached_layers import attached_layers
from labkit.control_plane.configuration import described, updated_settings
from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import conflict, invalid_parameter, refuse
from labkit.control_plane.images import code_of
from labkit.control_plane.names import function_of, unqualified_target
from labkit.control_plane.network import connected
from labkit.control_plane.packages import refuse_package
from labkit.control_plane.request import Request, operation
from labkit.control_plane.role import refuse_role, refuse_without_permission
from labkit.control_plane.runtime_management import refuse_other_runtime
from labkit.control_plane.store import Change, FunctionVersion, Region, Store
from labkit.control_plane.versions import Versions, refuse_other_revision

NEEDING_PERMISSION = ("Role", "VpcConfig", "DeadLetterConfig")


class Updates:
    """Answers UpdateFunctionConfiguration and UpdateFunctionCode."""

    def __init__(self, store: Store, effects: Effects, versions: Versions):
        self._store = store
        self._effects = effects
        self._versions = versions

    @operation("UpdateFunctionConfiguration")
    def configuration(self, request: Request) -> Mapping[str, Any]:
        """UpdateFunctionConfiguration."""
        target, effects = unqualified_target(request), self._effects

        def changed(region: Region, latest: FunctionVersion) -> FunctionVersion:
            if request.given.get("Role"):
                refuse_role(effects, target, request.given["Role"])
            refuse_other_runtime(region.functions[target.name], request.given)
            given = connected(effects, target.region, request.given)
            settings = updated_settings(latest.settings, given)
            refuse(limits.check_together({**settings, "Layers": given.get("Layers")}))
            if any(given.get(name) is not None for name in NEEDING_PERMISSION):
                refuse_without_permission(effects, target, settings)
            attached = latest.layers
            if given.get("Layers") is not None:
                attached = attached_layers(region, given["Layers"])
                refuse_package(latest.package, attached)
            return dataclasses.replace(latest, settings=settings, layers=attached)

        return self._update(request, changed)

    @operation("UpdateFunctionCode")
    def code(self, request: Request) -> Mapping[str, Any]:
        """UpdateFunctionCode; with DryRun nothing is stored."""
        given, target = request.given, unqualified_target(request)

        def changed(region: Region, latest: FunctionVersion) -> FunctionVersion:
            _refuse_other_package_type(given, latest.settings["PackageType"])
            code_signing.refuse_unsigned(region, region.functions[target.name].code_signing_config, target.arn)
            package = code_of(given, self._effects, request)
            refuse_package(package, latest.layers)
            architectures = {"Architectures": given["Architectures"]} if given.get("Architectures") else {}
            return dataclasses.replace(latest, package=package, settings={**latest.settings, **architectures})

        return self._update(request, changed)

    def _update(
        self, request: Request, changed: Callable[[Region, FunctionVersion], FunctionVersion]
    ) -> Mapping[str, Any]:
        """Change $LATEST, and publish it where that is asked for; the answer tells of an update under way."""
        region, now = self._store.region(request.region), self._effects.clock.time()
        with region.lock:
            function = function_of(region, unqualified_target(request))
            latest = function.latest
            refuse_other_revision(request, latest.change.revision_id(now))
            if latest.change.kind == "update" and latest.change.under_way(now):
                raise conflict(
                    "The operation cannot be performed at this time. An update is in progress for resource: "
                    f"{function.arn}"
                )
            updated = dataclasses.replace(
                changed(region, latest), modified=now, change=Change("update", now), edition=latest.edition + 1
            )
            if request.given.get("DryRun"):
                return described(function, updated, now)
            function.latest = updated
            if request.given.get("Publish"):
                version = self._versions.publish_latest(region, function, Change("create", now))
                return described(function, version, now)
            return described(function, updated, now)


def _refuse_other_package_type(given: Mapping[str, Any], package_type: str) -> None:
    if package_type == "Image" and not given.get("ImageUri"):
        raise invalid_parameter("Please provide ImageUri when updating a function with packageType Image.")
    if package_type == "Zip" and given.get("ImageUri"):
        raise invalid_parameter("Please don't provide ImageUri when updating a function with packageType Zip.")
