"""What is set for a function beside its versions, each a frozen value; times are account time, seconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FunctionUrl:
    """The HTTP endpoint of a function or an alias. `id` is the first label of its host name.

    `cors` is what was given; for the rest AWS's defaults hold: no credentials, nothing allowed or exposed, an age of 0.
    `invoke_mode` is None until one is given, which means BUFFERED.
    """

    id: str
    auth_type: str
    cors: Mapping[str, Any]
    invoke_mode: str | None
    created: float
    modified: float


@dataclass(frozen=True)
class EventInvokeConfig:
    """How asynchronous invocations are handled; None where nothing was set, destinations are ARNs."""

    retries: int | None
    longest_age: int | None  # seconds
    on_success: str | None
    on_failure: str | None
    modified: float


@dataclass(frozen=True)
class RuntimeManagement:
    """When a version's runtime is updated: Auto, FunctionUpdate or Manual, which names the runtime's version."""

    update_on: str = "Auto"
    runtime_version_arn: str | None = None


@dataclass(frozen=True)
class CodeSigningConfig:
    """Whose signatures code must bear. `policy` says what becomes of other code: Warn or Enforce."""

    id: str
    arn: str
    description: str | None
    publishers: tuple[str, ...]  # ARNs of versions of signing profiles
    policy: str
    modified: float
