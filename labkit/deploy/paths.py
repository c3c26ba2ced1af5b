"""Paths that lead nowhere."""

from __future__ import annotations

from pathlib import Path

from labkit.facts import close_matches


def near_hint(path: Path) -> str:
    """`; did you mean …?` with what beside this path has a name like it; empty where nothing has."""
    near = close_matches(path.name, [each.name for each in path.parent.iterdir()]) if path.parent.is_dir() else []
    return f"; did you mean {path.parent / near[0]}?" if near else ""
