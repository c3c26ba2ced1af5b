"""Images in archives: an OCI layout in a tar, as buildx, skopeo and buildah write it, or what `docker save` writes.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import gzip
import json
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from labkit import facts
from labkit.deploy.container_image import CONFIG, BadImageSource, Blob, ContainerImage
from labkit.runtime.image import BASE, LAYER, MANIFEST

INDEXES = (
    "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
)  # fmt: skip
HOW = "Write one with: docker buildx build --platform linux/amd64 --provenance=false --output type=oci,dest=image.tar ."
ONE_IMAGE = (
    "Lambda takes one image for one architecture, so build with: docker buildx build --platform linux/amd64 "
    "--provenance=false"
)
GZIP = "build with: docker buildx build --output type=oci,dest=image.tar,compression=gzip,force-compression=true"
UNREADABLE = (tarfile.TarError, EOFError, OSError, ValueError, LookupError, TypeError, AttributeError)


def read_archive(path: Path, scratch: Path) -> ContainerImage:
    """The image of an archive, its parts copied to `scratch`; `BadImageSource` when it has none or is damaged."""
    try:
        with tarfile.open(path) as opened:
            return _Archive(path, opened, dict(_members(path, opened)), scratch).image()
    except UNREADABLE as error:
        if isinstance(error, BadImageSource):
            raise
        reason = "it is no tar archive" if isinstance(error, tarfile.ReadError) else repr(error)
        raise BadImageSource(f"{path} could not be read as an archive of an image: {reason}. {HOW}") from error


def _members(path: Path, opened: tarfile.TarFile) -> Iterator[tuple[str, tarfile.TarInfo]]:
    """What an archive has, by its names; `BadImageSource` when that is too much for an image."""
    most, size = facts.QUOTAS["image"].maximum or 0, 0
    for member in opened:
        size += member.size
        if size > most * (1 << 30):
            raise BadImageSource(f"{path} holds {size:,} bytes, and an image has at most {most} GB (fact NOTES-31)")
        if not member.isdir():
            yield member.name.removeprefix("./"), member


class _Archive:
    """An open archive, and where its parts are copied to."""

    def __init__(self, path: Path, opened: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo], scratch: Path):
        self._path = path
        self._opened = opened
        self._members = members
        self._scratch = scratch

    def image(self) -> ContainerImage:
        if "index.json" in self._members:
            return self._of_layout(self._json("index.json"))
        if "manifest.json" in self._members:
            return self._of_docker(self._json("manifest.json"))
        near = facts.close_matches("index.json", self._members)
        found = f" (it has {near[0]})" if near else ""
        raise BadImageSource(
            f"{self._path} is a tar archive, but of no image: it has neither an index.json nor a manifest.json{found}. "
            f"{HOW}"
        )

    def _of_layout(self, index: Mapping[str, Any]) -> ContainerImage:
        described = index.get("manifests") or []
        if len(described) != 1 or described[0].get("mediaType") in INDEXES:
            named = [_platform(each) for each in described]
            raise BadImageSource(
                f"{self._path} holds an index of images ({', '.join(named) or 'none'}), not one image. {ONE_IMAGE}"
            )
        manifest_blob = self._blob(described[0], MANIFEST)
        manifest = json.loads(manifest_blob.path.read_text())
        config = self._blob(manifest["config"], CONFIG)
        layers = tuple(self._blob(layer, LAYER) for layer in manifest["layers"])
        base = (manifest.get("annotations") or {}).get(BASE, "")
        if any(layer.media_type.endswith("zstd") for layer in layers):
            raise BadImageSource(f"the layers of {self._path} are packed with zstd, and Lambda takes gzip; {GZIP}")
        if any(
            layer.media_type.endswith("tar") for layer in layers
        ):  # as Docker saves them; a registry has them packed
            return ContainerImage.of(config, [_gzipped(layer.path) for layer in layers], base)
        settings, kind = json.loads(config.path.read_bytes()), manifest.get("mediaType", MANIFEST)
        return ContainerImage(config, layers, manifest_blob.path.read_text(), kind, base, settings)

    def _of_docker(self, images: list[Mapping[str, Any]]) -> ContainerImage:
        if len(images) != 1:
            raise BadImageSource(
                f"{self._path} holds {len(images)} images; save one: docker save NAME:TAG -o image.tar"
            )
        config = Blob.of(self._copied(images[0]["Config"]), CONFIG)
        return ContainerImage.of(config, [_gzipped(self._copied(name)) for name in images[0]["Layers"]])

    def _blob(self, described: Mapping[str, Any], kind: str) -> Blob:
        algorithm, _, value = described["digest"].partition(":")
        blob = Blob.of(self._copied(f"blobs/{algorithm}/{value}"), described.get("mediaType", kind))
        if blob.digest != described["digest"]:
            raise BadImageSource(f"{self._path} is damaged: {described['digest']} has another content")
        return blob

    def _json(self, name: str) -> Any:
        return json.loads(self._copied(name).read_text())

    def _copied(self, name: str) -> Path:
        member = self._members.get(name)
        content = self._opened.extractfile(member) if member else None
        if content is None:
            raise BadImageSource(f"{self._path} is damaged: it has no {name}")
        copied = self._scratch / name.replace("/", "_")
        with copied.open("wb") as file:
            shutil.copyfileobj(content, file)
        return copied


def _platform(described: Mapping[str, Any]) -> str:
    found = described.get("platform") or {}
    kind = described.get("mediaType") in INDEXES
    return "another index" if kind else "/".join(filter(None, [found.get("os"), found.get("architecture")])) or "?"


def _gzipped(path: Path) -> Blob:
    """The layer as a registry keeps it."""
    packed = path.with_name(f"{path.name}.gz")
    with path.open("rb") as file, packed.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as target:
        shutil.copyfileobj(file, target)
    return Blob.of(packed, LAYER)
