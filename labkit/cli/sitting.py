"""The mock exam in a terminal."""

from __future__ import annotations

from rich.console import Console

from labkit.cli.asking import Ended, plain, read, show
from labkit.quiz.bank.topics import BANK
from labkit.quiz.study.sitting import Desk, told

HOW = (
    "Type an answer; an empty line goes to the next question, go 12 to that one, f flags, l lists, end hands in. "
    "Ctrl-D leaves; the exam goes on when you come back, and its time runs on."
)


def sit(console: Console, desk: Desk) -> None:
    """Go through an exam until it is handed in, its time is up, or whoever sits it leaves."""
    plain(console, HOW, style="dim")
    at = 0
    try:
        while not desk.is_over():
            _heading(console, desk, at)
            at = _turn(console, desk, at)
    except Ended:
        plain(console, f"\nThe exam goes on: {desk.minutes_left()} minutes are left. Come back with labkit exam.")
        return
    for line in told(desk.result()):
        plain(console, line)


def _heading(console: Console, desk: Desk, at: int) -> None:
    sitting = desk.sitting
    flag = " ⚑ flagged" if sitting.questions[at] in sitting.flagged else ""
    console.rule(f"{at + 1} of {len(sitting.questions)}, {desk.minutes_left()} minutes left{flag}")
    show(console, BANK.question(sitting.questions[at]))
    if (before := sitting.answers.get(sitting.questions[at])) is not None:
        plain(console, f"Your answer so far: {before}", style="dim")


def _turn(console: Console, desk: Desk, at: int) -> int:
    """What the next line does; the question to show then."""
    count = len(desk.sitting.questions)
    given = read(console)
    match given.lower():
        case "f":
            desk.flag(at)
            return at
        case "l":
            plain(console, _listed(desk))
            return at
        case "end":
            _hand_in(console, desk)
            return at
        case "":
            return (at + 1) % count
    word, _, number = given.lower().partition(" ")
    if word == "go" and number.strip().isdecimal() and 1 <= int(number) <= count:
        return int(number) - 1
    desk.answer(at, given)
    return (at + 1) % count


def _hand_in(console: Console, desk: Desk) -> None:
    open_ones = len(desk.sitting.questions) - len(desk.sitting.answers)
    plain(console, f"{open_ones} questions are open. Type end once more to hand in.")
    if read(console).lower() == "end":
        desk.end()


def _listed(desk: Desk) -> str:
    sitting = desk.sitting
    marks = [
        f"{number}{'●' if name in sitting.answers else '○'}{'⚑' if name in sitting.flagged else ''}"
        for number, name in enumerate(sitting.questions, start=1)
    ]
    return " ".join(marks)
