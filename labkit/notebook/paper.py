"""A paper: the questions of a file that a teacher has made for one student; nothing is marked here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ipywidgets as widgets

from labkit.classroom.papers import read_paper
from labkit.notebook.questions.asking import plain
from labkit.notebook.questions.fields import field_of
from labkit.notebook.questions.layout import Status, text
from labkit.quiz.question import Question
from labkit.quiz.study.store import progress


def paper(path: str) -> widgets.VBox:
    """Ask the questions of a file that your teacher has made for you; answers can be changed until you hand in.

    They are kept as you give them, and handed in with `labkit.submit`. `BadValue` when it is no such file.
    """
    found = read_paper(Path(path))
    before = {event.content.get("question"): event.content.get("answer") for event in progress().events("answered")}
    heading = text(f'{found.title}, for {found.student}. When you are done, run labkit.submit("{found.student}").')
    return widgets.VBox([heading, *(_asked(question, before.get(question.id)) for question in found.questions)])


def _asked(question: Question, before: Any) -> widgets.VBox:
    status = Status()
    shown_again = before is not None

    def keep(given: Any) -> str:
        nonlocal shown_again
        if not shown_again:
            progress().add("answered", question=question.id, answer=plain(given), mode="paper")
        shown_again = False
        status.say("<p>Your answer is kept.</p>")
        return "●"

    fields = field_of(question, keep, before, "Keep this answer")
    shown_again = False
    return widgets.VBox([text(question.prompt), *fields, status])
