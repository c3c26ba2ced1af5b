"""Grades a folder of hand-ins: each is marked once and kept, then all that a teacher gets is written from what is kept.

A few hand-ins are in memory at a time. What is written does not depend on when, or in how many runs, it was graded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from labkit.classroom import results, review
from labkit.classroom.assignment import Assignment, assignment_of
from labkit.classroom.cohort import Cohort, Student, cohort_of
from labkit.classroom.feedback import feedback
from labkit.classroom.folder import File, files_in, read
from labkit.classroom.gradebook import Columns, Row, canvas, gradebook, moodle
from labkit.classroom.graded import Graded
from labkit.classroom.report import ClassReport
from labkit.classroom.results import Results
from labkit.classroom.state import state_of
from labkit.classroom.texts import BYTE_ORDER_MARK, as_name, put
from labkit.classroom.work import RunLabs, Submit, Window, at_once, graded
from labkit.mistake import BadValue

Tell = Callable[[Sequence[str]], Iterable[str]]  # shows progress while it goes through names
Scheduler = Callable[[Assignment], AbstractContextManager[Submit]]
LOCK = ".grading.lock"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: students, marks that wait for a person, files that are no hand-ins.

    `not_run` is why labs were not run, empty when all were.
    """

    students: int
    waiting: int
    refused: tuple[File, ...]
    not_run: str


def here(assignment: Assignment) -> AbstractContextManager[Submit]:
    """Grade each at once."""
    return nullcontext(at_once)


def grade(folder: Path, out: Path, run_labs: RunLabs, tell: Tell = iter, scheduler: Scheduler = here) -> Outcome:
    """Grade the hand-ins of `folder` into `out`, which is made; what was graded before is not graded again.

    `scheduler` makes, for an assignment, a context in which hand-ins are graded; here, one after the other, by default.
    `BadValue` when `folder` is none, when another run writes to `out`, or for a mistake in the queue's scores;
    `BankError` for one in the assignment.
    """
    if not folder.is_dir():
        raise BadValue(f"{folder} is no folder; give the one that has the hand-ins")
    if out.resolve() == folder.resolve():
        raise BadValue(f"{out} has the hand-ins; give another folder for what is written")
    assignment = assignment_of(folder)
    with _alone_in(out):
        return _grade_into(out, folder, assignment, run_labs, tell, scheduler)


@contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    """The folder is there and no other run writes to it; the system gives the lock back even after a crash."""
    out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(out / LOCK, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise BadValue(
            f"another run is grading into {out}; let it end, or give another folder for what is written"
        ) from None
    with lock:
        yield


def _grade_into(
    out: Path, folder: Path, assignment: Assignment, run_labs: RunLabs, tell: Tell, scheduler: Scheduler
) -> Outcome:
    queue = review.Queue(out / review.FILE, assignment.bank)
    kept = Results(out / results.FILE, state_of(assignment))
    names = files_in(folder, out, assignment.files)
    with scheduler(assignment) as submit:
        files = _grade(folder, tell(names), kept, submit, partial(graded, assignment, run_labs))
    return _write(out, assignment, list(files.values()), kept, queue)


def _grade(
    folder: Path, names: Iterable[str], kept: Results, submit: Submit, task: Callable[..., Graded | str]
) -> dict[str, File]:
    """The files by their names; what was not graded before is, and kept."""
    files: dict[str, File] = {}
    window = Window(submit)
    for name in names:
        file, content = read(folder, name)
        files[name] = file
        if not (file.refused or file.digest in kept or file.digest in window):
            for done in window.give(file, task, file.digest, content):
                _keep(kept, files, *done)
    for done in window.rest():
        _keep(kept, files, *done)
    return files


def _keep(kept: Results, files: dict[str, File], file: File, found: Graded | str) -> None:
    if isinstance(found, Graded):
        kept.add(found)
    else:
        for name, other in files.items():
            if other.digest == file.digest:
                files[name] = File(name, refused=found)


# What a teacher gets.


def _write(out: Path, assignment: Assignment, files: Sequence[File], kept: Results, queue: review.Queue) -> Outcome:
    cohort = cohort_of([file for file in files if not file.refused], kept, assignment.bank)
    columns = _columns(assignment, cohort)
    rows, report, not_run = [], ClassReport(columns, assignment.bank), set()
    (out / "feedback").mkdir(exist_ok=True)
    for student, found in _decided(cohort, kept, queue):
        rows.append(Row(student, columns.scores(found) if found else None))
        if found:
            report.add(found)
            not_run |= {lab.problem for lab in found.labs.values() if not lab.ran}
        put(out / "feedback" / f"{as_name(student.id)}.html", feedback(student, found, columns, assignment))
    refused = tuple(file for file in files if file.refused)
    put(out / "gradebook.csv", BYTE_ORDER_MARK + gradebook(rows, columns))
    put(out / "canvas.csv", canvas(rows, columns, assignment.title))
    put(out / "moodle.csv", moodle(rows, assignment.title))
    put(out / "report.html", report.as_page(assignment.title, cohort.students, refused, queue.waiting))
    put(out / review.FILE, queue.write())
    return Outcome(len(rows), queue.waiting, refused, min(not_run, default=""))


def _decided(cohort: Cohort, kept: Results, queue: review.Queue) -> Iterator[tuple[Student, Graded | None]]:
    for student in cohort.students:
        yield student, queue.decided(kept.get(student.digest)) if student.digest else None


def _columns(assignment: Assignment, cohort: Cohort) -> Columns:
    questions = cohort.questions if assignment.questions is None else assignment.questions
    return Columns(questions, cohort.labs if assignment.labs is None else assignment.labs)
