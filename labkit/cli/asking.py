"""Questions in a terminal: printed, answered in a line, marked and explained."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from labkit.quiz.bank.topics import BANK
from labkit.quiz.mark import Mark
from labkit.quiz.marking import mark_answer
from labkit.quiz.question import Question
from labkit.quiz.study.progress import Progress
from labkit.quiz.study.series import summary

HOW = "Type your answer; ? shows a hint, an empty line skips, ! says that a mark is wrong. Ctrl-D ends."


class Ended(Exception):
    """Whoever was asked wants no more."""


def ask_all(console: Console, kept: Progress, ids: Sequence[str], mode: str) -> None:
    """Ask one question after another, and at the end say what to read again."""
    marks: dict[str, Mark] = {}
    console.print(HOW, style="dim", highlight=False)
    try:
        for number, question_id in enumerate(ids, start=1):
            console.rule(f"{number} of {len(ids)}")
            _ask(console, kept, BANK.question(question_id), mode, marks)
    except Ended:
        console.print()
    for line in summary(marks).lines():
        console.print(line, highlight=False)


def show(console: Console, question: Question) -> None:
    """Print a question with what there is to choose from."""
    plain(console, question.prompt, style="bold")
    body = question.body
    for option in getattr(body, "options", ()):
        plain(console, f"  {option.letter}  {option.text}")
    for step in getattr(body, "shown", ()):
        plain(console, f"  {step.letter}  {step.text}")
    for pair in getattr(body, "pairs", ()):
        plain(console, f"  {pair.number}. {pair.item}")
    for letter, text in getattr(body, "texts", {}).items():
        plain(console, f"  {letter}  {text}")
    if question.type == "ordering":
        plain(console, "Give the letters in order, such as B A C.")
    if question.type == "matching":
        plain(console, "Give a letter for each number, such as 1 B, 2 A.")


def plain(console: Console, text: str, style: str = "") -> None:
    """Print text of the bank, in which brackets are no markup."""
    console.print(text, style=style, markup=False, highlight=False)


def read(console: Console) -> str:
    """A line; `Ended` when there is none."""
    try:
        return console.input("> ").strip()
    except (EOFError, KeyboardInterrupt):
        raise Ended from None


def _ask(console: Console, kept: Progress, question: Question, mode: str, marks: dict[str, Mark]) -> None:
    show(console, question)
    hinted = False
    while (given := read(console)) == "?":
        hinted = True
        plain(console, question.hint or "There is no hint.", style="italic")
    if not given:
        return
    mark = marks[question.id] = mark_answer(question, given)
    attempt = kept.add("answered", question=question.id, answer=given, mode=mode, hinted=hinted)
    plain(console, str(mark), style="green" if mark.verdict == "right" else "yellow")
    for name, part in _explained(question).items():
        plain(console, f"{name}: {part}")
    plain(console, "Enter goes on.", style="dim")
    if read(console) == "!":
        plain(console, "Why is it wrong?")
        kept.add("contested", attempt=attempt, reason=read(console))
        plain(console, "Kept for a person to look at: labkit quiz queue.")


def _explained(question: Question) -> dict[str, str]:
    told = question.explanation
    parts = {"The exam expects": told.exam, "Today": told.today, "Worked out": told.worked}
    return {name: part for name, part in parts.items() if part}
