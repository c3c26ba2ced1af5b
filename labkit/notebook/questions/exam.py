"""The mock exam in a notebook: 65 questions, flagged and changed at will, marked when it is handed in."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from labkit import quiz
from labkit.notebook.questions.fields import field_of
from labkit.notebook.questions.layout import Status, button, buttons, marked_up, text
from labkit.quiz.bank.topics import BANK
from labkit.quiz.study.exam import Result, Sitting
from labkit.quiz.study.sitting import Desk, told
from labkit.quiz.study.store import progress


def exam(seed: int | None = None) -> widgets.VBox:
    """A mock exam; one that was begun goes on where it stood, and its time has run on.

    `seed` draws a certain exam; without one each is another. `BadValue` when the bank has too few questions.
    """
    return _Room(Desk.sit_down(progress(), BANK, seed)).box


class _Room:
    """What is shown of an exam."""

    def __init__(self, desk: Desk):
        self._desk = desk
        self._at = 0
        self._sure = False
        self._heading, self._status = Status(), Status()
        self._question = widgets.VBox()
        self._numbers = [
            button(str(number), lambda n=number: self._go(n - 1), width="4.5em")  # type: ignore[misc]
            for number in range(1, len(desk.sitting.questions) + 1)
        ]
        self._flag = button("Flag", self._toggle_flag)
        self._hand_in = button("Hand in", self._end)
        moves = buttons(
            button("Previous", lambda: self._go(self._at - 1)), button("Next", lambda: self._go(self._at + 1)),
            self._flag, self._hand_in,
        )  # fmt: skip
        self.box = widgets.VBox([self._heading, self._question, moves, buttons(*self._numbers), self._status])
        self._go(0)

    def _go(self, number: int) -> None:
        if self._over():
            return
        self._at = number % len(self._numbers)
        self._sure = False
        question = quiz.question(self._desk.sitting.questions[self._at])
        before = self._desk.sitting.answers.get(question.id)
        self._quiet = True
        fields = field_of(question, self._answer, before, "Keep this answer")
        self._quiet = False
        self._question.children = [text(question.prompt), *fields]
        self._show()

    def _answer(self, given: Any) -> str:
        if not self._quiet and not self._over():
            self._desk.answer(self._at, given)
            self._show(f"Question {self._at + 1}: answer kept.")
        return "●"

    def _toggle_flag(self) -> None:
        if not self._over():
            self._desk.flag(self._at)
            self._show()

    def _end(self) -> None:
        if not self._sure and not self._over():
            open_ones = len(self._numbers) - len(self._desk.sitting.answers)
            self._sure = True
            self._show(f"{open_ones} questions are open. Press “Hand in” once more to end the exam.")
            return
        self._desk.end()
        self._over()

    def _over(self) -> bool:
        """Whether the exam has ended; then its result is shown."""
        if not self._desk.is_over():
            return False
        status = Status()
        self.box.children = [status]
        status.say(result_as_html(self._desk.result()))
        return True

    def _show(self, said: str = "") -> None:
        sitting = self._desk.sitting
        minutes = self._desk.minutes_left()
        self._heading.say(
            f"<p>Mock exam, question {self._at + 1} of {len(self._numbers)}. {len(sitting.answers)} answered, "
            f"{len(sitting.flagged)} flagged. Time left: {minutes} minutes.</p>"
        )
        self._status.say(f"<p>{said}</p>" if said else "")
        for number, one in enumerate(self._numbers):
            one.description = _described(number, sitting)
        name = sitting.questions[self._at]
        self._flag.description = "Remove the flag" if name in sitting.flagged else "Flag"


def _described(number: int, sitting: Sitting) -> str:
    name = sitting.questions[number]
    return f"{number + 1}{' ●' if name in sitting.answers else ''}{' ⚑' if name in sitting.flagged else ''}"


def result_as_html(result: Result) -> str:
    """The result with its domains."""
    return "".join(f"<p>{marked_up(line)}</p>" for line in told(result))
