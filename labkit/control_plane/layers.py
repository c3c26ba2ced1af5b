"""Layers: published in versions, which are read, listed and deleted.

Answers as AWS was recorded to give them (November 2025); of ListLayers only the errors are recorded. That lists leave
out a description that was not given is what moto's tests found on AWS; the words about missing content are inferred.
https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html and the pages beside it
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit import limits
from labkit.control_plane.configuration import lambda_time
from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import ApiError, invalid_parameter, not_found, refuse
from labkit.control_plane.packages import package_of, refuse_package
from labkit.control_plane.pages import page
from labkit.control_plane.request import Request, operation
from labkit.control_plane.store import LayerVersion, Region, Store, StoredLayer

TOLD = ("Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo")
FILTERS = {"CompatibleRuntime": "CompatibleRuntimes", "CompatibleArchitecture": "CompatibleArchitectures"}


class Layers:
    """Answers the calls about layers."""

    def __init__(self, store: Store, effects: Effects):
        self._store = store
        self._effects = effects

    @operation("PublishLayerVersion")
    def publish(self, request: Request) -> Mapping[str, Any]:
        """PublishLayerVersion: always a new version, whose number was never given before."""
        region, given = self._store.region(request.region), request.given
        name = layer_name(region, given["LayerName"])
        if all(given["Content"].get(name) is None for name in ("ZipFile", "S3Bucket")):
            raise invalid_parameter("Missing Content")
        refuse(limits.check_layer_upload(given["Content"].get("ZipFile") or b"", request_size=request.size))
        package = package_of(given["Content"], self._effects.fetch_object)
        refuse_package(package)
        about = {key: given[key] for key in TOLD if given.get(key) is not None}
        with region.lock:
            layer = region.layers.setdefault(name, StoredLayer(name, region.arn("layer", name)))
            layer.published += 1
            version = LayerVersion(layer.arn, layer.published, package, self._effects.clock.time(), about)
            layer.versions[version.number] = version
        return self._described(version)

    @operation("GetLayerVersion")
    def get(self, request: Request) -> Mapping[str, Any]:
        """GetLayerVersion."""
        region = self._store.region(request.region)
        name, number = named_version(region, request.given)
        return self._existing(region, f"{region.arn('layer', name)}:{number}")

    @operation("GetLayerVersionByArn")
    def get_by_arn(self, request: Request) -> Mapping[str, Any]:
        """GetLayerVersionByArn."""
        return self._existing(self._store.region(request.region), request.given["Arn"])

    @operation("DeleteLayerVersion")
    def delete(self, request: Request) -> None:
        """DeleteLayerVersion; one that does not exist is no error, and functions that have it keep it."""
        region = self._store.region(request.region)
        name, number = named_version(region, request.given)
        with region.lock:
            if layer := region.layers.get(name):
                layer.versions.pop(number, None)
                layer.policies.pop(number, None)

    @operation("ListLayerVersions")
    def list_versions(self, request: Request) -> Mapping[str, Any]:
        """ListLayerVersions: the newest first."""
        region = self._store.region(request.region)
        with region.lock:
            layer = region.layers.get(layer_name(region, request.given["LayerName"]))
            found = [_listed(version) for version in _matching(layer, request.given)] if layer else []
        return page(request, "LayerVersions", found)

    @operation("ListLayers")
    def list_layers(self, request: Request) -> Mapping[str, Any]:
        """ListLayers: those that have a version that fits, each with the newest that does."""
        region = self._store.region(request.region)
        with region.lock:
            found = [
                {"LayerName": name, "LayerArn": layer.arn, "LatestMatchingVersion": _listed(versions[0])}
                for name, layer in sorted(region.layers.items())
                if (versions := _matching(layer, request.given))
            ]
        return page(request, "Layers", found)

    def _existing(self, region: Region, arn: str) -> dict[str, Any]:
        version = region.layer_version(arn)
        if version is None:
            raise not_found("The resource you requested does not exist.")
        return self._described(version)

    def _described(self, version: LayerVersion) -> dict[str, Any]:
        content = {
            "CodeSha256": version.package.sha256,
            "CodeSize": version.package.size,
            "Location": self._effects.code_url(version.arn),
        }
        return {"LayerArn": version.layer_arn, "Content": content, "Description": "", **_listed(version)}


# Which layer is meant.


def layer_name(region: Region, given: str) -> str:
    """The layer's name, from that or its ARN; `ApiError` for a layer of another account or region (words inferred)."""
    name = given.rpartition(":")[2]
    if given not in (name, region.arn("layer", name)):
        raise ApiError(403, "AccessDeniedException", None, None)
    return name


def named_version(region: Region, given: Mapping[str, Any]) -> tuple[str, int]:
    """The layer and number that `LayerName` and `VersionNumber` name; `ApiError` for a number below 1."""
    number: int = given["VersionNumber"]
    if number < 1:
        raise invalid_parameter("Layer Version Cannot be less than 1")
    return layer_name(region, given["LayerName"]), number


def _matching(layer: StoredLayer, given: Mapping[str, Any]) -> list[LayerVersion]:
    """The versions that say that they suit the runtime and the architecture asked for, the newest first."""
    wanted = {told: given[asked] for asked, told in FILTERS.items() if given.get(asked)}
    return [
        version
        for _, version in sorted(layer.versions.items(), reverse=True)
        if all(value in version.about.get(told, ()) for told, value in wanted.items())
    ]


def _listed(version: LayerVersion) -> dict[str, Any]:
    return {
        "LayerVersionArn": version.arn,
        "Version": version.number,
        "CreatedDate": lambda_time(version.created),
        **version.about,
    }
