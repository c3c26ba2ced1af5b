"""Pushing an image to ECR by its own API, since `docker push` needs the HTTP API of a registry, which moto hasn't.

Each layer goes in parts, then the manifest: https://docs.aws.amazon.com/AmazonECR/latest/APIReference
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError, NoRegionError

from labkit.deploy.container_image import BadImageSource, Blob, ContainerImage
from labkit.facts import close_matches
from labkit.mistake import BadValue, Mistake
from labkit.runtime.launcher import guard

NAME = re.compile(
    r"(?:(?P<registry>\d{12}\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com)/)?"
    r"(?P<repository>(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*)(?::(?P<tag>\w[\w.-]{0,127}))?",
    re.ASCII,
)


class NoRepository(Mistake, LookupError):
    """There is no repository of this name, or no account to have one."""


class Registry:
    """The repository and tag of a name such as `hello:1`, in the account that boto3 talks to.

    `BadValue` for what is no such name, `NoRepository` when it leads to none.
    """

    def __init__(self, name: str):
        found = NAME.fullmatch(name)
        if found is None:
            raise BadValue(
                f"an image is named like hello, hello:1 or a repository's URI with a tag, in small letters; "
                f"{name!r} was given"
            )
        self._repository, self._tag = found["repository"], found["tag"] or "latest"
        self._ecr = _client(found["region"])
        self._uri = self._found_repository()

    def push(self, image: ContainerImage) -> str:
        """Upload what the repository has not; the image's URI."""
        for blob in (image.config, *image.layers):
            if not self._has(blob):
                self._upload(blob)
        try:
            self._ecr.put_image(
                repositoryName=self._repository, imageManifest=image.manifest, imageTag=self._tag,
                imageManifestMediaType=image.media_type,
            )  # fmt: skip
        except ClientError as error:
            if error.response["Error"]["Code"] != "ImageAlreadyExistsException":
                raise
            self._refuse_immutable(image, error)
        return f"{self._uri}:{self._tag}"

    def _found_repository(self) -> str:
        known = {each["repositoryName"]: each["repositoryUri"] for each in _repositories(self._ecr)}
        if self._repository not in known:
            close = close_matches(self._repository, known)
            first = f'create it first: boto3.client("ecr").create_repository(repositoryName="{self._repository}")'
            hint = f"did you mean {' or '.join(close)}?" if close else first
            raise NoRepository(f"there is no repository {self._repository!r} in this account; {hint}")
        return str(known[self._repository])

    def _has(self, blob: Blob) -> bool:
        found = self._ecr.batch_check_layer_availability(repositoryName=self._repository, layerDigests=[blob.digest])
        return bool(found["layers"])

    def _upload(self, blob: Blob) -> None:
        started = self._ecr.initiate_layer_upload(repositoryName=self._repository)
        about = {"repositoryName": self._repository, "uploadId": started["uploadId"]}
        first = 0
        with blob.path.open("rb") as file:
            while part := file.read(started["partSize"]):
                last = first + len(part) - 1
                self._ecr.upload_layer_part(**about, partFirstByte=first, partLastByte=last, layerPartBlob=part)
                first = last + 1
        self._ecr.complete_layer_upload(**about, layerDigests=[blob.digest])

    def _refuse_immutable(self, image: ContainerImage, error: ClientError) -> None:
        """`BadImageSource` unless the tag is this very image's already."""
        found = self._ecr.batch_get_image(repositoryName=self._repository, imageIds=[{"imageTag": self._tag}])
        if found["images"][0]["imageManifest"] != image.manifest:
            raise BadImageSource(
                f"the tags of {self._repository} can't be moved (IMMUTABLE), and {self._tag} is another image's; "
                "choose a new tag"
            ) from error


def _client(region: str | None) -> Any:
    try:
        client = boto3.client("ecr", region_name=region)
    except NoRegionError:
        client = None
    if client is None or not guard.is_loopback(urlsplit(client.meta.endpoint_url).hostname):
        raise NoRepository("there is no account to push an image to; start one with labkit.start() or %load_ext labkit")
    return client


def _repositories(client: Any) -> list[dict[str, Any]]:
    return [each for page in client.get_paginator("describe_repositories").paginate() for each in page["repositories"]]
