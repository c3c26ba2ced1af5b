"""Unpacking a deployment package and layers into the folders of an environment."""

from __future__ import annotations

import errno
import io
import os
import stat
import zipfile
from collections.abc import Iterable
from pathlib import Path

OF_THE_PACKAGE = (
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EEXIST,
    errno.ENAMETOOLONG,
    errno.EINVAL,
)  # not the machine's fault


class BadPackage(ValueError):
    """A zip file that can't be unpacked."""


def unpack(archive: bytes, folder: Path) -> None:
    """Unpack a zip file into `folder` with its permissions; `BadPackage` when it is none or leads outside.

    What is there already is replaced. Links are made last, so nothing is written by way of one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    unpacking = _Unpacking(folder)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            for entry in opened.infolist():
                unpacking.take(entry, opened)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise BadPackage(f"the deployment package could not be unpacked: {error}") from error
    unpacking.make_links()


def unpack_all(archives: Iterable[bytes], folder: Path) -> None:
    """Unpack layers over each other in their order; a later one wins."""
    folder.mkdir(parents=True, exist_ok=True)
    for archive in archives:
        unpack(archive, folder)


class _Unpacking:
    """The entries of one archive on their way into a folder."""

    def __init__(self, folder: Path):
        self._folder = os.path.realpath(folder)
        self._made = {self._folder}
        self._links: dict[str, str] = {}

    def take(self, entry: zipfile.ZipInfo, opened: zipfile.ZipFile) -> None:
        """Write a file, make a folder, or note a link for later."""
        parts = [part for part in entry.filename.split("/") if part not in ("", ".", "..")]
        mode = entry.external_attr >> 16
        if not parts:
            return
        path = os.path.join(self._folder, *parts)
        try:
            if entry.filename.endswith("/"):
                self._make_folder(path)
            elif stat.S_ISLNK(mode):
                self._links[path] = os.fsdecode(opened.read(entry))
            else:
                self._make_folder(os.path.dirname(path))
                _write(path, opened.read(entry), (mode & 0o777) | 0o444)
        except OSError as error:
            raise self._explained(error, path) from error

    def make_links(self) -> None:
        """Make the links; `BadPackage` for one that leads out of the folder, whether it leads to anything or not."""
        for path, target in self._links.items():
            try:
                self._make_folder(os.path.dirname(path))
                if os.path.lexists(path):
                    os.unlink(path)
                os.symlink(target, path)
            except (OSError, ValueError) as error:
                raise self._explained(error, path) from error
        for path, target in self._links.items():
            if os.path.commonpath([os.path.realpath(path), self._folder]) != self._folder:
                name = os.path.relpath(path, self._folder)
                raise BadPackage(f"the link {name!r} leads to {target!r}, which is outside of the package")

    def _make_folder(self, path: str) -> None:
        if path not in self._made:
            os.makedirs(path, exist_ok=True)
            if os.path.realpath(path) != path:  # a link of an earlier layer is on the way
                raise OSError(errno.ENOTDIR, "a link is in the place of a folder")
            self._made.add(path)

    def _explained(self, error: OSError | ValueError, path: str) -> Exception:
        """What to raise: the package is to blame for a file in the place of a folder, the machine for a full disk."""
        if isinstance(error, OSError) and error.errno not in OF_THE_PACKAGE:
            return error
        name, reason = os.path.relpath(path, self._folder), getattr(error, "strerror", None) or error
        return BadPackage(f"the deployment package could not be unpacked: {name[:200]!r}: {reason}")


def _write(path: str, content: bytes, mode: int) -> None:
    with open(path, "wb", opener=lambda name, _: _created(name, mode)) as file:
        file.write(content)


def _created(path: str, mode: int) -> int:
    """The descriptor of a new file with exactly this mode, in the place of one that may be there."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags, mode)
    except FileExistsError:
        if os.path.isdir(path) and not os.path.islink(path):
            raise
        os.unlink(path)
        descriptor = os.open(path, flags, mode)
    if stat.S_IMODE(os.fstat(descriptor).st_mode) != mode:
        os.fchmod(descriptor, mode)
    return descriptor
