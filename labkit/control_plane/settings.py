"""What is set for a function beside its versions, each a frozen value; times are account time, seconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit import facts


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
    """How asynchronous invocations are handled; None where nothing was set. Destinations are ARNs."""

    retries: int | None = None
    longest_age: int | None = None  # seconds
    on_success: str | None = None
    on_failure: str | None = None
    modified: float = 0.0

    @property
    def effective_retries(self) -> int:
        """The retries that were set, or Lambda's default."""
        return int((facts.QUOTAS["async_retries"].default or 0) if self.retries is None else self.retries)

    @property
    def effective_age(self) -> float:
        """The longest age that was set, or Lambda's default, in seconds."""
        return float((facts.QUOTAS["event_age"].default or 0) if self.longest_age is None else self.longest_age)


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
    tags: Mapping[str, str]
