"""Where code comes from: the request itself or S3."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from labkit import limits
from labkit.control_plane.errors import invalid_parameter, refuse
from labkit.control_plane.names import RESOURCE
from labkit.control_plane.store import LATEST, LayerVersion, Package, Store

FetchObject = Callable[[str, str, str | None], bytes]


def package_of(code: Mapping[str, Any], fetch: FetchObject) -> Package:
    """The package that ZipFile, or S3Bucket and S3Key name; `ApiError` when it is not there."""
    if code.get("ZipFile") is None and not code.get("S3Bucket"):
        raise invalid_parameter("Please provide a source for function code.")
    return zipped(code["ZipFile"] if code.get("ZipFile") is not None else _fetched(code, fetch))


def refuse_package(package: Package, layers: Iterable[LayerVersion] = ()) -> None:
    """`ApiError` for a zip that Lambda would not unpack, or that is too large together with these layers."""
    if package.image_uri is None:
        size = sum(unzipped_size(layer.package) for layer in layers)
        refuse(limits.check_package(package.content, layers_unzipped=size))


def unzipped_size(package: Package) -> int:
    """How many bytes a zip unpacks to."""
    with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def zipped(content: bytes) -> Package:
    """A package of these bytes."""
    return Package(base64.b64encode(hashlib.sha256(content).digest()).decode(), bytes(content))


def package_at(store: Store, arn: str) -> Package | None:
    """The package of a function's or a layer's version, by its ARN; None when there is no such version."""
    found = RESOURCE.fullmatch(arn)
    if found is None:
        return None
    region = store.region(found["region"])
    if found["kind"] == "layer":
        layer = region.layer_version(arn)
        return layer.package if layer else None
    function = region.functions.get(found["name"])
    version = function.version(found["qualifier"] or LATEST) if function else None
    return version.package if version else None


def _fetched(code: Mapping[str, Any], fetch: FetchObject) -> bytes:
    try:
        return fetch(code.get("S3Bucket", ""), code.get("S3Key", ""), code.get("S3ObjectVersion"))
    except LookupError as error:
        kind, message = error.args
        raise invalid_parameter(
            f"Error occurred while GetObject. S3 Error Code: {kind}. S3 Error Message: {message}"
        ) from error
