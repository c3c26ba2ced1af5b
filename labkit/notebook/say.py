"""The sentence below a cell, which names what the cell has just measured."""

from __future__ import annotations

from typing import Protocol

from IPython.display import Markdown, display


class Prediction(Protocol):
    """What `predict` returns. `choice` is the option that was chosen, None as long as none is."""

    @property
    def choice(self) -> str | None: ...


def say(sentence: str, prediction: Prediction | None = None, happened: object = None) -> None:
    """Show a sentence as Markdown and, when a prediction was made, whether it is what happened.

    `happened` is compared as text with the option that was chosen; None when no option describes it.
    """
    display(Markdown(" ".join([sentence, *_verdict(prediction, happened)])))


def _verdict(prediction: Prediction | None, happened: object) -> list[str]:
    if prediction is None or prediction.choice is None or happened is None:
        return []
    if prediction.choice == str(happened):
        return ["✔ Your prediction held."]
    return [f"✘ Your prediction was “{prediction.choice}”."]
