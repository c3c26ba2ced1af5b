"""A folder or a file as a zip, always the same for the same content, so that nothing new is deployed for it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

LEFT_OUT = ("__pycache__", ".git", ".aws-sam", ".venv")
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def zip_of(path: Path) -> bytes:
    """The zip of a folder, of a file by itself, or the zip that a path leads to."""
    if path.is_file() and zipfile.is_zipfile(path):
        return path.read_bytes()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for name, file in _files(path):
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.external_attr = (file.stat().st_mode & 0xFFFF) << 16
            opened.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def digest(content: bytes) -> str:
    """A name for content, the same for the same content."""
    return hashlib.sha256(content).hexdigest()[:32]


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    if path.is_file():
        yield path.name, path
        return
    for file in sorted(path.rglob("*")):
        inside = file.relative_to(path)
        if file.is_file() and not any(part in LEFT_OUT for part in inside.parts):
            yield inside.as_posix(), file
