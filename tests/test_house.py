"""Who may import whom: a room uses those above it in this list, never those below."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "labkit"
ROOMS = [
    "mistake", "facts", "clock", "records", "limits", "fleet", "plots", "quiz", "runtime", "moto_bridge", "identity",
    "control_plane", "events", "deploy", "account", "labs", "classroom", "notebook", "cli", "__main__",
]  # fmt: skip
PURE = {"facts", "limits", "fleet", "plots", "quiz"}
EFFECTS = {"subprocess", "socket", "threading", "multiprocessing", "boto3", "moto", "random", "signal"}
QUIZ_EDGE = {"progress", "exam"}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.name != "__init__.py")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_by(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = path.relative_to(PACKAGE.parent).parts[: -node.level]
            found |= {".".join([*base, *filter(None, [node.module])]) + f".{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_rooms_above_it(path):
    room = room_of(path)
    assert room in ROOMS, f"{room} is not a room of the design"
    for name in imported_by(path):
        if name.startswith("labkit."):
            other = name.split(".")[1]
            assert other in ROOMS[: ROOMS.index(room) + 1], f"{room} may not import {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_moto_is_imported_in_its_bridge_only(path):
    if room_of(path) != "moto_bridge":
        assert not {name for name in imported_by(path) if name.split(".")[0] == "moto"}


@pytest.mark.parametrize(
    "path", [p for p in MODULES if room_of(p) in PURE and p.stem not in QUIZ_EDGE], ids=lambda p: p.name
)
def test_a_pure_room_has_no_effects(path):
    found = imported_by(path) - {"random.Random"}  # which draws the same for the same seed
    assert not {name.split(".")[0] for name in found} & EFFECTS


def test_the_runtime_knows_nothing_of_moto_or_aws():
    for path in MODULES:
        if room_of(path) == "runtime":
            assert not {name.split(".")[0] for name in imported_by(path)} & {"moto", "boto3", "botocore"}


def test_test_modules_have_names_of_their_own():
    names = sorted(path.name for path in Path(__file__).parent.rglob("test_*.py"))
    assert [name for name in dict.fromkeys(names) if names.count(name) > 1] == []
