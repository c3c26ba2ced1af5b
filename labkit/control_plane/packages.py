"""Where code comes from: the request itself, S3, or a container image."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from labkit import limits
from labkit.control_plane.errors import ApiError, invalid_parameter
from labkit.control_plane.store import Package

FetchObject = Callable[[str, str, str | None], bytes]


def package_of(code: Mapping[str, Any], fetch: FetchObject, unzipped_layers: int = 0) -> Package:
    """The package that ZipFile, S3Bucket and S3Key, or ImageUri name; `ApiError` when Lambda would not take it."""
    if uri := code.get("ImageUri"):
        return Package(hashlib.sha256(uri.encode()).hexdigest(), image_uri=uri)
    if code.get("ZipFile") is not None:  # checked with the request
        return zipped(code["ZipFile"])
    content = _fetched(code, fetch)
    if refused := limits.refusal(limits.check_package(content, layers_unzipped=unzipped_layers)):
        raise ApiError(refused.status, refused.code, refused.message, refused.type)
    return zipped(content)


def zipped(content: bytes) -> Package:
    """A package of these bytes."""
    return Package(base64.b64encode(hashlib.sha256(content).digest()).decode(), bytes(content))


def _fetched(code: Mapping[str, Any], fetch: FetchObject) -> bytes:
    try:
        return fetch(code.get("S3Bucket", ""), code.get("S3Key", ""), code.get("S3ObjectVersion"))
    except LookupError as error:
        kind, message = error.args
        raise invalid_parameter(
            f"Error occurred while GetObject. S3 Error Code: {kind}. S3 Error Message: {message}"
        ) from error
