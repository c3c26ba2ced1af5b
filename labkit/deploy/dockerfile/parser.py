"""The instructions of a Dockerfile, with the lines on which they begin."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from labkit.deploy.container_image import BadImageSource
from labkit.facts import close_matches

CARRIED_OUT = ("FROM", "ARG", "ENV", "WORKDIR", "COPY", "ADD", "RUN", "CMD", "ENTRYPOINT", "LABEL")
REFUSED = {
    "USER": "Lambda runs every image as a user of its own; leave it out",
    "EXPOSE": "nobody connects to a function; leave it out",
    "VOLUME": "a function can write to /tmp only; leave it out",
    "HEALTHCHECK": "Lambda never asks for one; leave it out",
    "STOPSIGNAL": "Lambda sends no other signal for it; leave it out",
    "SHELL": "labkit starts no shell while it builds; leave it out",
    "ONBUILD": "labkit builds no base images; write the instruction itself",
    "MAINTAINER": "Docker has given it up; write LABEL maintainer=NAME",
}
FLAG = re.compile(r"--(?P<name>[a-z-]+)(?:=(?P<value>\S*))?(?:\s+|$)")
HEREDOC = re.compile(r"<<-?[\"']?[A-Za-z_]")


class BadDockerfile(BadImageSource):
    """A Dockerfile that can't be carried out; the message begins with the file and the line."""


@dataclass(frozen=True)
class Instruction:
    """One instruction: its name in capitals, its flags, and the rest of its text on one line."""

    name: str
    text: str
    file: Path
    line: int
    flags: dict[str, str] = field(default_factory=dict)

    def refused(self, message: str) -> BadDockerfile:
        """The error that names this place."""
        return BadDockerfile(f"{self.file}:{self.line}: {message}")

    def array(self) -> list[str] | None:
        """The strings of the exec form, `["a", "b"]`; None in the shell form, which is anything else."""
        if not self.text.startswith("["):
            return None
        try:
            found = json.loads(self.text)
        except ValueError:
            return None
        return found if isinstance(found, list) and all(isinstance(each, str) for each in found) else None


def parse(file: Path) -> list[Instruction]:
    """The instructions of a Dockerfile; `BadDockerfile` names the line of what is none, or none for Lambda."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadDockerfile(f"{file} is no text in UTF-8: {error}") from error
    found = [_instruction(file, line, whole) for line, whole in _logical_lines(text)]
    for instruction in found:
        if instruction.name == "FROM":
            return found
        if instruction.name != "ARG":
            raise instruction.refused(f"{instruction.name} comes before FROM; begin with FROM and a base image")
    raise BadDockerfile(f"{file}: there is no FROM; begin with FROM public.ecr.aws/lambda/python:3.13, for example")


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, those that end in a backslash joined with the next."""
    begun, parts = 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        begun = begun if parts else number
        parts.append(stripped.removesuffix("\\"))
        if not stripped.endswith("\\"):
            yield begun, " ".join(part.strip() for part in parts)
            parts = []
    if parts:
        yield begun, " ".join(part.strip() for part in parts)


def _instruction(file: Path, line: int, text: str) -> Instruction:
    word, _, rest = text.partition(" ")
    bare = Instruction(word.upper(), rest.strip(), file, line)
    if bare.name in REFUSED:
        raise bare.refused(f"{bare.name} is not carried out: {REFUSED[bare.name]}")
    if bare.name not in CARRIED_OUT:
        near = close_matches(bare.name, [*CARRIED_OUT, *REFUSED])
        hint = f"did you mean {near[0]}?" if near else f"labkit carries out {', '.join(CARRIED_OUT)}"
        raise bare.refused(f"there is no instruction {word}; {hint}")
    if not bare.text:
        raise bare.refused(f"{bare.name} says nothing")
    if bare.name in ("RUN", "COPY", "ADD") and HEREDOC.search(bare.text):
        raise bare.refused("a text in the Dockerfile itself (<<) is not carried out; put it into a file and COPY that")
    return _with_flags(bare)


def _with_flags(bare: Instruction) -> Instruction:
    flags, text = dict[str, str](), bare.text
    while found := FLAG.match(text):
        flags[found["name"]] = found["value"] or ""
        text = text[found.end() :]
    return Instruction(bare.name, text, bare.file, bare.line, flags)
