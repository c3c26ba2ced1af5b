"""The layers of a function. https://docs.aws.amazon.com/lambda/latest/dg/adding-layers.html"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from labkit.control_plane.errors import invalid_parameter
from labkit.control_plane.store import LayerVersion, Region


def attached_layers(region: Region, arns: Sequence[str]) -> tuple[LayerVersion, ...]:
    """The layer versions with these ARNs; `ApiError` where a function can't have them, or not together."""
    if any(arn.split(":")[3] != region.name for arn in arns):
        where = f"Layers are expected to be in region {region.name}."
        raise invalid_parameter(f"Layers are not in the same region as the function. {where}")
    versions = tuple(_existing(region, arn) for arn in arns)
    for one, other in itertools.combinations(versions, 2):
        if one.layer_arn == other.layer_arn:
            raise invalid_parameter(
                "Two different versions of the same layer are not allowed to be referenced in the same function. "
                f"{one.arn} and {other.arn} are versions of the same layer."
            )
    return versions


def _existing(region: Region, arn: str) -> LayerVersion:
    version = region.layer_version(arn)
    if version is None:
        raise invalid_parameter(f"Layer version {arn} does not exist.")
    return version
