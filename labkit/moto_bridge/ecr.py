"""ECR: images as moto keeps them, and what moto does not keep: the layers' content and the true digests.

What moto lacks is a registry's HTTP API, which `docker push` speaks; images arrive by the calls of ECR's own API.
Errors are in the words of https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html and
API_CompleteLayerUpload.html. moto's module is imported where it is needed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from moto.core.utils import unix_time, utcnow

from labkit.moto_bridge.late import when_loaded
from labkit.moto_bridge.replaced import around

MODELS, RESPONSES = "moto.ecr.models", "moto.ecr.responses"
TOKEN_LIVES = timedelta(hours=12)
OTHER_DIGEST = (
    "The layer digest calculation performed by Amazon ECR upon receipt of the image layer does not match the digest "
    "specified."
)
OTHER_IMAGE_DIGEST = "The specified image digest does not match the digest that Amazon ECR calculated for the image."
NO_JSON = "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"
NO_LAYERS = "The specified layers could not be found, or the specified layer is not valid for this repository."


@dataclass(frozen=True)
class StoredImage:
    """An image of a repository: its digest, its manifest, and the files with its configuration and layers by digest."""

    digest: str
    manifest: Mapping[str, Any]
    blobs: Mapping[str, Path]


@dataclass
class _Blobs:
    """Where the content of layers is kept, by digest."""

    directory: Path = Path()

    def path(self, digest: str) -> Path:
        return self.directory / digest.partition(":")[2]

    def keep(self, digest: str, content: bytes | bytearray) -> None:
        self.directory.mkdir(exist_ok=True)
        unfinished = self.path(digest).with_suffix(".part")
        unfinished.write_bytes(content)
        unfinished.rename(self.path(digest))


_blobs = _Blobs()


def connect(directory: Path) -> None:
    """From now on keep the content of layers in this folder."""
    _blobs.directory = directory
    when_loaded(MODELS, _mend_images)
    when_loaded(RESPONSES, _mend_token)


def find_image(account: str, region: str, repository: str, reference: str) -> StoredImage | None:
    """The image with this tag or digest; None when there is none."""
    from moto.ecr.models import ecr_backends

    found = ecr_backends[account][region].repositories.get(repository)
    for image in found.images if found else ():
        digest = image.get_image_digest()
        if reference in (digest, *image.image_tags):
            manifest = json.loads(image.image_manifest)
            return StoredImage(digest, manifest, {name: _blobs.path(name) for name in _digests(manifest)})
    return None


def _digests(manifest: Mapping[str, Any]) -> Iterator[str]:
    """The digests of an image's configuration and layers; an index of images has none."""
    for described in (manifest.get("config"), *manifest.get("layers", ())):
        if described and "digest" in described:
            yield described["digest"]


def _digest(content: bytes | bytearray) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _mend_images() -> None:
    from moto.ecr.models import Image

    _mend_uploads()
    _mend_pushes()

    @around(Image, "_create_digest")
    def calculated(original: Any, image: Any) -> None:
        image._image_digest = _digest(image.image_manifest.encode())

    @around(Image, "get_image_size_in_bytes")
    def measured(original: Any, image: Any) -> int:
        return sum(layer["size"] for layer in json.loads(image.image_manifest).get("layers", ()))


def _mend_uploads() -> None:
    from moto.ecr.exceptions import InvalidParameterException as Refused  # moto takes the service from its module
    from moto.ecr.models import ECRBackend

    @around(ECRBackend, "complete_layer_upload")
    def kept(
        original: Any, backend: Any, repository_name: str, upload_id: str, layer_digests: Sequence[str],
        registry_id: str | None = None,
    ) -> Any:  # fmt: skip
        upload = backend._get_repository(repository_name, registry_id).uploads.get(upload_id)
        if upload is not None:
            digest = _digest(upload.layer_parts)
            if digest not in layer_digests:
                raise Refused("InvalidLayerException", OTHER_DIGEST)
            _blobs.keep(digest, upload.layer_parts)
        return original(backend, repository_name, upload_id, layer_digests, registry_id)


def _mend_pushes() -> None:
    from moto.ecr.exceptions import InvalidParameterException as Refused
    from moto.ecr.models import ECRBackend

    @around(ECRBackend, "put_image")
    def whole(
        original: Any, backend: Any, repository_name: str, image_manifest: str, image_tag: str,
        image_manifest_mediatype: str | None = None, digest: str | None = None,
    ) -> Any:  # fmt: skip
        repository = backend._get_repository(repository_name)
        if digest and digest != _digest(image_manifest.encode()):
            raise Refused("ImageDigestDoesNotMatchException", OTHER_IMAGE_DIGEST)
        if not _layers(image_manifest, Refused) <= set(repository.layers):
            raise Refused("LayersNotFoundException", NO_LAYERS)
        known = list(repository.images)
        tagged = [image for image in repository.images if image_tag in image.image_tags]
        put = original(backend, repository_name, image_manifest, image_tag, image_manifest_mediatype, digest)
        for image in tagged:  # moto removes an image whose last tag moves on; in ECR it stays, without one
            if image not in repository.images:
                image.image_tag, image.image_tags = None, []
                repository.images.insert(0, image)
        if put not in known:
            put.image_pushed_at = int(unix_time())
        return put


def _layers(manifest: str, refused: Callable[[str, str], Exception]) -> set[str]:
    """What a manifest names; an error for what is no manifest."""
    try:
        return set(_digests(json.loads(manifest)))
    except (ValueError, TypeError, AttributeError) as error:
        raise refused("InvalidParameterException", NO_JSON) from error


def _mend_token() -> None:
    from moto.ecr.responses import ECRResponse

    @around(ECRResponse, "get_authorization_token")
    def for_twelve_hours(original: Any, response: Any) -> Any:
        answer = original(response)
        for token in answer.result["authorizationData"]:
            token["expiresAt"] = utcnow() + TOKEN_LIVES
        return answer
