"""Container images made by hand, byte by byte of what the specification has, and pushed by ECR's own calls."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
OURS = "arm64" if platform.machine() in ("arm64", "aarch64") else "amd64"
ENTRY_POINT = ["/lambda-entrypoint.sh"]


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def file(name: str, mode: int = 0o644, **more: Any) -> tarfile.TarInfo:
    """An entry of a layer; `type` and `linkname` make it something other than a file."""
    entry = tarfile.TarInfo(name)
    entry.mode = mode
    for key, value in more.items():
        setattr(entry, key, value)
    return entry


def layer(files: Mapping[str | tarfile.TarInfo, str | bytes]) -> bytes:
    """A layer with these files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for entry, content in files.items():
            entry = file(entry) if isinstance(entry, str) else entry
            data = content.encode() if isinstance(content, str) else content
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(packed.getvalue(), mtime=0)


BASE = {file("var/lang/bin/python3.12", 0o755): "", file("lambda-entrypoint.sh", 0o755): "", "etc/os-release": "AL2023"}


@dataclass
class HandMade:
    """An image on Lambda's base image for Python, as far as it is one without its content."""

    layers: Sequence[Mapping[Any, Any]]
    config: Mapping[str, Any] = field(default_factory=dict)
    base: Mapping[Any, Any] = field(default_factory=lambda: BASE)
    architecture: str = OURS
    kind: str = LAYER

    def __post_init__(self) -> None:
        packed = [layer(each) for each in (self.base, *self.layers)]
        told = {"Entrypoint": ENTRY_POINT, "WorkingDir": "/var/task", "Cmd": ["app.handler"], **self.config}
        plain = [gzip.decompress(each) for each in packed]
        diffs = [digest(each) for each in plain]
        self.blobs = plain if self.kind.endswith("tar") else packed
        self.configuration = json.dumps({
            "architecture": self.architecture, "os": "linux", "config": told,
            "rootfs": {"type": "layers", "diff_ids": diffs},
        }).encode()  # fmt: skip
        self.manifest = json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": self._described(self.configuration, CONFIG),
            "layers": [self._described(each, self.kind) for each in self.blobs],
        })  # fmt: skip

    @staticmethod
    def _described(content: bytes, kind: str) -> dict[str, Any]:
        return {"mediaType": kind, "digest": digest(content), "size": len(content)}

    @property
    def digest(self) -> str:
        return digest(self.manifest.encode())

    def archive(self, path: Path, index: Mapping[str, Any] | None = None) -> Path:
        """An OCI layout in a tar, with another index where one is given."""
        alone = {"schemaVersion": 2, "manifests": [self._described(self.manifest.encode(), MANIFEST)]}
        files = {f"blobs/sha256/{digest(each)[7:]}": each for each in self._parts()}
        files |= {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": json.dumps(index or alone).encode()}
        return _written(path, files)

    def docker_archive(self, path: Path) -> Path:
        """What `docker save` wrote before it wrote a layout: layers that are not packed."""
        layers = {f"{number}/layer.tar": gzip.decompress(blob) for number, blob in enumerate(self.blobs)}
        saved = [{"Config": "config.json", "RepoTags": ["hello:latest"], "Layers": list(layers)}]
        files = {"manifest.json": json.dumps(saved).encode(), "config.json": self.configuration, **layers}
        return _written(path, files)

    def _parts(self) -> list[bytes]:
        return [self.manifest.encode(), self.configuration, *self.blobs]

    def push(self, ecr: Any, repository: str = "hello", tag: str = "latest") -> str:
        """Its URI, once it is in ECR."""
        if repository not in {each["repositoryName"] for each in ecr.describe_repositories()["repositories"]}:
            ecr.create_repository(repositoryName=repository)
        for content in (self.configuration, *self.blobs):
            upload(ecr, repository, content)
        ecr.put_image(repositoryName=repository, imageManifest=self.manifest, imageTag=tag)
        return f"{REGISTRY}/{repository}:{tag}"


def _written(path: Path, files: Mapping[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            entry = file(name, size=len(content))
            archive.addfile(entry, io.BytesIO(content))
    return path


def upload(ecr: Any, repository: str, content: bytes, called: str | None = None) -> None:
    """One layer, in two parts."""
    started = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
    middle = len(content) // 2
    for first, part in ((0, content[:middle]), (middle, content[middle:])):
        ecr.upload_layer_part(
            repositoryName=repository, uploadId=started, partFirstByte=first, partLastByte=first + len(part) - 1,
            layerPartBlob=part,
        )  # fmt: skip
    ecr.complete_layer_upload(repositoryName=repository, uploadId=started, layerDigests=[called or digest(content)])
