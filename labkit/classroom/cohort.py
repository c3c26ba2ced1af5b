"""Which hand-in counts for each student, and what a person should know of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from labkit.classroom.folder import File
from labkit.classroom.graded import Graded
from labkit.classroom.likeness import Likeness
from labkit.classroom.questions import Questions
from labkit.classroom.results import Results
from labkit.classroom.texts import as_line

NAMED = 3  # students in a note


@dataclass(slots=True)
class Student:
    """A student and the hand-in that counts; `digest` is empty when a person has to say which one does."""

    id: str
    name: str
    made_at: str
    digest: str
    files: tuple[str, ...]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Cohort:
    """A class: its students by their ids' order, and the questions and labs that anyone has handed in."""

    students: tuple[Student, ...]
    questions: tuple[str, ...]
    labs: tuple[str, ...]


@dataclass(slots=True)
class _HandIn:
    """What is kept in memory of a hand-in."""

    student: str
    name: str
    made_at: str
    digest: str
    files: list[str]
    events: frozenset[str]


def cohort_of(files: Iterable[File], results: Results, bank: Questions) -> Cohort:
    """The class that these files come from, who were asked the questions of this bank."""
    handed: dict[str, dict[str, _HandIn]] = {}
    authors: dict[str, set[str]] = {}
    texts: dict[str, Likeness] = defaultdict(Likeness)
    questions: set[str] = set()
    labs: set[str] = set()
    for file in files:
        graded = results.get(file.digest)
        known = handed.setdefault(graded.student.casefold(), {})  # as most systems read a login
        if file.digest in known:
            known[file.digest].files.append(file.name)
            continue
        known[file.digest] = _hand_in(graded, file.name)
        for event in graded.events:
            authors.setdefault(event, set()).add(graded.student.casefold())
        for name, answer in graded.answers.items():
            if bank.get(name).type == "text":
                texts[name].add(graded.student.casefold(), str(answer.given))
        questions |= graded.answers.keys()
        labs |= graded.labs.keys()
    students = [_student(list(known.values())) for _, known in sorted(handed.items())]
    _note_copies(students, handed, authors)
    by_id = {student.id.casefold(): student for student in students}
    for question, likeness in sorted(texts.items()):
        _note_same_words(by_id, question, likeness)
        _note_nearly_same_words(by_id, question, likeness)
    return Cohort(tuple(students), tuple(sorted(questions)), tuple(sorted(labs)))


def _hand_in(graded: Graded, file: str) -> _HandIn:
    return _HandIn(graded.student, graded.name, graded.made_at, graded.digest, [file], frozenset(graded.events))


def _student(handed: list[_HandIn]) -> Student:
    """The last hand-in counts if it goes on from those before; anyone can write another's id into a file."""
    handed.sort(key=lambda one: (one.made_at, one.digest))
    last = handed[-1]
    files = tuple(sorted(file for one in handed for file in one.files))
    if all(before.events and before.events <= last.events for before in handed[:-1]):
        return Student(last.student, last.name, last.made_at, last.digest, files)
    told = "hand-ins of this student that do not go on from each other; leave the right one in the folder"
    return Student(last.student, last.name, last.made_at, "", files, [f"{len(handed)} {told}"])


def _note_copies(
    students: list[Student], handed: Mapping[str, Mapping[str, _HandIn]], authors: Mapping[str, set[str]]
) -> None:
    """The same answer, made at the same moment, is nobody's but one student's."""
    for student in students:
        shared: dict[str, int] = {}
        for event in {event for one in handed[student.id.casefold()].values() for event in one.events}:
            for other in authors[event] - {student.id.casefold()}:
                shared[other] = shared.get(other, 0) + 1
        student.notes += [
            f"{count} of the answers are the very ones of {as_line(other)}" for other, count in sorted(shared.items())
        ]


def _note_same_words(students: Mapping[str, Student], question: str, likeness: Likeness) -> None:
    """A whole sentence in the same words is seldom chance; it may also come from a page that both have read."""
    for names in sorted(likeness.same()):
        for name in names:
            others = [as_line(other) for other in names if other != name]
            more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
            told = f"the answer to {question} has the very words of {', '.join(others[:NAMED])}{more}"
            students[name].notes.append(told)


def _note_nearly_same_words(students: Mapping[str, Student], question: str, likeness: Likeness) -> None:
    """The likest ones of each student."""
    alike: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for one, other, share in likeness.nearly():
        alike[one].append((-share, other))
        alike[other].append((-share, one))
    for name, others in sorted(alike.items()):
        told = ", ".join(f"{as_line(other)} ({-share:.0%})" for share, other in sorted(others)[:NAMED])
        students[name].notes.append(f"the answer to {question} is nearly in the words of {told}")
