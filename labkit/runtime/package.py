"""Unpacking a deployment package and layers into the folders of an environment."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterable
from pathlib import Path


class BadPackage(ValueError):
    """A zip file that can't be unpacked."""


def unpack(archive: bytes, folder: Path) -> None:
    """Unpack a zip file into `folder` with its permissions; `BadPackage` when it is none or leads outside."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            for entry in opened.infolist():
                _unpack_entry(opened, entry, folder)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise BadPackage(f"the deployment package could not be unpacked: {error}") from error


def unpack_all(archives: Iterable[bytes], folder: Path) -> None:
    """Unpack layers over each other in their order; a later one wins."""
    folder.mkdir(parents=True, exist_ok=True)
    for archive in archives:
        unpack(archive, folder)


def _unpack_entry(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode):
        raise BadPackage(f"the deployment package contains the link {entry.filename!r}, which the kit does not follow")
    path = Path(opened.extract(entry, folder))  # zipfile drops '..' and a leading '/'
    if not entry.is_dir():
        path.chmod((mode & 0o777) | 0o444)
