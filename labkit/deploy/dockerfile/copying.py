"""COPY and ADD: files of the folder or of another stage go into the image. https://docs.docker.com/reference/dockerfile/#copy"""

from __future__ import annotations

import os
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from labkit.deploy.dockerfile.context import IGNORED, Context
from labkit.deploy.dockerfile.parser import Instruction
from labkit.deploy.dockerfile.tree import Tree
from labkit.facts import close_matches
from labkit.runtime.image import OF_THE_MACHINE, inside

FLAGS = {"COPY": ("from", "chmod", "link"), "ADD": ("chmod", "link")}
SHOWN = "tmp"  # of the machine's folders, the one that a build may use for files that the function needn't see


def copy(instruction: Instruction, given: list[str], context: Context, tree: Tree, directory: str) -> None:
    """Carry out a COPY or ADD whose words are `given`; `BadDockerfile` for what is not there or not possible here."""
    _refuse_flags(instruction)
    if len(given) < 2:
        raise instruction.refused(f"{instruction.name} takes what to copy and where to")
    *patterns, target = given
    found = [name for pattern in patterns for name in _found(instruction, pattern, context)]
    whole = target if target.startswith("/") else f"{directory}/{target}"
    refuse_unseen(instruction, whole, tree)
    into_folder = target.endswith(("/", "/.")) or target == "." or len(found) > 1 or tree.place(whole).is_dir()
    copying = _Copying(instruction, context, tree)
    for name in found:
        copying.take(name, whole, into_folder)


@dataclass(frozen=True)
class _Copying:
    """One COPY or ADD on its way."""

    instruction: Instruction
    context: Context
    tree: Tree

    def take(self, name: str, target: str, into_folder: bool) -> None:
        """Copy a file, what a folder has, or with ADD what an archive has."""
        source = inside(self.context.root, name)
        if source.is_dir():
            self._folder(source, name, target)
        elif self.instruction.name == "ADD" and tarfile.is_tarfile(source):
            self._unpack(source, self.tree.place(target))
        else:
            self._file(source, f"{target}/{source.name}" if into_folder else target)

    def _folder(self, source: Path, name: str, target: str) -> None:
        """Copy what a folder has, links as links; into one that is left out .dockerignore may let in again."""
        if not self.context.ignores(name):
            self.tree.place(target).mkdir(parents=True, exist_ok=True)
        for path in sorted(source.iterdir()):
            inner, place = f"{name}/{path.name}".lstrip("/"), f"{target}/{path.name}"
            if path.is_dir() and not path.is_symlink():
                self._folder(path, inner, place)
            elif not self.context.ignores(inner):
                self._file(path, place)

    def _file(self, source: Path, target: str) -> None:
        place, mode = self.tree.place(target), self.instruction.flags.get("chmod")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        shutil.copy2(source, place, follow_symlinks=not source.is_symlink())
        if mode and not place.is_symlink():
            place.chmod(int(mode, 8))

    def _unpack(self, source: Path, place: Path) -> None:
        place.mkdir(parents=True, exist_ok=True)
        try:
            with tarfile.open(source) as archive:
                archive.extractall(place, filter="data")
        except tarfile.TarError as error:
            raise self.instruction.refused(f"{source.name} could not be unpacked: {error}") from error


def _found(instruction: Instruction, pattern: str, context: Context) -> list[str]:
    if instruction.name == "ADD" and ("://" in pattern or pattern.startswith("git@")):
        raise instruction.refused("ADD fetches nothing here; download it into the folder and COPY it")
    if ".." in pattern.split("/"):
        raise instruction.refused(f"{pattern} leads out of the folder; move what is needed into it")
    found = context.matching(pattern)
    if not found:
        raise instruction.refused(_absence(pattern, context))
    for name in found:
        if not inside(context.root, name).exists():
            raise instruction.refused(f"{name} is a link to what is not in the folder")
    return found


def _absence(pattern: str, context: Context) -> str:
    if (context.root / pattern).exists():
        return f"{pattern} is left out by {IGNORED}"
    near = close_matches(pattern.removeprefix("./"), context.files())
    return f"there is no {pattern} in {context.root}" + (f"; did you mean {near[0]}?" if near else "")


def _refuse_flags(instruction: Instruction) -> None:
    for flag in instruction.flags:
        if flag == "chown":
            raise instruction.refused("--chown is not carried out: in Lambda the files are root's; leave it out")
        if flag not in FLAGS[instruction.name]:
            raise instruction.refused(f"--{flag} of {instruction.name} is not carried out; leave it out")
    mode = instruction.flags.get("chmod")
    if mode is not None and (not mode.isdigit() or set(mode) & set("89")):
        raise instruction.refused(f"--chmod takes a number such as 755 here; {mode!r} was given")


def refuse_unseen(instruction: Instruction, target: str, tree: Tree) -> None:
    """`BadDockerfile` for a place in the last stage where a function would see this machine's files."""
    first = os.path.normpath(target).strip("/").split("/")[0]
    if tree.last and first in OF_THE_MACHINE and first != SHOWN:
        raise instruction.refused(
            f"{target} would not be seen: a function has this machine's /{first} here; use /var/task or /opt"
        )
