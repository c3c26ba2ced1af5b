"""Functions: created, read, listed and deleted.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html and the pages beside it
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from labkit import limits
from labkit.control_plane import code_signing
from labkit.control_plane.attached_layers import attached_layers
from labkit.control_plane.configuration import described, initial_settings, listed
from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import conflict, invalid_parameter, not_found, refuse
from labkit.control_plane.images import code_of
from labkit.control_plane.names import ALIAS, Target, existing_version, function_of, target_of, unqualified_target
from labkit.control_plane.network import connected
from labkit.control_plane.packages import refuse_package
from labkit.control_plane.pages import page
from labkit.control_plane.request import Request, operation
from labkit.control_plane.role import refuse_role, refuse_without_permission
from labkit.control_plane.store import LATEST, Change, FunctionVersion, Region, Store, StoredFunction
from labkit.control_plane.tags import limited
from labkit.control_plane.versions import Versions
from labkit.moto_bridge.server import Answer


class Functions:
    """Answers the calls that create, read, list and delete functions."""

    def __init__(self, store: Store, effects: Effects, versions: Versions):
        self._store = store
        self._effects = effects
        self._versions = versions

    @operation("CreateFunction")
    def create(self, request: Request) -> Mapping[str, Any]:
        """CreateFunction; the answer tells of a function that is still being created."""
        given, target = request.given, unqualified_target(request)
        region, now = self._store.region(request.region), self._effects.clock.time()
        refuse_role(self._effects, target, given["Role"])
        signing = given.get("CodeSigningConfigArn")
        code_signing.refuse_unsigned(region, signing, target.arn)
        attached = attached_layers(region, given.get("Layers") or ())
        package = code_of(given["Code"], self._effects, request)
        refuse_package(package, attached)
        settings = initial_settings(connected(self._effects, target.region, given))
        refuse(limits.check_together(settings))
        refuse_without_permission(self._effects, target, settings)
        latest = FunctionVersion(LATEST, package, attached, settings, modified=now, change=Change("create", now))
        tagged = limited(given.get("Tags") or {})
        function = StoredFunction(target.name, target.arn, latest, tagged, code_signing_config=signing)
        with region.lock:
            if target.name in region.functions:
                raise conflict(f"Function already exist: {target.name}")
            region.functions[target.name] = function
            if not given.get("Publish"):
                return described(function, latest, now)
            version = self._versions.publish_latest(region, function, Change("create", now))
            return described(function, version, now) | {"FunctionArn": function.arn}

    @operation("GetFunction")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetFunction: the configuration, where the code is, tags and reserved concurrency if there are any."""
        found = self._read(request)
        function, version = found.function, found.version
        tagged: dict[str, Any] = {"Tags": function.tags} if function.tags else {}
        reserved = function.reserved_concurrency
        limited = {} if reserved is None else {"Concurrency": {"ReservedConcurrentExecutions": reserved}}
        code = self._code(function, version)
        return {"Configuration": found.configuration, "Code": code, **tagged, **limited}

    @operation("GetFunctionConfiguration")
    def configuration(self, request: Request) -> Mapping[str, Any]:
        """GetFunctionConfiguration."""
        return self._read(request).configuration

    @operation("ListFunctions")
    def list_functions(self, request: Request) -> Mapping[str, Any]:
        """ListFunctions: $LATEST of each, or all versions with FunctionVersion=ALL."""
        region, now = self._store.region(request.region), self._effects.clock.time()
        everything = request.given.get("FunctionVersion") == "ALL"
        with region.lock:
            found = [
                listed(function, version, now, version.number if everything else None)
                for _, function in sorted(region.functions.items())
                for version in (function.all_versions() if everything else [function.latest])
            ]
        return page(request, "Functions", found)

    @operation("DeleteFunction")
    def delete(self, request: Request) -> Answer:
        """DeleteFunction: the whole of it, or one version."""
        region, target = self._store.region(request.region), target_of(request)
        with region.lock:
            if target.qualifier is None:
                function_of(region, target)
                del region.functions[target.name]
            else:
                _delete_version(region, target)
        self._effects.tell_change()
        return Answer(204)

    # What they share.

    def _read(self, request: Request) -> _Found:
        """What is asked for; a waiter is told once the change is over, since it would ask again only seconds later."""
        found = self._find(request)
        if request.by_waiter and (left := found.version.change.left(self._effects.clock.time())):
            self._effects.pause(left)
            return self._find(request)
        return found

    def _find(self, request: Request) -> _Found:
        region, target = self._store.region(request.region), target_of(request)
        with region.lock:
            function = function_of(region, target)
            version = existing_version(function, target)
            now = self._effects.clock.time()
            return _Found(function, version, described(function, version, now, target.qualifier))

    def _code(self, function: StoredFunction, version: FunctionVersion) -> dict[str, str]:
        uri = version.package.image_uri
        if uri is None:
            return {"RepositoryType": "S3", "Location": self._effects.code_url(f"{function.arn}:{version.number}")}
        repository = re.split("[:@]", uri)[0]
        resolved = f"{repository}@sha256:{version.package.sha256}"
        return {"RepositoryType": "ECR", "ImageUri": uri, "ResolvedImageUri": resolved}


@dataclasses.dataclass(frozen=True)
class _Found:
    function: StoredFunction
    version: FunctionVersion
    configuration: dict[str, Any]


def _delete_version(region: Region, target: Target) -> None:
    number = target.qualifier or ""
    if number == LATEST:
        raise invalid_parameter("$LATEST version cannot be deleted without deleting the function.")
    if ALIAS.fullmatch(number):
        raise invalid_parameter("Deletion of aliases is not currently supported.")
    function = region.functions.get(target.name)
    if function is None:
        raise not_found(f"Function not found: {target.arn}")
    if using := [alias.name for alias in function.aliases.values() if number in (alias.version, *alias.weights)]:
        raise conflict(
            f"Unable to delete version because the following aliases reference it: [{', '.join(sorted(using))}]"
        )
    function.remove(number)
