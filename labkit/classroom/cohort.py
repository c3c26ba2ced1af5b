"""Which hand-in counts for each student, and what a person should know of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from labkit.classroom.folder import File
from labkit.classroom.graded import Graded
from labkit.classroom.results import Results
from labkit.classroom.texts import as_line


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

    name: str
    made_at: str
    digest: str
    files: list[str]
    events: frozenset[str]


def cohort_of(files: Iterable[File], results: Results) -> Cohort:
    """The class that these files come from."""
    handed: dict[str, dict[str, _HandIn]] = {}
    authors: dict[str, set[str]] = {}
    questions: set[str] = set()
    labs: set[str] = set()
    for file in files:
        graded = results.get(file.digest)
        known = handed.setdefault(graded.student, {})
        if file.digest in known:
            known[file.digest].files.append(file.name)
            continue
        known[file.digest] = _hand_in(graded, file.name)
        for event in graded.events:
            authors.setdefault(event, set()).add(graded.student)
        questions |= graded.answers.keys()
        labs |= graded.labs.keys()
    students = [_student(student, list(known.values())) for student, known in sorted(handed.items())]
    _note_copies(students, handed, authors)
    return Cohort(tuple(students), tuple(sorted(questions)), tuple(sorted(labs)))


def _hand_in(graded: Graded, file: str) -> _HandIn:
    return _HandIn(graded.name, graded.made_at, graded.digest, [file], frozenset(graded.events))


def _student(student: str, handed: list[_HandIn]) -> Student:
    """The last hand-in counts if it goes on from those before; anyone can write another's id into a file."""
    handed.sort(key=lambda one: (one.made_at, one.digest))
    last = handed[-1]
    files = tuple(sorted(file for one in handed for file in one.files))
    if all(before.events and before.events <= last.events for before in handed[:-1]):
        return Student(student, last.name, last.made_at, last.digest, files)
    told = "hand-ins of this student that do not go on from each other; leave the right one in the folder"
    return Student(student, last.name, last.made_at, "", files, [f"{len(handed)} {told}"])


def _note_copies(
    students: list[Student], handed: Mapping[str, Mapping[str, _HandIn]], authors: Mapping[str, set[str]]
) -> None:
    """The same answer, made at the same moment, is nobody's but one student's."""
    for student in students:
        shared: dict[str, int] = {}
        for event in {event for one in handed[student.id].values() for event in one.events}:
            for other in authors[event] - {student.id}:
                shared[other] = shared.get(other, 0) + 1
        student.notes += [
            f"{count} of the answers are the very ones of {as_line(other)}" for other, count in sorted(shared.items())
        ]
