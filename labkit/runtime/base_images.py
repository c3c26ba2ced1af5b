"""Lambda's base images, by their names. https://docs.aws.amazon.com/lambda/latest/dg/images-create.html"""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = re.compile(
    r"(?:public\.ecr\.aws/lambda/|(?:docker\.io/)?amazon/aws-lambda-)"
    r"(?P<family>[a-z]+)(?::(?P<tag>[\w][\w.-]*))?(?P<digest>@sha256:[0-9a-f]{64})?"
)
VERSIONS = {  # what the tags of a family begin with, and the runtime that is
    "python": (r"3\.\d+", "python{}"),
    "nodejs": (r"\d+", "nodejs{}.x"),
    "java": (r"\d+(?:\.al2)?", "java{}"),
    "provided": (r"al2023|al2", "provided.{}"),
    "dotnet": (r"\d+", "dotnet{}"),
    "ruby": (r"\d\.\d", "ruby{}"),
}
MACHINES = {"x86_64": "x86_64", "arm64": "arm64", "aarch64": "arm64", "amd64": "x86_64"}


@dataclass(frozen=True)
class BaseImage:
    """A base image of Lambda's: the runtime that it holds, and its architecture where its tag names one."""

    family: str
    runtime: str
    architecture: str | None


def base_image(name: str) -> BaseImage | None:
    """The base image of this name; None for another's image, or a tag that tells no version (`latest`)."""
    found = NAME.fullmatch(name)
    if found is None or found["family"] not in VERSIONS or found["tag"] is None:
        return None
    version, runtime = VERSIONS[found["family"]]
    tag = re.fullmatch(rf"({version})(?:[.-].*?)??(?:-(x86_64|arm64))?", found["tag"])
    return BaseImage(found["family"], runtime.format(tag[1]), tag[2]) if tag else None
