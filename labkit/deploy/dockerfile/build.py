"""The stages of a Dockerfile, built in their order as far as the last one needs them."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from pathlib import Path

from labkit import facts
from labkit.deploy.container_image import CONFIG, Blob, ContainerImage
from labkit.deploy.dockerfile.context import Context
from labkit.deploy.dockerfile.parser import BadDockerfile, Instruction, parse
from labkit.deploy.dockerfile.stage import Stage, base_stage
from labkit.deploy.dockerfile.words import Unclosed, words
from labkit.runtime.base_images import MACHINES
from labkit.runtime.image import OF_IMAGES

NAME = "Dockerfile"


def build(folder: Path, scratch: Path) -> ContainerImage:
    """The image that a folder's Dockerfile describes, its parts in `scratch`; `BadDockerfile` for what it can't be."""
    file = folder / NAME
    if not file.is_file():
        near = facts.close_matches(NAME, [path.name for path in folder.iterdir()])
        hint = f"; rename {near[0]}" if near else ""
        raise BadDockerfile(f"{folder} has no {NAME}{hint}")
    return _Build(parse(file), Context(folder), scratch).image()


class _Build:
    """One Dockerfile on its way to an image."""

    def __init__(self, instructions: list[Instruction], context: Context, scratch: Path):
        self._context = context
        self._scratch = scratch
        self._built: dict[int, Stage] = {}
        self._arguments = _platform()
        self._stages: list[list[Instruction]] = []
        for instruction in instructions:
            if instruction.name == "FROM":
                self._stages.append([instruction])
            elif self._stages:
                self._stages[-1].append(instruction)
            else:
                given = (word.partition("=") for word in _words(instruction, self._arguments))
                self._arguments |= {name: value for name, _, value in given}
        self._names = [self._from(stage[0])[1] for stage in self._stages]

    def image(self) -> ContainerImage:
        """The image of the last stage."""
        stage = self._stage(len(self._stages) - 1)
        config = self._scratch / "config.json"
        config.write_text(json.dumps(stage.configuration(_architecture())))
        return ContainerImage.of(Blob.of(config, CONFIG), [layer.blob for layer in stage.layers], stage.base)

    def _stage(self, number: int) -> Stage:
        if number in self._built:
            return self._built[number]
        beginning, *rest = self._stages[number]
        source, _ = self._from(beginning)
        root, last = self._scratch / "stages" / str(number), number == len(self._stages) - 1
        if (earlier := self._number(source, number)) is not None:
            stage = self._stage(earlier).continued(root, last)
        else:
            stage = base_stage(beginning, source, _architecture(), root, last)
        for instruction in rest:
            stage.carry_out(instruction, self._source(instruction, number), self._arguments)
        self._built[number] = stage
        return stage

    def _source(self, instruction: Instruction, number: int) -> Context:
        """Where an instruction copies from."""
        name = instruction.flags.get("from")
        if name is None or instruction.name != "COPY":
            return self._context
        earlier = self._number(name, number)
        if earlier is None:
            known = [each for each in self._names[:number] if each]
            near = facts.close_matches(name, known)
            hint = f"did you mean {near[0]}?" if near else "labkit fetches no images; put the files into the folder"
            raise instruction.refused(f"there is no stage {name} above; {hint}")
        return Context(self._stage(earlier).tree.root, ignores=False)

    def _number(self, name: str, below: int) -> int | None:
        """The stage above that a name or number means."""
        if name.isdigit():
            return int(name) if int(name) < below else None
        return next((each for each in reversed(range(below)) if self._names[each] == name.lower()), None)

    def _from(self, instruction: Instruction) -> tuple[str, str]:
        """The base image and the stage's own name."""
        ours = self._arguments["TARGETPLATFORM"]
        for flag, value in instruction.flags.items():
            if flag != "platform" or words(value, self._arguments) != [ours]:
                raise instruction.refused(f"--{flag}={value} of FROM is not possible on this machine; it has {ours}")
        given = _words(instruction, self._arguments)
        if len(given) not in (1, 3) or (len(given) == 3 and given[1].upper() != "AS"):
            raise instruction.refused(
                f"FROM is written FROM IMAGE, or FROM IMAGE AS NAME; {instruction.text!r} was given"
            )
        return given[0], given[2].lower() if len(given) == 3 else ""


def _words(instruction: Instruction, variables: Mapping[str, str]) -> list[str]:
    try:
        return words(instruction.text, variables)
    except Unclosed as error:
        raise instruction.refused(str(error)) from error


def _platform() -> dict[str, str]:
    """The arguments that Docker sets itself: this machine's platform is what is built on and what is built for."""
    architecture = OF_IMAGES.get(_architecture(), _architecture())
    told = {"PLATFORM": f"linux/{architecture}", "OS": "linux", "ARCH": architecture}
    return {f"{side}{name}": value for side in ("BUILD", "TARGET") for name, value in told.items()}


def _architecture() -> str:
    machine = platform.machine().lower()
    return MACHINES.get(machine, machine)
