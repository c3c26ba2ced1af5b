"""The files that COPY and ADD may take: those of a folder, without what its .dockerignore names.

https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

IGNORED = ".dockerignore"


class Context:
    """A folder from which files are copied into an image; `names` are those of its files, `/` between the parts."""

    def __init__(self, root: Path, ignores: bool = True):
        self.root = root
        ignored = root / IGNORED
        self._rules = _rules(ignored.read_text(encoding="utf-8")) if ignores and ignored.is_file() else []

    def matching(self, pattern: str) -> list[str]:
        """The files and folders that a pattern of COPY means, sorted; `*` and `?` stand for signs in a name."""
        wanted = [part for part in PurePosixPath(pattern).parts if part not in ("/", ".")]
        if not wanted:
            return [""]
        found = [""]
        for part in wanted:
            rule = re.compile(_signs(part))
            found = [
                f"{folder}/{name}".lstrip("/")
                for folder in found
                for name in self._listed(folder)
                if rule.fullmatch(name)
            ]
        return sorted(name for name in found if not self.ignores(name) or (self.root / name).is_dir())

    def files(self) -> list[str]:
        """The names of all files that are not ignored."""
        return sorted(
            name
            for folder, _, files in os.walk(self.root)
            for file in files
            if not self.ignores(name := os.path.relpath(os.path.join(folder, file), self.root).replace(os.sep, "/"))
        )

    def ignores(self, name: str) -> bool:
        """Whether .dockerignore leaves out a file, or a folder that it is in; what comes later in it counts."""
        path = PurePosixPath(name)
        names = [str(path), *(str(parent) for parent in path.parents if parent.parts)]
        ignored = False
        for rule, leaves_out in self._rules:
            if any(rule.fullmatch(each) for each in names):
                ignored = leaves_out
        return ignored

    def _listed(self, folder: str) -> list[str]:
        path = self.root / folder
        return os.listdir(path) if path.is_dir() else []


def _rules(text: str) -> list[tuple[re.Pattern[str], bool]]:
    found = []
    for line in map(str.strip, text.splitlines()):
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!").strip().strip("/").removeprefix("./")
            found.append((re.compile(_path(pattern)), not line.startswith("!")))
    return found


def _path(pattern: str) -> str:
    """A pattern of .dockerignore as a regular expression: `**` stands for any number of folders."""
    *folders, last = pattern.split("/")
    before = "".join(r"(?:[^/]+/)*" if part == "**" else f"{_signs(part)}/" for part in folders)
    return before + (".+" if last == "**" else _signs(last))


def _signs(part: str) -> str:
    stands_for = {"*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"([*?]|\[[^\]]+\])", part)
    return "".join(stands_for.get(piece) or (piece if piece.startswith("[") else re.escape(piece)) for piece in pieces)
