"""Make the notebook of revision: the lessons' last lines on one page, a glossary, and what is shown where.

`python docs/revision.py` writes it anew, from the lessons and from index.yaml beside this file.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
import yaml

DOCS = Path(__file__).parent
LESSONS = DOCS.parent / "notebooks"
NOTEBOOK = LESSONS / "18-revision-and-index.ipynb"
IN_ONE_LINE = "**In one line:** "


def main() -> None:
    nbformat.write(made(), NOTEBOOK)


def made() -> nbformat.NotebookNode:
    """The notebook; `KeyError` for an entry that names a lesson or a cell which is not there."""
    index = yaml.safe_load((DOCS / "index.yaml").read_text(encoding="utf-8"))
    lessons = {path.stem[:2]: path for path in sorted(LESSONS.glob("*.ipynb")) if path != NOTEBOOK}
    cells = {number: _cells_of(path) for number, path in lessons.items()}

    def link(words: str, place: str) -> str:
        number, _, cell = place.partition("#")
        return f"[{words}]({lessons[number].name}#cell-id={cells[number][cell].id})"

    parts = {
        "title": "# Revision and index\n\nEverything on a few pages: what to remember, what the words mean, and where "
        "each thing is shown. A click leads to the cell.",
        "sheet": _section("The revision sheet", _takeaways(lessons, cells)),
        "glossary": _section("Glossary", [f"- **{link(word, at)}**: {means}" for word, means, at in index["glossary"]]),
        "exam-words": _section("Words of the exam", [f"- {link(says, at)}" for says, at in index["exam_words"]]),
        "syllabus": "## The syllabus, line by line",
    }
    for number, (title, rows) in enumerate(index["syllabus"].items(), 1):
        parts[f"syllabus-{number}"] = f"### {title}\n\n" + "\n".join(f"- {link(says, at)}" for says, at in rows)
    return _notebook(parts)


def _cells_of(path: Path) -> dict[str, nbformat.NotebookNode]:
    return {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}


def _takeaways(lessons: dict[str, Path], cells: dict[str, dict[str, nbformat.NotebookNode]]) -> list[str]:
    """The last line of each lesson that has one."""
    rows = []
    for number, path in lessons.items():
        last = list(cells[number].values())[-1].source.splitlines()[-1]
        if last.startswith(IN_ONE_LINE):
            rows.append(f"- [{number}]({path.name}): {last.removeprefix(IN_ONE_LINE)}")
    return rows


def _section(title: str, rows: list[str]) -> str:
    return f"## {title}\n\n" + "\n".join(rows)


def _notebook(parts: dict[str, str]) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_markdown_cell(source, id=name) for name, source in parts.items()]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


if __name__ == "__main__":
    main()
