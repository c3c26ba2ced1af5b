"""What is started in the environment of a container image: its entry point, with its command as arguments.

The entry point of Lambda's base images starts the runtime that they hold; that of this machine is started instead. Any
other is started as it is, if this machine can execute it. The kinds of errors are those of AWS's runtime interface
emulator; its words about a folder that is not there are inferred. https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
"""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from labkit import facts
from labkit.runtime.base_images import base_image
from labkit.runtime.function import Function
from labkit.runtime.image import Image, inside, unpack_image
from labkit.runtime.layout import Layout
from labkit.runtime.runtimes import Command, RuntimeMissing, command_for, executable

OF_LAMBDA = "/lambda-entrypoint.sh"
NO_HANDLER = "entrypoint requires the handler name to be the first argument"  # as this script of Lambda's says it
RELEASES = (  # where a base image says which version of a runtime it has
    ("/var/lang/include/node/node_version.h", r"NODE_MAJOR_VERSION (\d+)", "nodejs{}.x"),
    ("/var/lang/release", r'JAVA_VERSION="(\d+)', "java{}"),
)


def starting_command(function: Function, layout: Layout) -> Command:
    """What starts a function, of a zip or of an image; `RuntimeMissing` says what is lacking."""
    image = function.image
    if image is None:
        return command_for(function, layout)
    if image.architecture != function.architecture:
        raise _invalid(f"fork/exec {next(iter(image.entry_point), '')}: exec format error")
    directory = image.working_directory or "/"
    if not layout.found(directory).is_dir():
        raise RuntimeMissing("Runtime.InvalidWorkingDir", f"chdir {directory}: no such file or directory")
    command = _entered(function, image, layout)
    return dataclasses.replace(command, directory=layout.place(directory))


def why_not_startable(image: Image, scratch: Path) -> str | None:
    """Why this machine can't start what an image holds; it is unpacked in an empty folder to find out.

    `BadImage` when that fails.
    """
    layout = Layout(scratch, scratch, sandboxed=True, package=scratch, image=scratch / "image")
    unpack_image(image, scratch / "image")
    function = Function(
        account="", region="", name="", version="", handler="", runtime="", role="", timeout=0, memory=0,
        ephemeral_storage=0, code_sha256="", architecture=image.architecture, image=image,
    )  # fmt: skip
    try:
        starting_command(function, layout)
    except RuntimeMissing as error:
        return str(error)
    return None


def _entered(function: Function, image: Image, layout: Layout) -> Command:
    program, *arguments = [*image.entry_point, *image.command] or [""]
    runs_python = re.fullmatch(r"(.*/)?python3?(\.\d+)?", program) and arguments[:2] == ["-m", "awslambdaric"]
    if program == OF_LAMBDA and len(arguments) != 1:
        return Command(("/bin/sh", "-c", f"echo {shlex.quote(NO_HANDLER)} 1>&2; exit 142"))
    if program == OF_LAMBDA or runs_python:
        return _of_runtime(function, image, layout)
    if not program:
        raise _invalid("the image has neither ENTRYPOINT nor CMD")
    command = executable(_found(program, image, layout), layout)
    return dataclasses.replace(command, arguments=(*command.arguments, *arguments))


def _of_runtime(function: Function, image: Image, layout: Layout) -> Command:
    """What starts the runtime of a base image of Lambda's."""
    runtime = runtime_of(image, layout)
    if runtime is None:
        raise _invalid("labkit runs images built on Lambda's base images, and this one is built on none of them")
    if runtime.startswith("provided"):
        return executable(layout.place("/var/runtime/bootstrap"), layout)
    return command_for(dataclasses.replace(function, runtime=runtime), layout)


def runtime_of(image: Image, layout: Layout) -> str | None:
    """The runtime of the base image, by the name that it says it has or else by the programs that it has."""
    if base := base_image(image.base):
        return base.runtime
    return next(_by_programs(layout), None)


def _by_programs(layout: Layout) -> Iterator[str]:
    assert layout.image is not None, "there is an image"
    programs = inside(layout.image, "/var/lang/bin")
    for program in sorted(programs.glob("python3.*")):
        if re.fullmatch(r"python3\.\d+", program.name):
            yield program.name
    for file, said, runtime in RELEASES:
        release = inside(layout.image, file)
        if release.is_file() and (found := re.search(said, release.read_text())):
            yield runtime.format(found[1])
    for name, family in (("node", "nodejs"), ("java", "java")):
        if (programs / name).exists():
            yield _newest(family)
    if inside(layout.image, "/var/runtime/bootstrap").exists():
        yield "provided.al2023"


def _newest(family: str) -> str:
    """The newest runtime of a family, for an image that has its program and does not say of which version."""
    numbers = {name: re.findall(rf"{family}(\d+)", name) for name in facts.RUNTIMES}
    return max((name for name, found in numbers.items() if found), key=lambda name: int(numbers[name][0]))


def _found(program: str, image: Image, layout: Layout) -> str:
    """The path of a program, looked for as the system does when it is given without a folder."""
    if "/" in program:
        absolute = program if program.startswith("/") else f"{image.working_directory or ''}/{program}"
        return layout.place(absolute)
    path = dict(image.environment).get("PATH", "/usr/local/bin:/usr/bin:/bin")
    for folder in path.split(":"):
        if layout.found(f"{folder}/{program}").is_file():
            return layout.place(f"{folder}/{program}")
    raise _invalid(f'exec: "{program}": executable file not found in $PATH')


def _invalid(message: str) -> RuntimeMissing:
    return RuntimeMissing("Runtime.InvalidEntrypoint", message)
