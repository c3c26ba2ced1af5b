"""One stage: the configuration and the files that its instructions make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labkit import facts
from labkit.deploy.dockerfile import pip
from labkit.deploy.dockerfile.context import Context
from labkit.deploy.dockerfile.copying import copy, refuse_unseen
from labkit.deploy.dockerfile.parser import Instruction
from labkit.deploy.dockerfile.tree import Layer, Tree
from labkit.deploy.dockerfile.words import Unclosed, words
from labkit.runtime.base_images import VERSIONS, base_image
from labkit.runtime.entry_points import OF_LAMBDA
from labkit.runtime.image import BadImage

TASK = "/var/task"
FOLDERS = (TASK, "/var/runtime", "/opt")  # of every base image of Lambda's
OF_BASE = {  # the environment variables that its base images set
    "LANG": "en_US.UTF-8",
    "TZ": ":/etc/localtime",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "LD_LIBRARY_PATH": "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
    "LAMBDA_TASK_ROOT": TASK,
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
}
RUN_HERE = ("python", "nodejs", "java", "provided")
NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass
class Stage:
    """What has been built of a stage; `base` is the base image's name and `packages` where pip installs to in it."""

    tree: Tree
    base: str
    packages: str | None
    environment: dict[str, str]
    entry_point: list[str]
    command: list[str] = field(default_factory=list)
    directory: str = TASK
    labels: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    own_command: bool = False

    def continued(self, root: Path, last: bool) -> Stage:
        """A further stage that begins with this one."""
        return Stage(
            Tree.like(self.tree, root, last), self.base, self.packages, dict(self.environment), list(self.entry_point),
            list(self.command), self.directory, dict(self.labels), {}, list(self.layers), list(self.history),
        )  # fmt: skip

    def carry_out(self, instruction: Instruction, source: Context, outside: Mapping[str, str]) -> None:
        """Carry out one instruction; `source` is where it copies from, `outside` the arguments given before FROM.

        `BadDockerfile` names what is not possible.
        """
        try:
            getattr(self, f"_{instruction.name.lower()}")(instruction, source, outside)
        except (Unclosed, BadImage) as error:
            raise instruction.refused(str(error)) from error
        except OSError as error:
            name = str(error.filename or "").replace(str(self.tree.root), "")
            raise instruction.refused(f"{error.strerror}: {name}") from error
        self.note(f"{instruction.name} {instruction.text}")

    def note(self, what: str) -> None:
        """Take what has changed into a layer, and note which instruction changed it."""
        layer = self.tree.layer()
        if layer is not None:
            self.layers.append(layer)
        self.history.append({"created_by": what} | ({} if layer else {"empty_layer": True}))

    def configuration(self, architecture: str) -> dict[str, Any]:
        """The image's configuration as OCI has it. It tells no time, so that the same folder is the same image."""
        settings = {
            "Env": [f"{name}={value}" for name, value in self.environment.items()],
            "Entrypoint": self.entry_point,
            "Cmd": self.command,
            "WorkingDir": self.directory,
            "Labels": self.labels,
        }
        return {
            "architecture": {"x86_64": "amd64"}.get(architecture, architecture),
            "os": "linux",
            "config": {name: value for name, value in settings.items() if value},
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in self.layers]},
            "history": self.history,
        }

    # The instructions.

    def _arg(self, instruction: Instruction, source: Context, outside: Mapping[str, str]) -> None:
        for word in self._words(instruction):
            name, equals, value = word.partition("=")
            self.arguments[name] = value if equals else outside.get(name, "")

    def _env(self, instruction: Instruction, source: Context, outside: Mapping[str, str]) -> None:
        self.environment |= self._pairs(instruction)

    def _label(self, instruction: Instruction, source: Context, outside: Mapping[str, str]) -> None:
        self.labels |= self._pairs(instruction)

    def _workdir(self, instruction: Instruction, source: Context, outside: Mapping[str, str]) -> None:
        given = " ".join(self._words(instruction))
        self.directory = given if given.startswith("/") else f"{self.directory.rstrip('/')}/{given}"
        refuse_unseen(instruction, self.directory, self.tree)
        self.tree.place(self.directory).mkdir(parents=True, exist_ok=True)

    def _copy(self, instruction: Instruction, source: Context, outside: Mapping[str, str]) -> None:
        copy(instruction, instruction.array() or self._words(instruction), source, self.tree, self.directory)

    _add = _copy

    def _run(self, instruction: Instruction, source: Context, outside: Mapping[str, str]) -> None:
        pip.run(instruction, self._variables, self.tree, self.directory, self.packages)

    def _cmd(self, instruction: Instruction, source: Context, outside: Mapping[str, str]) -> None:
        self.command, self.own_command = self._started(instruction), True

    def _entrypoint(self, instruction: Instruction, source: Context, outside: Mapping[str, str]) -> None:
        self.entry_point = self._started(instruction)
        if not self.own_command:  # that of the stage before is not meant for it
            self.command = []

    @staticmethod
    def _started(instruction: Instruction) -> list[str]:
        """What is to be started: the exec form as it is, any other by a shell, as Docker has it."""
        exec_form = instruction.array()
        if exec_form is None and instruction.text.startswith("["):
            raise instruction.refused(f"{instruction.text} is no array in JSON; its strings are in double quotes")
        return ["/bin/sh", "-c", instruction.text] if exec_form is None else exec_form

    @property
    def _variables(self) -> dict[str, str]:
        return {**self.arguments, **self.environment}

    def _words(self, instruction: Instruction) -> list[str]:
        return words(instruction.text, self._variables)

    def _pairs(self, instruction: Instruction) -> dict[str, str]:
        """NAME=VALUE …, or the old NAME VALUE."""
        given = self._words(instruction)
        if "=" not in given[0]:
            if len(given) < 2:
                raise instruction.refused(f"{instruction.name} is written NAME=VALUE; {instruction.text!r} was given")
            return {given[0]: " ".join(given[1:])}
        if without := [word for word in given if "=" not in word]:
            raise instruction.refused(f"{without[0]!r} has no =; put a value with spaces in quotes")
        return dict(word.split("=", 1) for word in given)


