"""One style, held by the tools that define it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "notebooks").glob("*.ipynb"))
TOOLS = {
    "ruff finds nothing": ["ruff", "check", "--quiet", "."],
    "the code is formatted": ["ruff", "format", "--check", "--quiet", "."],
    "types agree": ["mypy"],
    "notebooks carry no outputs": ["nbstripout", "--verify", "--keep-id", *NOTEBOOKS],
}


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS.keys())
def test_style(tool):
    result = subprocess.run([sys.executable, "-m", *tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_there_are_notebooks_to_look_at():
    assert NOTEBOOKS
