"""What is started in an environment for each family of runtimes.

A runtime is run by what this machine has of it: any `python3.x` by the Python that runs labkit, Node.js and Java by
those installed. The OS-only runtimes run the function's own `bootstrap`.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from labkit.runtime.layout import Layout


@dataclass(frozen=True)
class Command:
    """A program and its arguments as the environment sees them, and the folders here that the program lives in."""

    arguments: tuple[str, ...]
    homes: tuple[Path, ...] = ()


class RuntimeMissing(Exception):
    """The function's runtime can't be started: this machine hasn't got it, or the package has no bootstrap.

    `error_type` is what the caller is told as errorType.
    """

    def __init__(self, error_type: str, message: str):
        super().__init__(message)
        self.error_type = error_type


def command_for(runtime: str, layout: Layout) -> Command:
    """What starts this runtime; `RuntimeMissing` says what is lacking."""
    for family, command in FAMILIES.items():
        if re.fullmatch(family, runtime):
            return command(layout)
    raise RuntimeMissing("Runtime.NotSupported", f"labkit does not run {runtime}; it runs {', '.join(RUNS)}")


def _python(layout: Layout) -> Command:
    interpreter = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    script = f"{layout.seen('launcher')}/python.py"
    folders = (layout.seen("task"), layout.seen("runtime"), layout.seen("opt"))
    return Command((interpreter, "-S", "-s", script, *folders), (Path(sys.base_prefix),))


def _node(layout: Layout) -> Command:
    node = _installed("node", "Node.js")
    return Command((str(node), f"{layout.seen('launcher')}/node.mjs", layout.seen("task")), (node.parent.parent,))


def _java(layout: Layout) -> Command:
    java = _installed("java", "Java")
    task, options = layout.seen("task"), ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
    classpath = f"{layout.seen('launcher')}/java:{task}:{task}/lib/*:{layout.seen('opt')}/java/lib/*"
    return Command((str(java), *options, "-cp", classpath, "Bootstrap"), (java.parent.parent,))


def _own_bootstrap(layout: Layout) -> Command:
    for folder in ("task", "opt"):
        if (layout.here(folder) / "bootstrap").exists():
            return Command((f"{layout.seen(folder)}/bootstrap",))
    places = "/var/task/bootstrap /opt/bootstrap"
    raise RuntimeMissing("Runtime.InvalidEntrypoint", f"Couldn't find valid bootstrap(s): [{places}]")


def _installed(program: str, name: str) -> Path:
    found = shutil.which(program)
    if found is None:
        raise RuntimeMissing(
            "Runtime.NotInstalled", f"this machine has no {name}, so labkit can't run this function here"
        )
    return Path(os.path.realpath(found))


FAMILIES: dict[str, Callable[[Layout], Command]] = {
    r"python3\.\d+": _python,
    r"nodejs\d+\.x": _node,
    r"java\d+(\.al\w+)?": _java,
    r"provided(\.al\w+)?": _own_bootstrap,
}
RUNS = ("python3.x", "nodejs…", "java…", "provided.al2023")
