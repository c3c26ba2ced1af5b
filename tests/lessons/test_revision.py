"""The notebook of revision is what the lessons and the index make, and its links lead to cells that are there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "docs"))

import revision  # noqa: E402

LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb") if path.stem < "16")
SOURCES = {
    path.name: {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}
    for path in (ROOT / "notebooks").glob("*.ipynb")
}
REVISION = SOURCES[revision.NOTEBOOK.name]


def test_it_is_made_of_the_lessons_as_they_are():
    made = {cell.id: cell.source for cell in revision.made().cells}
    assert made == REVISION, "run python docs/revision.py"


@pytest.mark.parametrize("name", SOURCES)
def test_links_to_cells_lead_somewhere(name):
    for lesson, cell in re.findall(r"\]\(([^)#]+)#cell-id=([^)]+)\)", "\n".join(SOURCES[name].values())):
        assert cell in SOURCES[lesson], f"{lesson} has no cell {cell}"


@pytest.mark.parametrize("stem", LESSONS)
def test_each_lesson_has_its_line_and_is_found_by_words(stem):
    assert f"]({stem}.ipynb):" in REVISION["sheet"]
    assert sum(source.count(f"({stem}.ipynb#cell-id=") for source in REVISION.values()) >= 3


def test_words_stand_once_and_in_order():
    index = yaml.safe_load((ROOT / "docs" / "index.yaml").read_text(encoding="utf-8"))
    for part in ("glossary", "exam_words"):
        words = [entry[0].lower() for entry in index[part]]
        assert words == sorted(set(words))
