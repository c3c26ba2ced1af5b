"""What counts: the questions and labs of `assignment.yaml` beside the hand-ins, or whatever the class has handed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from labkit import facts, quiz
from labkit.labs import labs
from labkit.quiz.bank.entry import Entry, read

FILE = "assignment.yaml"
Counts = Literal["last", "first"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """`questions` are ids without seeds, `labs` ids; None for either stands for all that anyone has handed in.

    `counts` says which answer to a question is the one that counts.
    """

    title: str = "labkit"
    questions: tuple[str, ...] | None = None
    labs: tuple[str, ...] | None = None
    counts: Counts = "last"

    def asks(self, question_id: str) -> bool:
        """Whether the answer to this question counts."""
        return self.questions is None or question_id in self.questions

    def wants(self, lab: str) -> bool:
        """Whether this lab counts."""
        return self.labs is None or lab in self.labs


def assignment_of(folder: Path) -> Assignment:
    """The assignment of a folder of hand-ins; `BankError` names file, line and mistake."""
    path = folder / FILE
    return _assignment(read(path)) if path.is_file() else Assignment()


def _assignment(entry: Entry) -> Assignment:
    entry.check_keys({"title", "questions", "labs", "counts"})
    title = entry["title"].text() if "title" in entry else Assignment().title
    counts: Counts = entry["counts"].one_of(("last", "first")) if "counts" in entry else "last"  # type: ignore[assignment]
    if "questions" not in entry and "labs" not in entry:
        return Assignment(title, counts=counts)
    asked = _unique(name for one in _all(entry, "questions") for name in _questions(one))
    return Assignment(title, asked, _unique(_lab(one) for one in _all(entry, "labs")), counts)


def _all(entry: Entry, key: str) -> list[Entry]:
    return entry[key].list() if key in entry else []


def _questions(entry: Entry) -> tuple[str, ...]:
    """The ids that one line means: those of a topic, or one."""
    name = entry.text()
    try:
        found = (quiz.question(name),) if "/" in name else quiz.questions(name)
    except quiz.UnknownQuestion as error:
        raise entry.error(str(error)) from None
    return tuple(question.id.partition("#")[0] for question in found)


def _lab(entry: Entry) -> str:
    if entry.text() not in labs():
        raise entry.error(facts.unknown("lab", entry.text(), labs()))
    return entry.text()


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
