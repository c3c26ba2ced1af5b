"""The queue of marks that wait for a person, in a terminal."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from labkit.cli.asking import Ended, plain, read
from labkit.quiz.study.decisions import keep_decision
from labkit.quiz.study.history import Attempt, attempts
from labkit.quiz.study.progress import Progress

HOW = "Type a score from 0 to 1 and, if you like, a comment for the learner; an empty line leaves the mark waiting."


def decide_all(console: Console, kept: Progress, quizzes: Path) -> None:
    """Show one answer after another; each decision changes the mark, and is kept beside the bank."""
    waiting = [attempt for attempt in attempts(kept.events()) if attempt.waits]
    plain(console, f"{len(waiting)} marks wait. {HOW}" if waiting else "No mark waits for a person.")
    try:
        for number, attempt in enumerate(waiting, start=1):
            console.rule(f"{number} of {len(waiting)}")
            _show(console, attempt)
            if (decided := read_decision(console)) is not None:
                score, comment = decided
                kept.add("decided", attempt=attempt.id, score=score, comment=comment)
                keep_decision(quizzes, attempt, score)
    except Ended:
        plain(console, "")


def _show(console: Console, attempt: Attempt) -> None:
    plain(console, attempt.question.prompt, style="bold")
    plain(console, f"Answer: {attempt.answer}")
    plain(console, f"Mark: {attempt.mark}")
    if attempt.contested is not None:
        plain(console, f"The learner says: {attempt.contested or '(no reason given)'}")


def read_decision(console: Console) -> tuple[float, str] | None:
    """A score from 0 to 1 and a comment; None for an empty line."""
    while line := read(console):
        number, _, comment = line.partition(" ")
        try:
            score = float(number.replace(",", "."))
        except ValueError:
            score = -1.0
        if 0 <= score <= 1:
            return score, comment.strip()
        plain(console, f"{number!r} is no score; give a number from 0 to 1, such as 0.5.")
    return None
