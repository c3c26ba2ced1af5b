"""What the environments of an account share, and what this machine gives each of them."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labkit import facts
from labkit.clock import Clock
from labkit.runtime.spawner import Spawner


@dataclass(frozen=True)
class Host:
    """Where environments live, who starts them, their way to the account.

    `runtime_directory` holds the modules of the runtime itself, `sandboxed` says whether this machine has sandboxes,
    `init_limit` and `restore_limit` are in seconds.
    """

    directory: Path
    runtime_directory: Path
    spawner: Spawner
    sandboxed: bool
    clock: Clock
    variables: Mapping[str, str]
    init_limit: float
    restore_limit: float


def transfer_seconds(size: int) -> float:
    """How long a package of `size` bytes travels from S3 to an environment at fact LIM-15's bandwidth."""
    return 8 * size / (1e6 * (facts.QUOTAS["bandwidth"].default or math.inf))


def processor_share(memory: int) -> float | None:
    """How much of one processor a function of this memory (MB) gets; None where this machine has no more than that.

    Fact LIM-01. Lambda gives it in the Invoke phase; Init runs at full speed.
    """
    share = memory / (facts.QUOTAS["memory_per_vcpu"].default or 1)
    return share if share < (os.cpu_count() or 1) else None
