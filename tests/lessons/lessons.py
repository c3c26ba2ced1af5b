"""What the tests of the lessons share: the notebooks, and what is read in them."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).parent.parent.parent
PATHS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
LESSONS = [stem for stem in PATHS if stem[:2].isdigit() and stem < "16"]  # then come self-quiz and mock exam


def read(stem):
    return nbformat.read(PATHS[stem], as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def lab_of(notebook):
    (lab,) = {m[1] for cell in code_cells(notebook) for m in re.finditer(r'labkit\.check\("(.*?)"\)', cell.source)}
    return lab


def solution(notebook):
    """The Python in the folded part of the lab."""
    folded = [c.source for c in markdown_cells(notebook) if c.source.startswith("<details>")]
    assert len(folded) == 1, "one folded cell holds the lab's solution"
    return re.search(r"```python\n(.*?)```", folded[0], re.DOTALL)[1]


def outputs(notebook, mime):
    found = [o.data[mime] for c in code_cells(notebook) for o in c.outputs if "data" in o and mime in o.data]
    return ["".join(text) for text in found]


def shown_by(cell):
    return "\n".join(o.data["text/plain"] for o in cell.outputs if "data" in o)
