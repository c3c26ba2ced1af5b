"""labkit grade beside nbgrader and otter, on the same three questions: `python tests/benchmarks/graders.py FOLDER`.

Both are installed below FOLDER, once. Their tests only compare values, so that no marking of text is in their time; a
hand-in of labkit's has the same answers, one of them in free text, which is marked.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import nbformat
from grading import ANSWERS, hand_in
from measures import seconds
from peer_programs import installed
from result import Result, table_of
from rich.console import Console

from labkit.classroom.grade import grade
from labkit.classroom.work import threads

NBGRADER, OTTER, OURS = 8, 2, 200  # hand-ins of each
OTTER_TEST = """OK_FORMAT = True
test = {{"name": "{name}", "points": 1, "suites": [
    {{"type": "doctest", "scored": True, "cases": [{{"code": ">>> bool({name})\\nTrue"}}]}}]}}
"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def main(folder: Path) -> None:
    """Print seconds a hand-in, and how many times as fast labkit is."""
    programs = {name: installed(name, folder) for name in ("nbgrader", "otter")}
    with tempfile.TemporaryDirectory() as scratch:
        ours, with_nbgrader, with_otter = (Path(scratch, name) for name in ("labkit", "nbgrader", "otter"))
        hand_in(ours, OURS, {})
        own = seconds(lambda: grade(ours, ours / "out", lambda labs, seed: {}, scheduler=threads)) / OURS
        results = [
            Result(
                "labkit grade beside nbgrader", own, 1 / 20, _nbgrader(programs["nbgrader"], with_nbgrader), "nbgrader"
            ),
            Result("labkit grade beside otter", own, 1 / 50, _otter(programs["otter"], with_otter), "otter run"),
        ]
    Console(width=140).print(table_of(results, "Seconds a hand-in of three questions"))
    sys.exit(not all(result.ok for result in results))


def _nbgrader(program: Path, course: Path) -> float:
    names = list("abc"[: len(ANSWERS)])
    _write(course / "source" / "ps" / "quiz.ipynb", _course_cells(names))
    (course / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'x'\n")
    _run(program, "generate_assignment", "ps", "--create", "--force", folder=course)
    for number in range(NBGRADER):
        _write(course / "submitted" / f"s{number}" / "ps" / "quiz.ipynb", _course_cells(names))
    return seconds(lambda: _run(program, "autograde", "ps", "--create", folder=course)) / NBGRADER


def _course_cells(names: list[str]) -> list[nbformat.NotebookNode]:
    cells = []
    for name in names:
        cells.append(_cell(f"{name} = 'C'", f"answer-{name}", solution=True))
        cells.append(_cell(f"assert {name} == 'C'", f"mark-{name}", grade=True, locked=True, points=1))
    return cells


def _cell(source: str, name: str, **told: object) -> nbformat.NotebookNode:
    kept = {"schema_version": 3, "grade_id": name, "solution": False, "grade": False, "locked": False, "task": False}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": {**kept, **told}})


def _otter(program: Path, folder: Path) -> float:
    names = list("abc"[: len(ANSWERS)])
    _write(folder / "quiz.ipynb", [nbformat.v4.new_code_cell(f"{name} = 'C'") for name in names])
    (folder / "tests").mkdir()
    for name in names:
        (folder / "tests" / f"{name}.py").write_text(OTTER_TEST.format(name=name))
    _run(program, "generate", "-t", "tests", "-o", "tests.zip", "--no-environment", folder=folder)
    return min(
        seconds(lambda: _run(program, "run", "-a", "tests.zip", "quiz.ipynb", folder=folder)) for _ in range(OTTER)
    )


def _write(path: Path, cells: list[nbformat.NotebookNode]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def _run(program: Path, *arguments: str, folder: Path) -> None:
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"  # where both look for Jupyter's programs
    subprocess.run([program, *arguments], cwd=folder, env={**os.environ, "PATH": path}, check=True, capture_output=True)


if __name__ == "__main__":
    main()
