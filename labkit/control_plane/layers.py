"""Layers: published in versions, attached to functions.

https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.control_plane.configuration import lambda_time
from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import invalid_parameter
from labkit.control_plane.packages import package_of, refuse_package
from labkit.control_plane.request import Request
from labkit.control_plane.store import LayerVersion, Region, Store, StoredLayer

TOLD = ("Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo")


class Layers:
    """Answers the calls about layers."""

    def __init__(self, store: Store, effects: Effects):
        self._store = store
        self._effects = effects

    def publish(self, request: Request) -> Mapping[str, Any]:
        """PublishLayerVersion."""
        region, given = self._store.region(request.region), request.given
        package = package_of(given["Content"], self._effects.fetch_object)
        refuse_package(package)
        with region.lock:
            name = given["LayerName"].rpartition(":")[2]
            layer = region.layers.setdefault(name, StoredLayer(name, region.arn("layer", name)))
            layer.published += 1
            about = {key: given[key] for key in TOLD if given.get(key) is not None}
            version = LayerVersion(layer.arn, layer.published, package, self._effects.clock.time(), about)
            layer.versions[version.number] = version
        return _described(version)


def attached(region: Region, given: Mapping[str, Any]) -> tuple[LayerVersion, ...]:
    """The layer versions that `Layers` names; `ApiError` for one that does not exist."""
    return tuple(_existing(region, arn) for arn in given.get("Layers") or ())


def _existing(region: Region, arn: str) -> LayerVersion:
    layer_arn, _, number = arn.rpartition(":")
    layer = region.layers.get(layer_arn.rpartition(":")[2])
    version = layer.versions.get(int(number)) if layer and number.isdigit() else None
    if version is None or version.arn != arn:
        raise invalid_parameter(f"Layer version {arn} does not exist.")
    return version


def _described(version: LayerVersion) -> dict[str, Any]:
    return {
        "Content": {"CodeSha256": version.package.sha256, "CodeSize": version.package.size},
        "LayerArn": version.layer_arn,
        "LayerVersionArn": version.arn,
        "Version": version.number,
        "CreatedDate": lambda_time(version.created),
        **version.about,
    }