def base_stage(instruction: Instruction, name: str, architecture: str, root: Path, last: bool) -> Stage:
    """The stage that FROM begins with a base image of Lambda's; `BadDockerfile` for any other image."""
    base = base_image(name)
    if base is None:
        raise instruction.refused(_no_base(name))
    if base.family not in RUN_HERE or base.runtime not in facts.RUNTIMES:
        near = facts.close_matches(base.runtime, facts.RUNTIMES)
        hint = f"did you mean the one of {near[0]}?" if near else f"it runs {', '.join(RUN_HERE)}"
        raise instruction.refused(f"labkit does not run {base.runtime}; {hint}")
    if base.architecture not in (None, architecture):
        raise instruction.refused(f"{name} is for {base.architecture}, and this machine is {architecture}")
    packages = f"/var/lang/lib/{base.runtime}/site-packages" if base.family == "python" else None
    stage = Stage(Tree(root, last), name, packages, dict(OF_BASE), [OF_LAMBDA])
    for folder in FOLDERS:
        stage.tree.place(folder).mkdir(parents=True)
    stage.note(f"FROM {name}")
    return stage


def _no_base(name: str) -> str:
    families = [f"public.ecr.aws/lambda/{family}" for family in VERSIONS]
    repository = name.partition("@")[0].rpartition(":")[0] or name
    if repository in families:
        return f"{name} does not say which version it is; write a tag such as {repository}:{_example(repository)}"
    near = facts.close_matches(repository, families)
    hint = f"did you mean {near[0]}?" if near else "begin with one, such as public.ecr.aws/lambda/python:3.13"
    return f"{name} is no base image of Lambda's, and labkit fetches no others; {hint}"


def _example(repository: str) -> str:
    return {"python": "3.13", "nodejs": "22", "java": "21", "provided": "al2023"}.get(repository.split("/")[-1], "8")
