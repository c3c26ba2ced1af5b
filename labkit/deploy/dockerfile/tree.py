"""The files of a stage, and the layers that instructions make by changing them."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import stat
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from labkit.deploy.container_image import Blob
from labkit.runtime.image import LAYER, WHITEOUT, inside

Fingerprint = tuple[int, int, int, int]


@dataclass(frozen=True)
class Layer:
    """What one instruction has changed; `diff_id` is the digest of it before it is packed."""

    blob: Blob
    diff_id: str


class Tree:
    """A folder with the files of a stage; `layer` gives what has changed since it was asked the last time.

    `last` says whether it is the last stage's, whose files a function sees.
    """

    def __init__(self, root: Path, last: bool):
        self.root = root
        self.last = last
        self.root.mkdir(parents=True)
        self._seen: dict[str, Fingerprint] = {}
        self._layers = 0

    @classmethod
    def like(cls, other: Tree, root: Path, last: bool) -> Tree:
        """The same files in another folder."""
        made = cls(root, last)
        shutil.copytree(other.root, root, symlinks=True, dirs_exist_ok=True)
        made._seen = made._now()
        return made

    def place(self, path: str) -> Path:
        """Where a path of the image is in this folder."""
        return inside(self.root, PurePosixPath(path))

    def layer(self) -> Layer | None:
        """What has changed; None when nothing has.

        The same changes make the same bytes, since times and owners are left out.
        """
        before, self._seen = self._seen, self._now()
        changed = sorted(name for name, found in self._seen.items() if before.get(name) != found)
        gone = [name for name in before if name not in self._seen]
        whiteouts = sorted(_whiteout(name) for name in gone if str(PurePosixPath(name).parent) not in gone)
        if not changed and not whiteouts:
            return None
        self._layers += 1
        packed = self.root.with_name(f"{self.root.name}-{self._layers}.tar.gz")
        return _packed(packed, self.root, changed, whiteouts)

    def _now(self) -> dict[str, Fingerprint]:
        found = {}
        for folder, folders, files in os.walk(self.root):
            for name in (*folders, *files):
                path = os.path.join(folder, name)
                about = os.lstat(path)
                size_and_time = (0, 0) if stat.S_ISDIR(about.st_mode) else (about.st_size, about.st_mtime_ns)
                found[os.path.relpath(path, self.root)] = (about.st_mode, about.st_ino, *size_and_time)
        return found


def _whiteout(name: str) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(WHITEOUT + path.name))


def _packed(packed: Path, root: Path, changed: list[str], whiteouts: list[str]) -> Layer:
    """A layer with the files that have changed, and a whiteout for each that is gone."""
    plain = packed.with_suffix("")
    with tarfile.open(plain, "w", format=tarfile.PAX_FORMAT) as archive:
        for name in changed:
            entry = archive.gettarinfo(root / name, name)
            entry.uid, entry.gid, entry.uname, entry.gname, entry.mtime = 0, 0, "", "", 0
            if entry.isreg():
                with (root / name).open("rb") as content:
                    archive.addfile(entry, content)
            else:
                archive.addfile(entry)
        for name in whiteouts:
            archive.addfile(tarfile.TarInfo(name))
    with plain.open("rb") as file:
        diff_id = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        file.seek(0)
        with packed.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as target:
            shutil.copyfileobj(file, target)
    plain.unlink()
    return Layer(Blob.of(packed, LAYER), diff_id)
