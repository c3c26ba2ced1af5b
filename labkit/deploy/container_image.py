"""A container image as OCI has it: a configuration, layers, and the manifest that names them by their digests.

https://github.com/opencontainers/image-spec
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labkit.mistake import Mistake
from labkit.runtime.image import BASE, MANIFEST

CONFIG = "application/vnd.oci.image.config.v1+json"
PIECE = 1 << 20  # bytes


class BadImageSource(Mistake, ValueError):
    """What an image is to be made of is not there, is damaged, or asks for what is not possible here."""


@dataclass(frozen=True)
class Blob:
    """A file that an image is made of."""

    path: Path
    media_type: str
    digest: str
    size: int

    @classmethod
    def of(cls, path: Path, media_type: str) -> Blob:
        """The blob that a file is."""
        return cls(path, media_type, digest_of(path), path.stat().st_size)

    def described(self) -> dict[str, Any]:
        """How a manifest names it."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size}


@dataclass(frozen=True)
class ContainerImage:
    """An image that can be pushed; `manifest` is its text."""

    config: Blob
    layers: tuple[Blob, ...]
    manifest: str
    media_type: str = MANIFEST
    base: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)  # what the configuration says

    @classmethod
    def of(cls, config: Blob, layers: Sequence[Blob], base: str = "") -> ContainerImage:
        """An image with a manifest of its own."""
        manifest: dict[str, Any] = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.described(),
            "layers": [layer.described() for layer in layers],
        }
        if base:
            manifest["annotations"] = {BASE: base}
        settings = json.loads(config.path.read_bytes())
        return cls(config, tuple(layers), json.dumps(manifest), base=base, settings=settings)


def digest_of(path: Path) -> str:
    """The digest of a file's content."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
