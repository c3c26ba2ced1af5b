"""Runtime management: when a version of a function gets another version of its runtime.

The kit has one version of each runtime, the machine's own, so the choice is kept and changes nothing that runs. The
refusal of a new runtime is reported by AWS's users, that of a missing ARN is inferred.
https://docs.aws.amazon.com/lambda/latest/api/API_PutRuntimeManagementConfig.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.control_plane.errors import invalid_parameter
from labkit.control_plane.names import existing_version, function_of, target_of
from labkit.control_plane.request import Request, operation
from labkit.control_plane.settings import RuntimeManagement
from labkit.control_plane.store import LATEST, Store, StoredFunction

AUTOMATIC = RuntimeManagement()
NO_VERSION = "RuntimeVersionArn is required when UpdateRuntimeOn is Manual."
PINNED = (
    "Cannot change runtime identifier when runtime management configuration is set to 'Manual'. Change the runtime "
    "management configuration to 'Auto' or 'FunctionUpdate', then retry."
)


class RuntimeManagementConfigs:
    """Answers the calls about runtime management."""

    def __init__(self, store: Store):
        self._store = store

    @operation("PutRuntimeManagementConfig")
    def put(self, request: Request) -> Mapping[str, Any]:
        """PutRuntimeManagementConfig; the ARN counts for Manual only."""
        update_on, arn = request.given["UpdateRuntimeOn"], request.given.get("RuntimeVersionArn")
        if update_on == "Manual" and not arn:
            raise invalid_parameter(NO_VERSION)
        region, target = self._store.region(request.region), target_of(request)
        with region.lock:
            function = function_of(region, target)
            number = existing_version(function, target).number
            config = RuntimeManagement(update_on, arn if update_on == "Manual" else None)
            function.runtime_management[number] = config
        return _described(target.qualified_arn, config)

    @operation("GetRuntimeManagementConfig")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetRuntimeManagementConfig; Auto where nothing was put."""
        region, target = self._store.region(request.region), target_of(request)
        with region.lock:
            function = function_of(region, target)
            number = existing_version(function, target).number
            return _described(target.qualified_arn, function.runtime_management.get(number, AUTOMATIC))


def refuse_other_runtime(function: StoredFunction, given: Mapping[str, Any]) -> None:
    """`ApiError` when $LATEST is to get another runtime and stays with the version it was told to."""
    managed = function.runtime_management.get(LATEST, AUTOMATIC)
    wanted = given.get("Runtime")
    if managed.update_on == "Manual" and wanted and wanted != function.latest.settings.get("Runtime"):
        raise invalid_parameter(PINNED)


def _described(arn: str, config: RuntimeManagement) -> dict[str, str]:
    version = {"RuntimeVersionArn": config.runtime_version_arn} if config.runtime_version_arn else {}
    return {"UpdateRuntimeOn": config.update_on, "FunctionArn": arn, **version}
