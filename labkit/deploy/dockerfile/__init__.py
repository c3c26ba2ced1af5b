"""Dockerfiles carried out without Docker: what can't be is refused with its line, so nothing is built by half.

The base image's own layers are not here, and not in what is built: the manifest names the base image, and the runtime
in it is this machine's. https://docs.docker.com/reference/dockerfile/
"""

from labkit.deploy.dockerfile.build import build

__all__ = ["build"]
