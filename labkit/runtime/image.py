"""A container image: what its configuration says, and its layers unpacked over each other.

Nothing of an image's operating system is used, since the function sees this machine's: what the layers have in its
folders is left out. https://github.com/opencontainers/image-spec/blob/main/layer.md
"""

from __future__ import annotations

import os
import shutil
import tarfile
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from labkit import facts
from labkit.runtime.package import OF_THE_PACKAGE, BadPackage

OF_THE_MACHINE = (
    "usr", "etc", "bin", "sbin", "lib", "lib32", "lib64", "dev", "proc", "sys", "run", "boot", "tmp", ".old",
)  # fmt: skip
WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"
MOST_LINKS = 40  # on the way to one file, as Linux has it
UNREADABLE = (tarfile.TarError, EOFError, zlib.error, ValueError)
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
BASE = "org.opencontainers.image.base.name"  # the annotation or label that names the image it was built on
ARCHITECTURES = {"amd64": "x86_64", "arm64": "arm64"}  # what an image's are called by Lambda
OF_IMAGES = {called: name for name, called in ARCHITECTURES.items()}  # and the other way round
_unpacking = threading.Lock()


class BadImage(BadPackage):
    """An image whose layers can't be unpacked."""


@dataclass(frozen=True)
class Image:
    """A container image as an environment needs it.

    `layers` are files, the lowest first; `size` is theirs in bytes. `base` is the image that it says it was built on,
    empty where it does not. `architecture` is Lambda's name for it.
    """

    layers: tuple[Path, ...]
    size: int
    architecture: str
    base: str = ""
    entry_point: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    working_directory: str = ""
    environment: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, config: Mapping[str, Any], layers: Sequence[Path], size: int, base: str) -> Image:
        """The image with this configuration, as OCI and Docker write it."""
        inner = config.get("config") or {}
        architecture = str(config.get("architecture", ""))
        variables = (entry.partition("=") for entry in inner.get("Env") or ())
        return cls(
            layers=tuple(layers),
            size=size,
            base=base,
            architecture=ARCHITECTURES.get(architecture, architecture),
            entry_point=tuple(inner.get("Entrypoint") or ()),
            command=tuple(inner.get("Cmd") or ()),
            working_directory=inner.get("WorkingDir") or "",
            environment=tuple((name, value) for name, _, value in variables),
        )


def unpack_image(image: Image, folder: Path) -> None:
    """Unpack the layers into `folder`, once for all environments; `BadImage` for what can't be unpacked.

    The size is held to fact NOTES-31's limit.
    """
    with _unpacking:
        if folder.exists():
            return
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        tree = _Tree(unfinished)
        for layer in image.layers:
            tree.apply(layer)
        tree.add_task()
        unfinished.rename(folder)


def inside(root: Path, path: str | PurePosixPath) -> Path:
    """Where a path of the image is below `root`; links lead from there, so never out of it (`BadImage`: in a circle).

    The last part may be missing.
    """
    found, waiting, links = Path(root), _parts(path), 0
    while waiting:
        part = waiting.pop(0)
        if part == "..":
            found = found if found == root else found.parent
            continue
        found = found / part
        if found.is_symlink():
            links += 1
            if links > MOST_LINKS:
                raise BadImage(f"the image's links to {path} lead in a circle")
            target = os.readlink(found)
            found = root if target.startswith("/") else found.parent
            waiting = _parts(target) + waiting
    return found


def _parts(path: str | PurePosixPath) -> list[str]:
    return [part for part in PurePosixPath(path).parts if part not in ("/", ".", "//")]


class _Tree:
    """The files of an image while its layers are applied."""

    def __init__(self, root: Path):
        self._root = root
        self._left = (facts.QUOTAS["image"].maximum or 0) * (1 << 30)

    def apply(self, layer: Path) -> None:
        """Lay one layer over what is there."""
        own: set[Path] = set()  # what an opaque folder of this layer keeps
        try:
            with tarfile.open(layer, "r|*") as archive:
                for entry in archive:
                    self._take(entry, archive, own)
        except OSError as error:
            if error.errno not in OF_THE_PACKAGE:
                raise
            raise BadImage(f"a layer of the image could not be unpacked: {error.strerror}") from error
        except UNREADABLE as error:
            raise BadImage(f"a layer of the image could not be unpacked: {error}") from error

    def add_task(self) -> None:
        """Make /var/task where the image has none."""
        try:
            inside(self._root, "/var/task").mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise BadImage("/var/task of the image is no folder") from error

    def _take(self, entry: tarfile.TarInfo, archive: tarfile.TarFile, own: set[Path]) -> None:
        self._left -= entry.size
        if self._left < 0:
            most = facts.QUOTAS["image"].maximum
            raise BadImage(f"the image is larger than {most} GB when its layers are unpacked (fact NOTES-31)")
        parts = _parts(entry.name)
        if ".." in parts:
            raise BadImage(f"the image has a file {entry.name!r}, which would be outside of it")
        if not parts or parts[0] in OF_THE_MACHINE:
            return
        folder, name = inside(self._root, PurePosixPath(*parts[:-1])), parts[-1]
        if name.startswith(WHITEOUT):
            self._take_away(folder, name, own)
            return
        path = folder / name
        folder.mkdir(parents=True, exist_ok=True)
        if not (entry.isdir() and path.is_dir() and not path.is_symlink()):
            _remove(path)
        self._make(entry, archive, path)
        own.add(path)

    def _make(self, entry: tarfile.TarInfo, archive: tarfile.TarFile, path: Path) -> None:
        """Make what the entry is; devices and the like are left out."""
        if entry.isdir():
            path.mkdir(exist_ok=True)
            path.chmod(entry.mode & 0o777 | 0o700)  # so that it can be filled
        elif entry.issym():
            path.symlink_to(entry.linkname)
        elif entry.islnk():
            target = inside(self._root, entry.linkname)
            if target.is_file():  # it may be one of those that are left out
                os.link(target, path)
        elif entry.isfile():
            content = archive.extractfile(entry)
            assert content is not None, "a file has content"
            with path.open("wb") as file:
                shutil.copyfileobj(content, file)
            path.chmod(entry.mode & 0o777)

    def _take_away(self, folder: Path, name: str, own: set[Path]) -> None:
        """Carry out a whiteout: a file of a lower layer is gone, or all that a folder had."""
        if name != OPAQUE:
            _remove(folder / name.removeprefix(WHITEOUT))
            return
        for path in _lower(folder, own):
            _remove(path)


def _lower(folder: Path, own: set[Path]) -> Iterator[Path]:
    """What a folder has from lower layers."""
    for path in list(folder.iterdir()) if folder.is_dir() else ():
        if path not in own:
            yield path
        elif path.is_dir() and not path.is_symlink():
            yield from _lower(path, own)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.is_symlink() or path.exists():
        path.unlink()
