"""A question of the bank, a topic, or what is due: asked, marked, explained, and kept.

A click on a button also selects its cell in JupyterLab, so that the next Shift+Enter runs the cell again. What was
answered is therefore kept with the kernel and shown again.
"""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from labkit import quiz
from labkit.notebook.questions.fields import field_of
from labkit.notebook.questions.layout import Status, button, buttons, marked_up, text
from labkit.quiz import Mark, Question
from labkit.quiz.study.series import Summary, due_questions, next_due, summary
from labkit.quiz.study.store import progress

SIGNS = {"right": "✔", "part": "◐", "wrong": "✘", "review": "?"}
HOSTS = ("BINDER_SERVICE_HOST", "BINDER_REPO_URL", "BINDER_LAUNCH_HOST")  # set where nothing is kept
REMIND_EVERY = 10  # answers
_answered: dict[str, Any] = {}  # the last answer to each question, as its field gave it


def ask(question_id: str) -> widgets.VBox:
    """A question of the bank, or a topic such as `cold-starts`, to answer in the notebook.

    `UnknownQuestion` names the closest when there is none.
    """
    if "/" not in str(question_id):
        return _series([question.id for question in quiz.questions(str(question_id))], "topic")
    return _question(quiz.question(question_id), "question", lambda mark: None)


def answer(question_id: str, text: object) -> Mark:
    """The mark of an answer without a widget: text, a letter, or letters such as `"A, C"`."""
    mark = quiz.mark(question_id, text)
    progress().add("answered", question=question_id, answer=plain(text), mode="question")
    return mark


def review() -> widgets.VBox:
    """The questions that are due by now, the most overdue first; what was answered comes back ever later."""
    kept = progress()
    ids = due_questions(kept.events(), kept.now())
    if ids:
        return _series(ids, "review")
    return widgets.VBox([text(next_due(kept.events(), kept.now()))])


def _series(ids: Sequence[str], mode: str) -> widgets.VBox:
    """One question after another, and at the end what to read again."""
    marks: dict[str, Mark] = {}
    box = widgets.VBox()

    def show(number: int) -> None:
        if number == len(ids):
            box.children = [_summary(summary(marks))]
            return
        follow = button("Next question" if number + 1 < len(ids) else "Finish", lambda: show(number + 1))
        asked = _question(quiz.question(ids[number]), mode, lambda mark: marks.__setitem__(ids[number], mark))
        box.children = [text(f"Question {number + 1} of {len(ids)}"), asked, follow]

    show(0)
    return box


def _summary(found: Summary) -> Status:
    status = Status()
    status.say("".join(f"<p>{marked_up(line)}</p>" for line in found.lines()))
    return status


def _question(question: Question, mode: str, tell: Callable[[Mark], object]) -> widgets.VBox:
    status, contest = Status(), widgets.VBox()
    shown_again = question.id in _answered and mode == "question"
    hinted: list[bool] = []

    def submit(given: Any) -> str:
        nonlocal shown_again
        mark = quiz.mark(question.id, given)
        if not shown_again:
            attempt = progress().add(
                "answered", question=question.id, answer=plain(given), mode=mode, hinted=bool(hinted)
            )
            contest.children = [_contest(attempt)]
        shown_again = False
        _answered[question.id] = given
        status.say(mark._repr_html_() + explanation(question) + _reminder())
        tell(mark)
        return SIGNS[mark.verdict]

    fields = field_of(question, submit, _answered.get(question.id) if shown_again else None)
    return widgets.VBox([text(question.prompt), *fields, *_hint(question, hinted), contest, status])


def _contest(attempt: str) -> widgets.VBox:
    """A way of saying that a mark is wrong."""
    field = widgets.Text(placeholder="Why?", description="Reason:", layout={"max_width": "50em", "width": "auto"})
    status, box = Status(), widgets.VBox()

    def send() -> None:
        progress().add("contested", attempt=attempt, reason=field.value)
        box.children = [status]
        status.say("<p>Kept for a person to look at: <code>labkit quiz queue</code> lists it.</p>")

    box.children = [
        button("I think this mark is wrong", lambda: setattr(box, "children", [field, button("Send", send)]))
    ]
    return box


def _hint(question: Question, hinted: list[bool]) -> list[widgets.Widget]:
    if not question.hint:
        return []
    status = Status()

    def show() -> None:
        hinted.append(True)
        status.say(f"<p>Hint: {marked_up(question.hint)}</p>")

    return [buttons(button("Hint", show)), status]


def explanation(question: Question) -> str:
    """What is told after the mark, as HTML."""
    parts = {
        "The exam expects": question.explanation.exam,
        "Today": question.explanation.today,
        "Worked out": question.explanation.worked,
    }
    told = [f"<p><strong>{name}:</strong> {marked_up(part)}</p>" for name, part in parts.items() if part]
    return "".join([*told, f"<p>Source: {marked_up(question.source)}, as of {html.escape(question.as_of)}</p>"])


def _reminder() -> str:
    """On Binder, every few answers, that nothing is kept there."""
    if not any(os.environ.get(name) for name in HOSTS) or len(_answered) % REMIND_EVERY != REMIND_EVERY - 1:
        return ""
    return "<p>This machine forgets everything when it stops. `labkit.progress()` has a button to download.</p>"


def plain(given: object) -> object:
    """An answer as it can be kept: text, a number, a list or a mapping of texts."""
    if isinstance(given, str | int | float | bool) or given is None:
        return given
    if isinstance(given, dict):
        return {str(key): str(value) for key, value in given.items()}
    if isinstance(given, list | tuple | set | frozenset):
        return [str(one) for one in given]
    return str(given)
