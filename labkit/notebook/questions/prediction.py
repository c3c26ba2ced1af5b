"""What will happen? A button for each option, pressed before the run.

A click on a button also selects its cell in JupyterLab, so that the next Shift+Enter runs the cell again. What was
predicted is therefore kept with the kernel and shown again.
"""

from __future__ import annotations

from dataclasses import dataclass

import ipywidgets as widgets
from IPython.display import display

from labkit.mistake import BadValue
from labkit.notebook.questions.layout import Status, button, marked_up, row, text
from labkit.quiz.marking.letters import LETTERS

_chosen: dict[tuple[str, tuple[str, ...]], str] = {}  # by question and options


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
    prediction, status, texts = Prediction(), Status(), tuple(map(str, options))

    def choose(letter: str) -> None:
        option = texts[LETTERS.index(letter)]
        prediction.choice = _chosen[question, texts] = option
        status.say(f"<p>You predicted {letter}: {marked_up(option)}. Now run the next cell.</p>")

    if (question, texts) in _chosen:
        choose(LETTERS[texts.index(_chosen[question, texts])])
    rows = [
        row(button(letter, lambda letter=letter: choose(letter), f"{letter}: {option}", "4em"), option)  # type: ignore[misc]
        for letter, option in zip(LETTERS, texts, strict=False)
    ]
    display(widgets.VBox([text(question), *rows, status]))
    return prediction
