"""What counts: the questions and labs of `assignment.yaml` beside the hand-ins, or whatever the class has handed in.

Its `exam`, a file of questions, and its `secret`, from which each student's numbers follow, are the teacher's alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from labkit import facts
from labkit.classroom.questions import Questions
from labkit.classroom.variants import secret_in, seed_of
from labkit.labs import labs
from labkit.quiz.bank.entry import Entry, read
from labkit.quiz.errors import UnknownQuestion

FILE = "assignment.yaml"
Counts = Literal["last", "first"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """`questions` are ids without seeds, `labs` ids; None for either stands for all that anyone has handed in.

    `counts` says which answer to a question is the one that counts. With a `secret`, a question with parameters counts
    with the student's own numbers only.
    """

    title: str = "labkit"
    questions: tuple[str, ...] | None = None
    labs: tuple[str, ...] | None = None
    counts: Counts = "last"
    bank: Questions = field(default_factory=Questions, repr=False)
    secret: bytes = field(default=b"", repr=False)
    files: tuple[Path, ...] = field(default=(), repr=False)  # what it consists of, itself aside

    def asks(self, question_id: str, student: str) -> bool:
        """Whether the answer of a student to this question counts."""
        plain = question_id.partition("#")[0]
        known = plain in self.bank and (self.questions is None or plain in self.questions)
        return known and (not self.secret or question_id == self.own_id(plain, student))

    def own_id(self, plain: str, student: str) -> str:
        """The id under which a student is asked a question: with the seed of the own numbers, where it has some."""
        if self.secret and self.bank.get(plain).parametrised:
            return f"{plain}#{seed_of(self.secret, student.casefold(), plain)}"
        return plain

    def wants(self, lab: str) -> bool:
        """Whether this lab counts."""
        return self.labs is None or lab in self.labs


def assignment_of(folder: Path) -> Assignment:
    """The assignment of a folder of hand-ins; `BankError` names file, line and mistake."""
    path = folder / FILE
    return read_assignment(path) if path.is_file() else Assignment()


def read_assignment(path: Path) -> Assignment:
    """The assignment in a file; `BankError` names file, line and mistake, `BadValue` what is wrong with a secret."""
    entry = read(path)
    entry.check_keys({"title", "questions", "labs", "counts", "exam", "secret"})
    title = entry["title"].text() if "title" in entry else Assignment().title
    counts: Counts = entry["counts"].one_of(("last", "first")) if "counts" in entry else "last"  # type: ignore[assignment]
    files = tuple(_beside(path, entry[key]) for key in ("exam", "secret") if key in entry)
    bank = Questions(files[0] if "exam" in entry else None)
    secret = secret_in(files[-1]) if "secret" in entry else b""
    asked, wanted = _asked(entry, bank), None
    if asked is not None or "labs" in entry:
        asked, wanted = asked or (), _unique(_lab(one) for one in _all(entry, "labs"))
    return Assignment(title, asked, wanted, counts, bank, secret, files)


def _asked(entry: Entry, bank: Questions) -> tuple[str, ...] | None:
    """The questions that are named, or all of the exam's, or None."""
    if "questions" not in entry:
        return bank.named(bank.exam.stem) if bank.exam else None
    return _unique(name for one in _all(entry, "questions") for name in _questions(one, bank))


def _beside(path: Path, entry: Entry) -> Path:
    """A file that is named from where the assignment is."""
    found = (path.parent / entry.text()).resolve()
    if not found.is_file():
        raise entry.error(f"there is no file {entry.text()!r}; name it from where {path.name} is")
    return found


def _all(entry: Entry, key: str) -> list[Entry]:
    return entry[key].list() if key in entry else []


def _questions(entry: Entry, bank: Questions) -> tuple[str, ...]:
    try:
        return bank.named(entry.text())
    except UnknownQuestion as error:
        raise entry.error(str(error)) from None


def _lab(entry: Entry) -> str:
    if entry.text() not in labs():
        raise entry.error(facts.unknown("lab", entry.text(), labs()))
    return entry.text()


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
