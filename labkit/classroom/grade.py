"""Grades a folder of hand-ins: each is marked once and kept, then all that a teacher gets is written from what is kept.

One hand-in is in memory at a time. What is written does not depend on when, or in how many runs, it was graded.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labkit.classroom import results, review
from labkit.classroom.assignment import Assignment, assignment_of
from labkit.classroom.cohort import Cohort, Student, cohort_of
from labkit.classroom.feedback import feedback
from labkit.classroom.folder import File, files_in, read
from labkit.classroom.gradebook import Columns, Row, canvas, gradebook, moodle
from labkit.classroom.graded import Graded, Lab
from labkit.classroom.marking import marked
from labkit.classroom.reading import NotReadable, submission_in
from labkit.classroom.report import ClassReport
from labkit.classroom.results import Results
from labkit.classroom.submission import FunctionEvidence
from labkit.classroom.texts import as_name, digest_of_text
from labkit.classroom.variants import seed_of
from labkit.labs import labs
from labkit.mistake import BadValue
from labkit.quiz.bank.topics import BANK

PACKAGE = Path(__file__).parents[1]
MARKERS = ("quiz", "labs", "classroom")  # the rooms whose code decides a mark
RunLabs = Callable[[Mapping[str, Mapping[str, FunctionEvidence]], str], dict[str, Lab]]  # the digest is the hand-in's
Tell = Callable[[Sequence[str]], Iterable[str]]  # shows progress while it goes through names


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: students, marks that wait for a person, files that are no hand-ins."""

    students: int
    waiting: int
    refused: tuple[File, ...]


def grade(folder: Path, out: Path, run_labs: RunLabs, tell: Tell = iter) -> Outcome:
    """Grade the hand-ins of `folder` into `out`, which is made; what was graded before is not graded again.

    `BadValue` when `folder` is none, or for a mistake in the queue's scores; `BankError` for one in the assignment.
    """
    if not folder.is_dir():
        raise BadValue(f"{folder} is no folder; give the one that has the hand-ins")
    if out.resolve() == folder.resolve():
        raise BadValue(f"{out} has the hand-ins; give another folder for what is written")
    assignment = assignment_of(folder)
    out.mkdir(parents=True, exist_ok=True)
    queue = review.Queue(out / review.FILE, assignment.bank)
    kept = Results(out / results.FILE, state_of(assignment))
    files = [_grade(folder, name, kept, assignment, run_labs) for name in tell(files_in(folder, out, assignment.files))]
    return _write(out, assignment, files, kept, queue)


def state_of(assignment: Assignment) -> str:
    """What stands for all that a mark depends on, the hand-in aside: assignment, questions, and the kit's code."""
    found = hashlib.sha256(repr(assignment).encode() + assignment.secret)
    sources = [path for room in MARKERS for path in (PACKAGE / room).rglob("*.py")]
    for path in [*sorted(sources), *sorted(BANK.directory.glob("*.yaml")), *filter(None, [assignment.bank.exam])]:
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _grade(folder: Path, name: str, kept: Results, assignment: Assignment, run_labs: RunLabs) -> File:
    file, content = read(folder, name)
    if file.refused or file.digest in kept:
        return file
    try:
        submission = submission_in(content)
    except NotReadable as error:
        return File(name, refused=str(error))
    wanted = {lab: found for lab, found in submission.labs.items() if lab in labs() and assignment.wants(lab)}
    answers = marked(submission.events, assignment, submission.student)
    seen = run_labs(wanted, _seed(assignment, file.digest)) if wanted else {}
    events = tuple(sorted(digest_of_text(event.id)[:16] for event in submission.events))
    kept.add(Graded(file.digest, submission.student, submission.name, submission.made_at, answers, seen, events))
    return file


def _seed(assignment: Assignment, digest: str) -> str:
    """What draws the inputs of a hand-in's labs; with a secret, nobody else can know them."""
    return seed_of(assignment.secret, digest) if assignment.secret else digest


# What a teacher gets.


def _write(out: Path, assignment: Assignment, files: Sequence[File], kept: Results, queue: review.Queue) -> Outcome:
    cohort = cohort_of([file for file in files if not file.refused], kept)
    columns = _columns(assignment, cohort)
    rows, report = [], ClassReport(columns, assignment.bank)
    (out / "feedback").mkdir(exist_ok=True)
    for student, graded in _decided(cohort, kept, queue):
        rows.append(Row(student, columns.scores(graded) if graded else None))
        if graded:
            report.add(graded)
        _put(out / "feedback" / f"{as_name(student.id)}.html", feedback(student, graded, columns, assignment))
    refused = tuple(file for file in files if file.refused)
    _put(out / "gradebook.csv", "\ufeff" + gradebook(rows, columns))  # Excel takes a file without that mark for Latin-1
    _put(out / "canvas.csv", canvas(rows, columns, assignment.title))
    _put(out / "moodle.csv", moodle(rows, assignment.title))
    _put(out / "report.html", report.as_page(assignment.title, cohort.students, refused, queue.waiting))
    _put(out / review.FILE, "\ufeff" + queue.write())
    return Outcome(len(rows), queue.waiting, refused)


def _decided(cohort: Cohort, kept: Results, queue: review.Queue) -> Iterator[tuple[Student, Graded | None]]:
    for student in cohort.students:
        yield student, queue.decided(kept.get(student.digest)) if student.digest else None


def _columns(assignment: Assignment, cohort: Cohort) -> Columns:
    questions = cohort.questions if assignment.questions is None else assignment.questions
    return Columns(questions, cohort.labs if assignment.labs is None else assignment.labs)


def _put(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(text.encode("utf-8", "replace"))
    os.replace(part, path)
