"""What is started in an environment for each family of runtimes.

A runtime is run by what this machine has of it: any `python3.x` by the Python that runs labkit, Node.js and Java by
those installed. The OS-only runtimes run the function's own `bootstrap`.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from labkit.runtime.function import Function, searched
from labkit.runtime.layout import LAUNCHER, Layout

OLDEST_NODE = 18
NODE, JAVA = f"Node.js {OLDEST_NODE} or later", "a JDK 11 or later"
JAVA_HEAP = 0.85  # of the function's memory, as Lambda starts its own
LOADER = re.compile(rb"/lib\w*/ld-[\w.-]+\.so\.\d")  # of an ELF file's shared libraries, of this C library or that
MACHINE = slice(18, 20)  # of an ELF file's head: which processor it is for


@dataclass(frozen=True)
class Command:
    """A program and its arguments as the environment sees them, and the folders here that the program lives in.

    `variables` are environment variables that belong to this runtime; the function's configuration may replace them.
    `directory` is where it is started, as the environment sees it; /var/task where it is empty.
    """

    arguments: tuple[str, ...]
    homes: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    directory: str = ""


class RuntimeMissing(Exception):
    """The function's runtime can't be started: this machine hasn't got it, or the package has no bootstrap.

    `error_type` is what the caller is told as errorType.
    """

    def __init__(self, error_type: str, message: str):
        super().__init__(message)
        self.error_type = error_type


def command_for(function: Function, layout: Layout) -> Command:
    """What starts this function's runtime; `RuntimeMissing` says what is lacking."""
    for family, command in FAMILIES.items():
        if re.fullmatch(family, function.runtime):
            return command(function, layout)
    raise RuntimeMissing("Runtime.NotSupported", f"labkit does not run {function.runtime}; it runs {', '.join(RUNS)}")


def _python(function: Function, layout: Layout) -> Command:
    interpreter = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    places = ("-X", f"layers={layout.seen('opt')}", "-X", f"packages={layout.place(_packages(function))}")
    arguments = (interpreter, "-S", "-s", *places, f"{layout.seen('launcher')}/python.py")
    variables = {"PYTHONPATH": layout.seen("runtime")}
    return _managed(function, layout, Command(arguments, (Path(sys.base_prefix),), variables | _of_shell(layout)))


def _packages(function: Function) -> str:
    """Where a runtime has modules that were installed into an image."""
    return f"/var/lang/lib/{function.runtime}/site-packages"


def _node(function: Function, layout: Layout) -> Command:
    node = _installed("node", function, NODE)
    version = _said(node, "--version").removeprefix("v")
    if int(version.partition(".")[0] or 0) < OLDEST_NODE:
        raise _not_installed(function, f"which is version {version}", NODE)
    layers = f"{layout.seen('opt')}/nodejs"
    modules = (f"{layers}/node{function.runtime[6:-2]}/node_modules", f"{layers}/node_modules", layout.seen("task"))
    variables = {"NODE_PATH": os.pathsep.join(modules)} | _of_shell(layout)
    arguments = (str(node), f"{layout.seen('launcher')}/node.cjs")
    return _managed(function, layout, Command(arguments, (node.parent.parent,), variables))


def _java(function: Function, layout: Layout) -> Command:
    java = _installed("java", function, JAVA)
    _compile_launcher(java, function, layout)
    task, opt = layout.seen("task"), layout.seen("opt")
    options = (
        "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData",
        f"-Xmx{int(function.memory * 1024 * JAVA_HEAP)}k", f"-Djava.io.tmpdir={layout.seen('tmp')}",
    )  # fmt: skip
    classpath = os.pathsep.join((f"{layout.seen('runtime')}/lib", task, f"{task}/lib/*", f"{opt}/java/lib/*"))
    arguments = (str(java), *options, "-cp", classpath, "labkit.launcher.Bootstrap")
    return _managed(function, layout, Command(arguments, (java.parent.parent,)))


