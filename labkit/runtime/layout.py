"""Where the files of an environment are on this machine, and where the function sees them."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from labkit.runtime.function import Function
from labkit.runtime.image import OF_THE_MACHINE, inside, unpack_image
from labkit.runtime.package import unpack, unpack_all
from labkit.runtime.spawner import Sandbox

LAUNCHER = Path(__file__).parent / "launcher"
SUPERVISOR = Path(__file__).parent / "supervisor"
SEEN_AS = {
    "task": "/var/task",
    "opt": "/opt",
    "tmp": "/tmp",
    "runtime": "/var/runtime",
    "launcher": "/var/rapid",
    "supervisor": "/var/supervisor",  # of a snapshot, beside the launcher as it is here
}
PACKAGE = ("task", "opt")


@dataclass(frozen=True)
class Layout:
    """The folders of one environment. `runtime` holds the modules that Lambda's own runtime brings along.

    In a sandbox the function sees them where Lambda has them; without one it sees them where they are, and what it
    tells of them is translated. `package` is the environment's own folder, or that of the snapshot it is restored from.
    `image` is where the image of the function is unpacked for all of its environments, if it has one.
    """

    directory: Path
    runtime: Path
    sandboxed: bool
    package: Path
    image: Path | None = None

    @property
    def log(self) -> Path:
        return self.directory / "log"

    def prepare(self, function: Function) -> None:
        """Unpack code and layers, which Lambda does before Init; `BadPackage` when that fails."""
        for name in ("tmp", "root"):
            (self.directory / name).mkdir(parents=True)
        if function.image and self.image:
            self.image.parent.mkdir(exist_ok=True)
            unpack_image(function.image, self.image)
            return
        unpack(function.code, self.here("task"))
        unpack_all(function.layers, self.here("opt"))

    def prepare_restored(self) -> None:
        """Make what an environment has of its own when it is restored from a snapshot."""
        self.directory.mkdir()
        if not self.sandboxed:
            shutil.copytree(self.package / "tmp", self.here("tmp"), symlinks=True)

    def remove(self) -> None:
        """Remove all of it, in the background: a package may have a hundred thousand files."""
        removed = self.directory.with_suffix(".removed")
        with contextlib.suppress(OSError):
            self.directory.rename(removed)
            threading.Thread(target=shutil.rmtree, args=(removed, True), name="labkit-remove", daemon=True).start()

    def here(self, name: str) -> Path:
        """A folder's place on this machine."""
        if self.image and name in PACKAGE:
            return inside(self.image, SEEN_AS[name])
        elsewhere = {"runtime": self.runtime, "launcher": LAUNCHER, "supervisor": SUPERVISOR}
        return elsewhere.get(name) or (self.package if name in PACKAGE else self.directory) / name

    def seen(self, name: str) -> str:
        """A folder's place as the function sees it."""
        return SEEN_AS[name] if self.sandboxed else str(self.here(name))

    def place(self, path: str) -> str:
        """Where the function sees what it would see at this path in Lambda."""
        if self.image and not self.sandboxed and (found := inside(self.image, path)).exists():
            return str(found)
        for name, place in SEEN_AS.items():
            if path.startswith(f"{place}/"):
                return self.seen(name) + path.removeprefix(place)
        return path

    def found(self, seen: str) -> Path:
        """Where a file that a function sees is on this machine."""
        for name in PACKAGE:
            if f"{seen}/".startswith(f"{self.seen(name)}/"):
                return self.here(name) / seen.removeprefix(self.seen(name)).lstrip("/")
        if self.image and (found := inside(self.image, seen)).exists():
            return found
        return Path(seen)

    def variables(self) -> dict[str, str]:
        """What leads a function without a sandbox to its own /tmp."""
        return {} if self.sandboxed else {"TMPDIR": self.seen("tmp")}

    def sandbox(self, function: Function, homes: Iterable[Path]) -> Sandbox | None:
        """What is to be built around the function; None where the machine has no sandboxes.

        `homes` are the folders here in which the program that runs it lives.
        """
        if not self.sandboxed:
            return None
        shown = [(self.here("task"), SEEN_AS["task"]), (LAUNCHER, SEEN_AS["launcher"])]
        shown += [(SUPERVISOR, SEEN_AS["supervisor"])] if function.snap_start else []
        shown += [(_resolved(module), f"{SEEN_AS['runtime']}/{module.name}") for module in self.runtime.iterdir()]
        opt = [path for path in _within(self.here("opt")) if not (self.image and path.is_symlink())]
        shown += [(path, f"{SEEN_AS['opt']}/{path.name}") for path in opt]
        shown += self._of_image()
        shown += [(home, str(home)) for home in homes]
        binds = tuple((str(path), place) for path, place in shown)
        return Sandbox(str(self.directory / "root"), binds, function.ephemeral_storage)

    def _of_image(self) -> list[tuple[Path, str]]:
        """What else an image has, and where the function sees it; what is there already stays."""
        if self.image is None:
            return []
        var = [*_within(self.image / "var"), *_within(self.image / "var" / "runtime")]
        shown = [path for path in _within(self.image) if path.name not in (*OF_THE_MACHINE, "var", "opt")]
        shown += [path for path in var if path.name not in ("task", "runtime")]
        return [(path, f"/{path.relative_to(self.image)}") for path in shown if not path.is_symlink()]

    def as_in_lambda(self, text: bytes) -> bytes:
        """Text in which the environment's folders have the names that they have in Lambda."""
        if self.sandboxed:
            return text
        for name, place in SEEN_AS.items():
            text = text.replace(os.fsencode(self.here(name)), place.encode())
        return text.replace(os.fsencode(self.image), b"") if self.image else text


@cache
def _resolved(module: Path) -> Path:
    """Where the links to a module of the runtime lead; to find that out takes a part of each cold start."""
    return module.resolve()


def _within(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else []
