"""The sentences of a lesson follow what the learner changes, and its lab's solution passes.

Each lesson runs once, with all its mutations and its lab's solution, the prediction buttons being real.
"""

from __future__ import annotations

import re
from functools import cache

import nbformat
import pytest
from lessons import PATHS, code_cells, lab_of, outputs, read, shown_by, solution
from mutations import MUTATIONS

from labkit.classroom.lab_running import LabRunner
from labkit.classroom.reading import submission_in
from labkit.notebook.rehearsal import execute

# What a learner hands in, as it would stand in the file.
HAND_IN = """
import os
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    labkit.submit("s1")
    print(Path("submission-s1.json").read_text(encoding="utf-8"))
"""


@cache
def changed(stem):
    notebook = read(stem)
    for mutation in {m.old: m for m in MUTATIONS if m.lesson == stem}.values():
        cell = next((c for c in code_cells(notebook) if mutation.old in c.source), None)
        assert cell is not None, f"no code cell of {stem} holds {mutation.old!r}"
        cell.source = cell.source.replace(mutation.old, mutation.new, 1)
    lab_check = next(c.source for c in code_cells(notebook) if "labkit.check(" in c.source)
    for source in (solution(notebook), lab_check, HAND_IN):
        notebook.cells.append(nbformat.v4.new_code_cell(source))
    return execute(notebook, PATHS[stem].parent)


@pytest.fixture(scope="module")
def runner():
    with LabRunner() as runner:
        yield runner


def test_the_solution_passes_its_lab(lesson):
    assert ": done," in shown_by(code_cells(changed(lesson))[-2])


def test_the_solution_passes_when_it_is_graded(lesson, runner):
    """In an account that has nothing but what was handed in."""
    handed_in = submission_in(code_cells(changed(lesson))[-1].outputs[0].text.encode())
    lab = lab_of(read(lesson))
    seen = runner({lab: handed_in.labs[lab]}, "seed")[lab]
    if runner.refuses:
        pytest.skip(seen.problem)
    assert seen.criteria and not [one for one in seen.criteria if not one.met], seen


def test_nothing_is_said_of_a_prediction_that_nobody_made(lesson):
    assert not re.search(r"prediction (held|was)", " ".join(outputs(changed(lesson), "text/markdown")))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: f"{m.lesson[:2]} {m.old} {m.told}")
def test_the_sentence_follows_the_change(mutation):
    assert mutation.is_told(outputs(changed(mutation.lesson), "text/markdown"))


def test_every_lesson_has_mutations(lesson):
    assert [mutation for mutation in MUTATIONS if mutation.lesson == lesson]
