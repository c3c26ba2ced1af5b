"""What this machine can give an environment, found out by trying."""

from __future__ import annotations

import sys
from pathlib import Path

from labkit.runtime.spawner import Sandbox, Spawner, SpawnError


def why_no_sandbox(spawner: Spawner, directory: Path) -> str | None:
    """The reason why environments get no sandbox on this machine, or None when they get one."""
    root = directory / "probe"
    root.mkdir()
    trial = Sandbox(str(root), ((sys.base_prefix, sys.base_prefix),), temporary_megabytes=1)
    try:
        spawner.supervise(trial, directory / "probe.log", memory=128, tell=lambda _: None).close()
    except SpawnError as error:
        return str(error)
    return None
