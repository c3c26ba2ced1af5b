"""What is deployed: a template, and the objects that it expects in buckets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labkit.mistake import Mistake


class NotDeployable(Mistake, ValueError):
    """What was given is no template, no CDK application, or not possible here; the message says what to do."""


@dataclass(frozen=True)
class Upload:
    """An object for a bucket."""

    bucket: str
    key: str
    content: bytes


@dataclass(frozen=True)
class Bundle:
    """A template's text under a stack's name, with its uploads, and values for its parameters.

    `stored` are what Parameter Store has to have, as the CDK's bootstrapping puts it there.
    """

    stack: str
    template: str
    uploads: tuple[Upload, ...] = ()
    stored: Mapping[str, str] = field(default_factory=dict)
