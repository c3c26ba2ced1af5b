"""Grading one hand-in: what is done for each, here, in another thread, or by a worker on another machine."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from labkit.classroom.assignment import Assignment
from labkit.classroom.folder import File
from labkit.classroom.graded import Graded, Lab
from labkit.classroom.marking import marked
from labkit.classroom.reading import NotReadable, submission_in
from labkit.classroom.submission import FunctionEvidence
from labkit.classroom.texts import digest_of_text
from labkit.classroom.variants import seed_of
from labkit.labs import labs

RunLabs = Callable[[Mapping[str, Mapping[str, FunctionEvidence]], str], dict[str, Lab]]  # the text draws the inputs
Submit = Callable[..., Future[Any]]  # as that of an Executor
AHEAD = 16  # hand-ins that are in memory at once, at most


def graded(assignment: Assignment, run_labs: RunLabs, digest: str, content: bytes) -> Graded | str:
    """The marks of a hand-in, or why the content is none."""
    try:
        submission = submission_in(content)
    except NotReadable as error:
        return str(error)
    wanted = {lab: found for lab, found in submission.labs.items() if lab in labs() and assignment.wants(lab)}
    answers = marked(submission.events, assignment, submission.student)
    seen = run_labs(wanted, _seed(assignment, digest)) if wanted else {}
    events = tuple(sorted(digest_of_text(event.id)[:16] for event in submission.events))
    return Graded(digest, submission.student, submission.name, submission.made_at, answers, seen, events)


def at_once(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
    """Do it here, and now."""
    done: Future[Any] = Future()
    try:
        done.set_result(function(*arguments))
    except Exception as error:
        done.set_exception(error)
    return done


@contextmanager
def threads(assignment: Assignment) -> Iterator[Submit]:
    """Grade in as many threads as there are processors: while the labs of one run in their jail, another is marked."""
    pool = ThreadPoolExecutor(os.cpu_count(), "labkit-grade")
    try:
        yield pool.submit
    except BaseException:  # such as the keyboard's interrupt: who runs the labs ends those that are under way
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


class Window:
    """Hand-ins that are under way, taken in the order in which they were given: so what is kept has one order."""

    def __init__(self, submit: Submit):
        self._submit = submit
        self._waiting: deque[tuple[File, Future[Any]]] = deque()
        self._digests: set[str] = set()

    def __contains__(self, digest: str) -> bool:
        return digest in self._digests

    def give(self, file: File, *task: Any) -> Iterator[tuple[File, Graded | str]]:
        """Have a task done; yields the first of those that are done, when there are too many."""
        self._waiting.append((file, self._submit(*task)))
        self._digests.add(file.digest)
        while len(self._waiting) >= AHEAD:
            yield self._next()

    def rest(self) -> Iterator[tuple[File, Graded | str]]:
        """All that are still under way."""
        while self._waiting:
            yield self._next()

    def _next(self) -> tuple[File, Graded | str]:
        file, future = self._waiting.popleft()
        self._digests.remove(file.digest)
        try:
            return file, future.result()
        except Exception as error:  # such as a worker that has ended: the rest is graded all the same
            return file, f"it could not be graded ({type(error).__name__})"


def _seed(assignment: Assignment, digest: str) -> str:
    """What draws the inputs of a hand-in's labs; with a secret, nobody else can know them."""
    return seed_of(assignment.secret, digest) if assignment.secret else digest
