"""A container image brought into the account.

On AWS an image is built, tagged and pushed with Docker, after a login with a token that ECR gives for twelve hours:

    aws ecr create-repository --repository-name hello
    aws ecr get-login-password | docker login --username AWS --password-stdin ACCOUNT.dkr.ecr.REGION.amazonaws.com
    docker build --platform linux/amd64 --provenance=false -t ACCOUNT.dkr.ecr.REGION.amazonaws.com/hello:1 .
    docker push ACCOUNT.dkr.ecr.REGION.amazonaws.com/hello:1
    aws lambda create-function --package-type Image --code ImageUri=ACCOUNT.dkr.ecr.REGION.amazonaws.com/hello:1 …

Here there is no registry to log in to, since moto has ECR's API but not the HTTP API that `docker push` speaks. So the
three in the middle are one, and the rest is the same:

    boto3.client("ecr").create_repository(repositoryName="hello")
    uri = labkit.image("folder with a Dockerfile", "hello:1")
    boto3.client("lambda").create_function(PackageType="Image", Code={"ImageUri": uri}, …)
"""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Callable
from os import PathLike
from pathlib import Path

from labkit.deploy.archive import read_archive
from labkit.deploy.container_image import BadImageSource, ContainerImage
from labkit.deploy.dockerfile import build
from labkit.deploy.paths import near_hint
from labkit.deploy.registry import Registry
from labkit.runtime.base_images import MACHINES
from labkit.runtime.entry_points import why_not_startable
from labkit.runtime.image import ARCHITECTURES, OF_IMAGES, BadImage, Image


def image(source: str | PathLike[str], name: str) -> str:
    """Push a container image to a repository in ECR; its URI, which create_function takes as ImageUri.

    `source` is a folder with a Dockerfile, or an archive (an OCI layout in a tar, or what `docker save` wrote). `name`
    is the repository's, with a tag as Docker has it: `hello:1`. What is built is for this machine's architecture, which
    create_function is to be told where it is arm64. `BadImageSource` for what is no image, or none that
    this machine can run, `NoRepository` when there is none of this name, `BadValue` for a name that none can have.
    """
    registry, path = Registry(name), Path(source)
    with tempfile.TemporaryDirectory(prefix="labkit-image-") as parts, tempfile.TemporaryDirectory() as trial:
        made = _reader_of(path)(path, Path(parts))
        _refuse_what_can_t_run(made, path, Path(trial))
        return registry.push(made)


def _reader_of(path: Path) -> Callable[[Path, Path], ContainerImage]:
    if path.is_dir():
        return build
    if path.is_file():
        return read_archive
    raise BadImageSource(f"there is nothing at {path}{near_hint(path)}")


def _refuse_what_can_t_run(made: ContainerImage, path: Path, trial: Path) -> None:
    system, architecture = made.settings.get("os"), made.settings.get("architecture", "")
    ours = MACHINES.get(platform.machine().lower(), platform.machine())
    if system != "linux" or ARCHITECTURES.get(architecture) != ours:
        wanted = OF_IMAGES.get(ours, "amd64")
        raise BadImageSource(
            f"{path} is an image for {system}/{architecture}, which this machine ({ours}) can't run; "
            f"build it with --platform linux/{wanted}"
        )
    layers = [layer.path for layer in made.layers]
    try:
        reason = why_not_startable(Image.of(made.settings, layers, 0, made.base), trial)
    except BadImage as error:
        reason = str(error)
    if reason:
        raise BadImageSource(
            f"{path} can't run here: {reason} (nothing of an image's own operating system is used: build on Lambda's "
            "base images, such as public.ecr.aws/lambda/python:3.13)"
        )
