"""Questions and predictions in a notebook: buttons, checkboxes and a text field, all usable by keyboard.

JupyterLab takes the arrow keys away from radio buttons and dropdowns, so there are none.

A click on a button also selects its cell in JupyterLab, so that the next Shift+Enter runs the cell again. What was
predicted or answered is therefore kept with the kernel and shown again.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from labkit import quiz
from labkit.mistake import BadValue
from labkit.quiz import Mark, Question

LETTERS = "ABCDEFGH"
_chosen: dict[tuple[str, tuple[str, ...]], str] = {}  # what was predicted, by question and options
_answered: dict[str, Any] = {}  # the last answer to each question, as its field gave it
SIGNS = {"right": "✔", "part": "◐", "wrong": "✘", "review": "?"}


def ask(question_id: str) -> widgets.VBox:
    """A question of the bank to answer in the notebook; `UnknownQuestion` names the closest when there is none."""
    question = quiz.question(question_id)
    status = _status()

    def submit(given: Any) -> Mark:
        mark = quiz.mark(question.id, given)
        _answered[question.id] = given
        status.value = _announced(mark._repr_html_() + _explanation(question))
        return mark

    fields = {"single": _buttons, "multiple": _checkboxes, "text": _text_field, "numeric": _text_field}[question.type]
    return widgets.VBox([_text(question.prompt), *fields(question, submit), *_hint(question), status])


def answer(question_id: str, text: object) -> Mark:
    """The mark of an answer without a widget: text, a letter, or letters such as `"A, C"`."""
    return quiz.mark(question_id, text)


@dataclass
class Prediction:
    """What the learner predicts; `choice` is the option's text, None as long as none is chosen."""

    choice: str | None = None

    def _ipython_display_(self) -> None:
        """Nothing: the buttons are shown already when the prediction is the cell's last line."""


def predict(question: str, *options: object) -> Prediction:
    """Show a button for each option and keep what is chosen; the run tells whether it holds.

    `ValueError` when there are fewer than two options or more than eight.
    """
    if not 2 <= len(options) <= len(LETTERS):
        raise BadValue(
            f"predict needs 2 to {len(LETTERS)} options after the question; {len(options)} given: "
            'predict("How often does it run?", "once", "twice")'
        )
    prediction, status, texts = Prediction(), _status(), tuple(map(str, options))

    def choose(letter: str, option: str) -> None:
        prediction.choice = _chosen[question, texts] = option
        status.value = _announced(f"<p>You predicted {letter}: {_marked_up(option)}. Now run the next cell.</p>")

    if (question, texts) in _chosen:
        before = _chosen[question, texts]
        choose(LETTERS[texts.index(before)], before)

    rows = [_lettered_button(letter, option, choose) for letter, option in zip(LETTERS, texts, strict=False)]
    display(widgets.VBox([_text(question), *rows, status]))
    return prediction


def _buttons(question: Question, submit: Callable[[Any], Mark]) -> list[widgets.Widget]:
    rows = [
        _lettered_button(option.letter, option.text, lambda letter, _: choose(letter))
        for option in question.body.options
    ]
    buttons: dict[str, widgets.Button] = {
        option.letter: row.children[0] for option, row in zip(question.body.options, rows, strict=True)
    }

    def choose(letter: str) -> None:
        mark = submit(letter)
        for other, button in buttons.items():
            button.description = f"{SIGNS[mark.verdict]} {other}" if other == letter else other

    if question.id in _answered:
        choose(_answered[question.id])
    return rows


def _checkboxes(question: Question, submit: Callable[[Any], Mark]) -> list[widgets.Widget]:
    before = _answered.get(question.id, [])
    boxes = [
        widgets.Checkbox(
            option.letter in before,
            description=option.letter,
            tooltip=option.text,
            indent=False,
            layout={"width": "4em"},
        )
        for option in question.body.options
    ]
    rows = [_row(box, option.text) for box, option in zip(boxes, question.body.options, strict=True)]
    check = _check_button(question, lambda: submit([box.description for box in boxes if box.value]))
    return [*rows, check]


def _text_field(question: Question, submit: Callable[[Any], Mark]) -> list[widgets.Widget]:
    field = widgets.Textarea(
        _answered.get(question.id, ""),
        description="Your answer:",
        rows=3,
        style={"description_width": "initial"},
        layout={"width": "auto", "max_width": "50em"},
    )
    return [field, _check_button(question, lambda: submit(field.value))]


def _check_button(question: Question, check: Callable[[], object]) -> widgets.Button:
    """A button that marks what the fields hold; they are marked at once when they hold an earlier answer."""
    if question.id in _answered:
        check()
    return _button("Check answer", check)


def _hint(question: Question) -> list[widgets.Widget]:
    if not question.hint:
        return []
    status = _status()

    def show() -> None:
        status.value = _announced(f"<p>Hint: {_marked_up(question.hint)}</p>")

    return [_button("Hint", show), status]


def _lettered_button(letter: str, text: str, choose: Callable[[str, str], None]) -> widgets.HBox:
    button = widgets.Button(description=letter, tooltip=f"{letter}: {text}", layout={"width": "4em"})
    button.on_click(lambda _: choose(letter, text))
    return _row(button, text)


def _row(control: widgets.Widget, text: str) -> widgets.HBox:
    return widgets.HBox([control, _text(text)], layout={"align_items": "baseline"})


def _button(label: str, action: Callable[[], object]) -> widgets.Button:
    button = widgets.Button(description=label)
    button.on_click(lambda _: action())
    return button


def _text(text: str) -> widgets.HTML:
    return widgets.HTML(_wrapped(_marked_up(text)), layout={"flex": "1 1 0", "min_width": "0"})


def _status() -> widgets.HTML:
    return widgets.HTML(_announced(""))


def _announced(content: str) -> str:
    return (
        f'<div role="status" aria-live="polite">{_wrapped(content)}</div>'
        if content
        else '<div role="status" aria-live="polite"></div>'
    )


def _wrapped(content: str) -> str:
    return f'<div style="max-width: 50em; line-height: 1.5; white-space: normal">{content}</div>'


def _explanation(question: Question) -> str:
    today = (
        f"<p><strong>Today:</strong> {_marked_up(question.explanation.today)}</p>" if question.explanation.today else ""
    )
    return (
        f"<p><strong>The exam expects:</strong> {_marked_up(question.explanation.exam)}</p>{today}"
        f"<p>Source: {_marked_up(question.source)}, as of {html.escape(question.as_of)}</p>"
    )


def _marked_up(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
