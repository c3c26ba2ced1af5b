"""The rules about a package: a zip's size, zipped and unzipped, and where its files would go; how an image is named.

Nothing is unpacked or fetched.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import PureWindowsPath

from labkit import facts
from labkit.limits.finding import TOO_LARGE, Finding, finding, invalid
from labkit.limits.request import Request

UNREADABLE = (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError, struct.error, OverflowError)
OPERATION = {"create_function": "CreateFunction", "update_function_code": "UpdateFunctionCode"}


def zipped_size(argument: str, request: Request) -> Iterator[Finding]:
    """A zip that is too large to be sent in the request itself, or that makes the request too large."""
    yield from sent(argument, request.code["ZipFile"], OPERATION[request.operation], request.size)


def sent(argument: str, data: bytes, operation: str, request_size: int) -> Iterator[Finding]:
    """The same of a zip in a request to this operation, by its name in the API."""
    quota, body = facts.QUOTAS["zip_direct"], facts.QUOTAS["create_request"]
    if not quota.allows(len(data)):
        yield _too_large(argument, len(data), quota, f"Zipped size must be smaller than {quota.maximum} bytes")
    elif not body.allows(request_size):
        message = f"Request must be smaller than {body.maximum} bytes for the {operation} operation"
        yield _too_large(argument, len(data), quota, message)


def zip_content(argument: str, request: Request) -> Iterator[Finding]:
    """What is in a zip that is sent in the request."""
    yield from content(argument, request.code["ZipFile"], request.layers_unzipped)


SOURCE_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/(?P<repository>[a-z0-9._/-]+)"
    r"(:(?P<tag>[\w.-]{1,128})|@(?P<digest>sha256:[0-9a-f]{64}))",
    re.ASCII,
)


def source_image(argument: str, request: Request) -> Iterator[Finding]:
    """A container image that isn't named as one in Amazon ECR."""
    uri = request.code["ImageUri"]
    if not SOURCE_IMAGE.fullmatch(uri):
        yield invalid(
            "NOTES-31", argument, f"Source image {uri} is not valid. Provide a valid source image.",
            given=repr(uri), allowed="ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY with :TAG or @sha256:DIGEST",
            message="Lambda takes images from a repository in Amazon ECR, named with a tag or a digest.",
            remedy="Push the image to ECR and give its whole URI.",
        )  # fmt: skip


def _too_large(argument: str, size: int, quota: facts.Quota, aws_message: str) -> Finding:
    return finding(
        quota.fact, argument, status=413, code=TOO_LARGE, aws_message=aws_message,
        given=f"{size:,} bytes", allowed=f"{quota.maximum:,} bytes zipped in the request itself",
        message="A zip travels inside the request only up to this size.",
        remedy="Upload it to S3 and give S3Bucket and S3Key; what counts then is the size unzipped.",
    )  # fmt: skip


def content(argument: str, data: bytes, layers_unzipped: int) -> Iterator[Finding]:
    """What the directory of a zip tells: whether it is one, how large it is unzipped, and names that lead outside."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except UNREADABLE:
        entries = None
    if not entries:
        yield _no_zip(argument, data, empty=not data or entries is not None)
        return
    yield from _unzipped(argument, sum(entry.file_size for entry in entries), layers_unzipped)
    if outside := [entry.filename for entry in entries if _leads_outside(entry.filename)]:
        yield invalid(
            "NOTES-30", argument, BROKEN,
            given=", ".join(map(repr, outside[:3])), allowed="names below the function's folder",
            message="These entries would be written outside the function's folder.",
            remedy="Zip the files with relative names, without ..", inferred=True,
        )  # fmt: skip


BROKEN = "Could not unzip uploaded file. Please check your file, then try to upload again."


def _no_zip(argument: str, data: bytes, empty: bool) -> Finding:
    return invalid(
        "NOTES-30", argument, "Uploaded file must be a non-empty zip" if empty else BROKEN,
        given=f"{len(data):,} bytes that hold no file" if empty else f"{len(data):,} bytes that are no zip archive",
        allowed="a zip archive with the function's files",
        message="Lambda unpacks the package into the function's folder.",
        remedy="Zip the files themselves, not their text: zipfile.ZipFile in Python, zip in a shell.",
    )  # fmt: skip


def _unzipped(argument: str, size: int, layers: int) -> Iterator[Finding]:
    quota = facts.QUOTAS["unzipped"]
    if size < quota.maximum and quota.allows(size + layers):
        return
    message = f"Unzipped size must be smaller than {quota.maximum} bytes"
    if size < quota.maximum:
        message = (
            f"Function code combined with layers exceeds the maximum allowed size of {quota.maximum} bytes. "
            f"The actual size is {size + layers} bytes."
        )
    yield invalid(
        quota.fact, argument, message,
        given=f"{size:,} bytes unzipped" + (f" and {layers:,} in layers" if layers else ""),
        allowed=f"{quota.maximum:,} bytes unzipped, layers included",
        message="The package and all its layers are unpacked into each environment.",
        remedy=f"Leave out what isn't imported, or use a container image (up to {facts.QUOTAS['image'].maximum} GB).",
    )  # fmt: skip


def _leads_outside(name: str) -> bool:
    path = PureWindowsPath(name)  # knows both kinds of slash, and drives
    return bool(path.anchor) or ".." in path.parts
