"""A layer made from a distribution that is installed here.

Layout of a Python layer: https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from labkit.facts import close_matches
from labkit.mistake import Mistake


class NotInstalled(Mistake, LookupError):
    """No installed distribution has this name."""


def layer(name: str) -> bytes:
    """A layer zip with an installed distribution and those it needs; `NotInstalled` suggests near names.

    What is compiled is compiled for this machine, not for Lambda's: on AWS, build layers for Amazon Linux.
    """
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as opened:
        for found in _with_requirements(name).values():
            _add(found, opened)
    return archive.getvalue()


def _with_requirements(name: str) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    wanted = [name]
    while wanted:
        current = canonicalize_name(wanted.pop())
        if current not in found:
            found[current] = _installed(current)
            wanted += _requirements(found[current])
    return found


def _requirements(found: Distribution) -> Iterator[str]:
    for requirement in map(Requirement, found.requires or ()):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement.name


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        known = [found.metadata["Name"] for found in distributions() if found.metadata["Name"]]
        close = close_matches(name, known)
        hint = f"did you mean {' or '.join(close)}?" if close else f"install it first: pip install {name}"
        raise NotInstalled(f"no distribution named {name!r} is installed here; {hint}") from None


def _add(found: Distribution, opened: zipfile.ZipFile) -> None:
    for file in found.files or ():
        inside = file.parts[0] != ".." and "__pycache__" not in file.parts
        if inside and (path := file.locate()).is_file():  # type: ignore[attr-defined]
            opened.write(path, f"python/{file.as_posix()}")
