"""Functions: created, read, updated, listed and deleted.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html and the pages beside it
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labkit.control_plane import layers, tags
from labkit.control_plane.configuration import described, initial_settings, listed, updated_settings
from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import conflict, invalid_parameter, not_found
from labkit.control_plane.names import ALIAS, Target, existing_version, function_of, target_of
from labkit.control_plane.packages import package_of
from labkit.control_plane.pages import page
from labkit.control_plane.request import Request
from labkit.control_plane.store import LATEST, Change, FunctionVersion, Package, Region, Store, StoredFunction
from labkit.control_plane.versions import Versions, refuse_other_revision
from labkit.moto_bridge.server import Answer

NOT_ASSUMED = "The role defined for the function cannot be assumed by Lambda."
CODE_SOURCES = ("ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri")


class Functions:
    """Answers the calls that create, read, update, list and delete functions."""

    def __init__(self, store: Store, effects: Effects, versions: Versions):
        self._store = store
        self._effects = effects
        self._versions = versions

    def create(self, request: Request) -> Mapping[str, Any]:
        """CreateFunction; the answer tells of a function that is still being created."""
        given, target = request.given, target_of(request)
        region, now = self._store.region(request.region), self._effects.clock.time()
        self._refuse_role(given["Role"])
        attached = layers.attached(region, given)
        package = package_of(given["Code"], self._effects.fetch_object, layers.unzipped(attached))
        latest = FunctionVersion(
            LATEST, package, attached, initial_settings(given), modified=now, change=Change("create", now)
        )
        function = StoredFunction(target.name, target.arn, latest, tags.initial(given.get("Tags") or {}))
        with region.lock:
            if target.name in region.functions:
                raise conflict(f"Function already exist: {target.name}")
            region.functions[target.name] = function
            if not given.get("Publish"):
                return described(function, latest, now)
            version = self._versions.publish_latest(region, function, Change("create", now))
            return described(function, version, now) | {"FunctionArn": function.arn}

    def get(self, request: Request) -> Mapping[str, Any]:
        """GetFunction: the configuration, where the code is, tags and reserved concurrency if there are any."""
        found = self._read(request)
        function, version = found.function, found.version
        tagged: dict[str, Any] = {"Tags": function.tags} if function.tags else {}
        reserved = function.reserved_concurrency
        limited = {} if reserved is None else {"Concurrency": {"ReservedConcurrentExecutions": reserved}}
        code = self._code(request.region, function.name, version)
        return {"Configuration": found.configuration, "Code": code, **tagged, **limited}

    def configuration(self, request: Request) -> Mapping[str, Any]:
        """GetFunctionConfiguration."""
        return self._read(request).configuration

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

    def update_configuration(self, request: Request) -> Mapping[str, Any]:
        """UpdateFunctionConfiguration."""
        given = request.given
        if given.get("Role"):
            self._refuse_role(given["Role"])

        def changed(region: Region, latest: FunctionVersion) -> FunctionVersion:
            attached = layers.attached(region, given) if given.get("Layers") is not None else latest.layers
            return dataclasses.replace(latest, settings=updated_settings(latest.settings, given), layers=attached)

        return self._update(request, changed)

    def update_code(self, request: Request) -> Mapping[str, Any]:
        """UpdateFunctionCode; with DryRun nothing is stored."""
        given = request.given

        def changed(region: Region, latest: FunctionVersion) -> FunctionVersion:
            _refuse_other_package_type(given, latest.settings["PackageType"])
            package = latest.package
            if any(given.get(name) is not None for name in CODE_SOURCES):
                package = package_of(given, self._effects.fetch_object, layers.unzipped(latest.layers))
            architectures = {"Architectures": given["Architectures"]} if given.get("Architectures") else {}
            return dataclasses.replace(latest, package=package, settings={**latest.settings, **architectures})

        return self._update(request, changed)

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
        region, target = self._store.region(request.region), target_of(request)
        with region.lock:
            function = function_of(region, target)
            version = existing_version(function, target)
            now = self._effects.clock.time()
            return _Found(function, version, described(function, version, now, target.qualifier))

    def _update(
        self, request: Request, changed: Callable[[Region, FunctionVersion], FunctionVersion]
    ) -> Mapping[str, Any]:
        """Change $LATEST, and publish it where that is asked for; the answer tells of an update under way."""
        region, now = self._store.region(request.region), self._effects.clock.time()
        with region.lock:
            function = function_of(region, target_of(request))
            latest = function.latest
            refuse_other_revision(request, latest.change.revision_id(now))
            if latest.change.kind == "update" and latest.change.under_way(now):
                raise conflict(
                    "The operation cannot be performed at this time. An update is in progress for resource: "
                    f"{function.arn}"
                )
            updated = dataclasses.replace(changed(region, latest), modified=now, change=Change("update", now))
            if request.given.get("DryRun"):
                return described(function, updated, now)
            function.latest = updated
            if request.given.get("Publish"):
                version = self._versions.publish_latest(region, function, Change("create", now))
                return described(function, version, now)
            return described(function, updated, now)

    def _refuse_role(self, role_arn: str) -> None:
        if not self._effects.can_assume(role_arn):
            raise invalid_parameter(NOT_ASSUMED)

    def _code(self, region: str, name: str, version: FunctionVersion) -> dict[str, str]:
        uri = version.package.image_uri
        if uri is None:
            return {"RepositoryType": "S3", "Location": self._effects.code_url(region, name, version.number)}
        repository = uri.partition("@")[0].rpartition(":")[0] or uri
        resolved = f"{repository}@sha256:{version.package.sha256}"
        return {"RepositoryType": "ECR", "ImageUri": uri, "ResolvedImageUri": resolved}


@dataclasses.dataclass(frozen=True)
class _Found:
    function: StoredFunction
    version: FunctionVersion
    configuration: dict[str, Any]


def package_at(store: Store, region: str, name: str, number: str) -> Package | None:
    """The package of a function's version, None when there is no such version."""
    function = store.region(region).functions.get(name)
    version = function.version(number) if function else None
    return version.package if version else None


def _refuse_other_package_type(given: Mapping[str, Any], package_type: str) -> None:
    if package_type == "Image" and not given.get("ImageUri"):
        raise invalid_parameter("Please provide ImageUri when updating a function with packageType Image.")
    if package_type == "Zip" and given.get("ImageUri"):
        raise invalid_parameter("Please don't provide ImageUri when updating a function with packageType Zip.")


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
        raise conflict(f"Version {number} of the function is used by: {', '.join(_alias_arns(function, using))}")
    function.remove(number)


def _alias_arns(function: StoredFunction, names: Sequence[str]) -> list[str]:
    return [f"{function.arn}:{name}" for name in names]