def _managed(function: Function, layout: Layout, command: Command) -> Command:
    """What Lambda's own runtimes have in common; a program of the function's may start them with options of its own.

    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html
    """
    before = {"PATH": "/var/lang/bin", "LD_LIBRARY_PATH": "/var/lang/lib"}
    own = {name: f"{folder}:{searched(layout.seen)[name]}" for name, folder in before.items()}
    variables = {"AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}", **own, **command.variables}
    wrapper = dict(function.environment).get("AWS_LAMBDA_EXEC_WRAPPER")
    script = ("/bin/sh", f"{layout.seen('launcher')}/wrapped.sh", layout.place(wrapper)) if wrapper else ()
    return replace(command, arguments=(*script, *command.arguments), variables=variables)


def _of_shell(layout: Layout) -> dict[str, str]:
    """What Lambda's Python and Node.js have from the script that starts them."""
    return {"PWD": layout.seen("task"), "SHLVL": "0"}


def _compile_launcher(java: Path, function: Function, layout: Layout) -> None:
    """Compile our Runtime API client with the Java of this machine, once in an account: where Lambda has its own."""
    library = layout.here("runtime") / "lib"
    if library.exists():
        return
    sources, made = sorted(map(str, (LAUNCHER / "java").glob("*.java"))), layout.directory / "classes"
    options = ("-XDstringConcat=inline", "-d", str(made))  # the usual way to join strings is slow the first time
    compiler = [str(java), "-m", "jdk.compiler/com.sun.tools.javac.Main", *options, *sources]
    done = subprocess.run(compiler, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        complaint = (done.stderr or done.stdout).strip().partition("\n")[0]
        raise _not_installed(function, f"which can't compile what labkit adds ({complaint})", JAVA)
    with contextlib.suppress(OSError):  # another environment was first
        made.rename(library)


def _own_bootstrap(function: Function, layout: Layout) -> Command:
    for folder in ("task", "opt"):
        bootstrap = layout.here(folder) / "bootstrap"
        if bootstrap.is_file():
            seen = f"{layout.seen(folder)}/bootstrap"
            return executable(seen, layout)
    places = "/var/task/bootstrap /opt/bootstrap"
    raise RuntimeMissing("Runtime.InvalidEntrypoint", f"Couldn't find valid bootstrap(s): [{places}]")


def executable(seen: str, layout: Layout) -> Command:
    """What starts a program of the function's own; `RuntimeMissing` says why it can't be executed."""
    if reason := _why_not_executable(layout.found(seen), layout):
        raise RuntimeMissing("Runtime.InvalidEntrypoint", f"fork/exec {seen}: {reason}")
    return Command((seen,))


def _why_not_executable(file: Path, layout: Layout) -> str | None:
    """What the system would say when it is to execute this file."""
    if not file.exists():
        return "no such file or directory"
    if file.is_dir() or not file.stat().st_mode & 0o111:
        return "permission denied"
    with file.open("rb") as opened:
        head = opened.read(4096)
    if head.startswith(b"#!"):
        interpreter = head[2:].partition(b"\n")[0].strip(b" \t").partition(b" ")[0]  # ends in \r if written on Windows
        return None if layout.found(os.fsdecode(interpreter)).exists() else "no such file or directory"
    if (loader := LOADER.search(head)) and not os.path.exists(loader[0]):
        return f"no such file or directory (this machine has no {os.fsdecode(loader[0])})"
    with open(sys.executable, "rb") as opened:
        ours = opened.read(MACHINE.stop)
    return None if head[:4] == ours[:4] and head[MACHINE] == ours[MACHINE] else "exec format error"


def _installed(program: str, function: Function, needed: str) -> Path:
    found = shutil.which(program)
    if found is None:
        raise _not_installed(function, f"and there is no program {program} here", needed)
    return Path(os.path.realpath(found))


def _not_installed(function: Function, found: str, needed: str) -> RuntimeMissing:
    message = f"labkit runs {function.runtime} on what this machine has of it, {found}; "
    return RuntimeMissing("Runtime.NotInstalled", f"{message}install {needed} and start labkit again")


@cache
def _said(program: Path, option: str) -> str:
    return subprocess.run([str(program), option], capture_output=True, text=True, check=False).stdout.strip()


FAMILIES: dict[str, Callable[[Function, Layout], Command]] = {
    r"python3\.\d+": _python,
    r"nodejs\d+\.x": _node,
    r"java\d+(\.al\w+)?": _java,
    r"provided(\.al\w+)?": _own_bootstrap,
}
RUNS = ("python3.x", "nodejs…", "java…", "provided.al2023")
