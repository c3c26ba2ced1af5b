"""Container images: found in ECR when a function is made of one, and pinned to the digest that their tag has then.

Refusals as users report them: of an image that is not there, is in another region, or is an index of several (words and
source: github.com/aws/aws-cdk/issues/24648, awsdocs/aws-lambda-developer-guide/pull/230 and their like); those about
another account and about the size are AWS's for other causes, and inferred here.
https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from labkit import facts
from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import ApiError, invalid_parameter
from labkit.control_plane.packages import package_of
from labkit.control_plane.request import Request
from labkit.control_plane.store import Package
from labkit.limits.package import SOURCE_IMAGE
from labkit.moto_bridge.ecr import StoredImage
from labkit.runtime.image import BASE, DOCKER_MANIFEST, LAYER, MANIFEST, Image

MANIFESTS = (DOCKER_MANIFEST, MANIFEST)
LAYERS = (
    "application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.oci.image.layer.v1.tar", LAYER,
)  # fmt: skip
MALFORMED = (LookupError, TypeError, AttributeError, ValueError)  # of JSON that is no manifest or configuration
NO_ACCESS = "Lambda does not have permission to access the ECR image. Check the ECR permissions."


def code_of(code: Mapping[str, Any], effects: Effects, request: Request) -> Package:
    """The package that a function is to be made of; `ApiError` when it is not there."""
    uri = code.get("ImageUri")
    return _package_of_image(uri, effects, request) if uri else package_of(code, effects.fetch_object)


def _package_of_image(uri: str, effects: Effects, request: Request) -> Package:
    """The package that an image is, whose URI is well formed; `ApiError` for one that Lambda does not take."""
    named = SOURCE_IMAGE.fullmatch(uri)
    if named is None or named["region"] != request.region:
        raise invalid_parameter(f"Source image {uri} is not valid. Provide a valid source image.")
    if named["account"] != request.account:
        raise ApiError(403, "AccessDeniedException", NO_ACCESS)
    found = effects.find_image(request.region, named["repository"], named["tag"] or named["digest"])
    if found is None:
        raise invalid_parameter(f"Source image {uri} does not exist. Provide a valid source image.")
    try:
        _refuse_too_large(uri, found.manifest)
        return Package(found.digest.partition(":")[2], image_uri=uri, image=_image(found))
    except MALFORMED as error:
        raise invalid_parameter(
            f"The image manifest, config or layer media type for the source image {uri} is not supported."
        ) from error


def configured(image: Image, settings: Mapping[str, Any]) -> Image:
    """The image with what ImageConfig puts in the place of its own settings."""
    given = settings.get("ImageConfig") or {}
    return dataclasses.replace(
        image,
        entry_point=tuple(given.get("EntryPoint") or image.entry_point),
        command=tuple(given.get("Command") or image.command),
        working_directory=given.get("WorkingDirectory") or image.working_directory,
    )


def _refuse_too_large(uri: str, manifest: Mapping[str, Any]) -> None:
    most = facts.QUOTAS["image"].maximum or 0
    if _size(manifest) > most * (1 << 30):
        raise invalid_parameter(f"Source image {uri} is not valid. An image has at most {most} GB, uncompressed.")


def _size(manifest: Mapping[str, Any]) -> int:
    return sum(int(layer["size"]) for layer in manifest["layers"])


def _image(found: StoredImage) -> Image:
    """What the image is; one of `MALFORMED` for an index of images, or what has not the form of one."""
    layers = found.manifest["layers"]
    kinds = {layer["mediaType"] for layer in layers}
    if found.manifest.get("mediaType", MANIFEST) not in MANIFESTS or not layers or not kinds <= set(LAYERS):
        raise ValueError("a manifest or layers that Lambda does not take")
    config = json.loads(found.blobs[found.manifest["config"]["digest"]].read_bytes())
    labels = (config.get("config") or {}).get("Labels") or {}
    base = (found.manifest.get("annotations") or {}).get(BASE) or labels.get(BASE, "")
    files = [found.blobs[layer["digest"]] for layer in layers]
    return Image.of(config, files, _size(found.manifest), base)
