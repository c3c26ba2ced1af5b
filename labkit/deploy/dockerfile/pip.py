"""RUN, as far as it is pip install: carried out by the pip of the Python that will run the function."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

from labkit.deploy.dockerfile.parser import Instruction
from labkit.deploy.dockerfile.tree import Tree
from labkit.deploy.dockerfile.words import OPERATORS, Operator, words

PIP = (["pip"], ["pip3"], ["python", "-m", "pip"], ["python3", "-m", "pip"])
INSTALL = (
    sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile",
)  # fmt: skip
TARGETS = ("-t", "--target")
ELSEWHERE = ("--user", "--prefix", "--root", "--python")
INSTEAD = {
    "npm": "run it in the folder, and COPY node_modules",
    "yarn": "run it in the folder, and COPY node_modules",
    "uv": "write pip install",
    "chmod": "write COPY --chmod=755",
    "mkdir": "COPY and WORKDIR make the folders that they need",
    "cp": "write COPY",
    **dict.fromkeys(
        ("dnf", "microdnf", "yum", "apt-get", "apt", "apk"), "put what is needed into the folder and COPY it"
    ),
}


def run(
    instruction: Instruction, variables: Mapping[str, str], tree: Tree, directory: str, packages: str | None
) -> None:
    """Carry out a RUN; `packages` is where pip installs to when it is not told, None where the base has no Python.

    `BadDockerfile` for what is not pip install, and for a pip that fails, with what it says last.
    """
    if instruction.flags:
        raise instruction.refused(f"--{next(iter(instruction.flags))} of RUN is not carried out; leave it out")
    given = instruction.array() or words(instruction.text, variables, OPERATORS)
    for command in _commands(instruction, given):
        options = _options(instruction, command)
        if packages is None:
            raise instruction.refused("this base image has no pip; install in the folder, and COPY it")
        _install(instruction, options, tree, directory, packages)


def _commands(instruction: Instruction, given: Sequence[str]) -> Iterator[list[str]]:
    """The commands that `&&` joins."""
    command: list[str] = []
    for word in given:
        if word == "&&" and isinstance(word, Operator):
            yield command
            command = []
        elif isinstance(word, Operator):
            raise instruction.refused(
                f"{word} of a shell is not carried out in RUN; put a version like 'boto3>=1.40' in quotes"
            )
        else:
            command.append(word)
    yield command


def _options(instruction: Instruction, command: Sequence[str]) -> list[str]:
    """What follows `pip install`."""
    for pip in PIP:
        if list(command[: len(pip) + 1]) == [*pip, "install"]:
            return list(command[len(pip) + 1 :])
    program = command[0] if command else "nothing"
    hint = INSTEAD.get(program, "do it before, and COPY what comes of it")
    raise instruction.refused(
        f"RUN of {program} is not possible here: labkit builds without Docker and carries out pip install only; {hint}"
    )


def _install(instruction: Instruction, options: list[str], tree: Tree, directory: str, packages: str) -> None:
    for option in options:
        if option.partition("=")[0] in ELSEWHERE:
            raise instruction.refused(f"{option} of pip is not carried out; install with --target")
    here = [_here(option, tree) for option in options]
    if not any(option.partition("=")[0] in TARGETS or re.match("-t.", option) for option in options):
        here += ["--target", str(tree.place(packages)), "--upgrade"]
    start = tree.place(directory)
    start.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([*INSTALL, *here], cwd=start, capture_output=True, text=True, check=False, env=_environment())
    if done.returncode:
        said = done.stderr.replace(str(tree.root), "").splitlines() or [""]
        errors = [line for line in said if line.startswith("ERROR")] or said
        raise instruction.refused(f"pip could not install: {errors[-1]}")


def _here(option: str, tree: Tree) -> str:
    """An option whose value is a path in the image, with the path that it has in the stage's folder."""
    name, equals, value = option.rpartition("=") if option.startswith("--") else ("", "", option)
    return f"{name}{equals}{tree.place(value)}" if value.startswith("/") else option


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
