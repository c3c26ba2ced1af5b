"""How a question is answered, by its type: what is pressed or typed, and the answer that comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from labkit.notebook.questions.layout import Status, button, buttons, row, text
from labkit.quiz.question import Question

Submit = Callable[[Any], str]  # takes an answer and returns the sign that is put before it, if any


def field_of(
    question: Question, submit: Submit, before: Any = None, check: str = "Check answer"
) -> list[widgets.Widget]:
    """The widgets that answer a question; `before` is the answer of before, None when there is none.

    `check` is what the button says that hands in what was typed or put together.
    """
    match question.type:
        case "single":
            return _letters(question, submit, before)
        case "multiple":
            return _checkboxes(question, submit, before, check)
        case "ordering":
            return _order(question, submit, before, check)
        case "matching":
            return _pairs(question, submit, before, check)
        case "lab":
            return [text(f'Do it in the account; then `labkit.check("{question.body.lab}")` tells what it sees.')]
    return _typed(question, submit, before, check)


def _letters(question: Question, submit: Submit, before: Any) -> list[widgets.Widget]:
    made: dict[str, widgets.Button] = {}

    def choose(letter: str) -> None:
        sign = submit(letter)
        for other, one in made.items():
            one.description = f"{sign} {other}".strip() if other == letter else other

    for option in question.body.options:
        made[option.letter] = _letter(option.letter, option.text, choose)
    if before in made:
        choose(before)
    return [row(made[option.letter], option.text) for option in question.body.options]


def _letter(letter: str, content: str, choose: Callable[[str], None]) -> widgets.Button:
    return button(letter, lambda: choose(letter), f"{letter}: {content}", "4em")


def _checkboxes(question: Question, submit: Submit, before: Any, check: str) -> list[widgets.Widget]:
    chosen = before if isinstance(before, list) else []
    boxes = [
        widgets.Checkbox(
            option.letter in chosen, description=option.letter, tooltip=option.text, indent=False,
            layout={"width": "4em"},
        )
        for option in question.body.options
    ]  # fmt: skip
    rows = [row(box, option.text) for box, option in zip(boxes, question.body.options, strict=True)]
    return [*rows, _check(check, lambda: submit([box.description for box in boxes if box.value]), bool(chosen))]


def _typed(question: Question, submit: Submit, before: Any, check: str) -> list[widgets.Widget]:
    field = widgets.Textarea(
        before if isinstance(before, str) else "",
        description="Your answer:",
        rows=3 if question.type == "text" else 1,
        style={"description_width": "initial"},
        layout={"width": "auto", "max_width": "50em"},
    )
    return [field, _check(check, lambda: submit(field.value), isinstance(before, str))]


def _order(question: Question, submit: Submit, before: Any, check: str) -> list[widgets.Widget]:
    """A press on a letter puts its step behind those pressed before."""
    order: list[str] = list(before) if isinstance(before, list) else []
    status = Status()

    def show() -> None:
        status.say(f"<p>Your order: {', '.join(order) or 'none yet; press the letters in order'}.</p>")

    def append(letter: str) -> None:
        if letter not in order:
            order.append(letter)
        show()

    def undo() -> None:
        if order:
            order.pop()
        show()

    show()
    rows = [row(_letter(step.letter, step.text, append), step.text) for step in question.body.shown]
    done = _check(check, lambda: submit(list(order)), bool(order))
    return [*rows, status, buttons(button("Undo", undo), done)]


def _pairs(question: Question, submit: Submit, before: Any, check: str) -> list[widgets.Widget]:
    """A row of letters for each item."""
    body = question.body
    given: dict[str, str] = dict(before) if isinstance(before, dict) else {}
    rows: list[widgets.Widget] = [text(f"{letter}: {content}") for letter, content in body.texts.items()]
    for pair in body.pairs:
        rows.append(text(f"{pair.number}. {pair.item}"))
        rows.append(_pair(str(pair.number), body.texts, given))
    return [*rows, _check(check, lambda: submit(dict(given)), bool(given))]


def _pair(number: str, texts: dict[str, str], given: dict[str, str]) -> widgets.HBox:
    made: dict[str, widgets.Button] = {}

    def choose(letter: str) -> None:
        given[number] = letter
        for other, one in made.items():
            one.description = f"● {other}" if other == letter else other

    for letter, content in texts.items():
        made[letter] = _letter(letter, f"{number} {content}", choose)
    if number in given:
        choose(given[number])
    return buttons(*made.values())


def _check(label: str, check: Callable[[], object], at_once: bool) -> widgets.Button:
    """A button that hands in; at once when there is an answer of before."""
    if at_once:
        check()
    return button(label, check)
