"""A lesson that is run headless leaves nothing behind."""

from __future__ import annotations

import nbformat

from labkit.notebook.rehearsal import execute
from labkit.quiz.study.store import progress

SOURCE = """import labkit
labkit.answer("self-quiz/1", "15 minutes")
len(labkit.quiz.study.store.progress().events())"""


def test_a_rehearsal_is_no_progress_of_the_learner(tmp_path, monkeypatch):
    monkeypatch.setenv("LABKIT_PROGRESS", str(tmp_path / "progress.sqlite"))
    before = len(progress().events())
    source = (
        "import labkit\nlabkit.answer('self-quiz/1', '15 minutes')\nlen(labkit.quiz.study.store.progress().events())"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    (shown,) = [o.data["text/plain"] for o in execute(notebook, tmp_path).cells[0].outputs if "data" in o][-1:]
    assert int(shown) == 1
    assert len(progress().events()) == before
