"""The files of a folder of hand-ins: what each is, without following any link."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from labkit.classroom import assignment
from labkit.classroom.reading import NotReadable, content_of

SUFFIX = ".json"


@dataclass(frozen=True, slots=True)
class File:
    """A file by its path in the folder. `digest` is that of its content, `refused` why it is not looked at."""

    name: str
    digest: str = ""
    refused: str = ""


def files_in(folder: Path, out: Path, others: Collection[Path] = ()) -> tuple[str, ...]:
    """The paths of all that may be meant as a hand-in, sorted.

    Hidden files, the folder `out` and the files `others` are left out.
    """
    found = []
    for directory, folders, names in os.walk(folder):
        folders[:] = [n for n in folders if not n.startswith(".") and Path(directory, n).resolve() != out.resolve()]
        links = [name for name in folders if Path(directory, name).is_symlink()]
        found += [os.path.relpath(os.path.join(directory, name), folder) for name in [*names, *links]]
    known = [assignment.FILE, *(os.path.relpath(path, folder.resolve()) for path in others)]
    return tuple(sorted(name for name in found if name not in known and not os.path.basename(name).startswith(".")))


def read(folder: Path, name: str) -> tuple[File, bytes]:
    """A file and its content, which is empty when the file is refused."""
    if not name.lower().endswith(SUFFIX):
        return File(name, refused=f"the name of a hand-in ends in {SUFFIX}"), b""
    try:
        content = content_of(folder / name)
    except NotReadable as error:
        return File(name, refused=str(error)), b""
    return File(name, hashlib.sha256(content).hexdigest()), content
