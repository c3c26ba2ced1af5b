"""The cell that hands in: it writes one file, and shows what is in it and a button to download it."""

from __future__ import annotations

import base64
import html
import re
from pathlib import Path

import ipywidgets as widgets

from labkit.classroom.collecting import collect
from labkit.classroom.submission import Submission
from labkit.notebook.questions.layout import Status
from labkit.quiz.study.store import progress


def submit(student: str, name: str = "") -> widgets.VBox:
    """Write what you hand in, a file `submission-STUDENT.json` in this folder, and show a button to download it.

    `student` is the id by which your teacher knows you, `name` is your name if you want to give it. The file holds
    your answers and your labs' functions, and no score: the teacher marks them. `BadValue` when it can't be made.
    """
    made = collect(student, name, progress())
    path = Path(file_name(made.student))
    path.write_text(made.as_text(), encoding="utf-8")
    status = Status()
    status.say(f"<p>{html.escape(_told(made, path))}</p>")
    return widgets.VBox([status, widgets.HTML(_download(made, path))])


def file_name(student: str) -> str:
    """The name of a student's file, without anything that a file system may not like."""
    return f"submission-{re.sub(r'[^A-Za-z0-9._@-]+', '_', student)}.json"


def _told(made: Submission, path: Path) -> str:
    questions = {event.content.get("question") for event in made.events if event.kind == "answered"}
    labs = f"the labs {', '.join(made.labs)}" if made.labs else "no lab (%load_ext labkit and run its cells first)"
    return f"{path} holds your answers to {len(questions)} questions and {labs}. Send that file to your teacher."


def _download(made: Submission, path: Path) -> str:
    content = base64.b64encode(made.as_text().encode()).decode()
    return (
        f'<p><a class="jupyter-button" style="padding: 0.4em 1em" download="{html.escape(path.name)}" '
        f'href="data:application/json;base64,{content}">Download submission</a></p>'
    )
