from __future__ import annotations

import datetime
import itertools
import json

import pytest

from labkit.classroom.graded import Lab
from labkit.classroom.submission import KINDS, Submission
from labkit.quiz.study.progress import Progress

BEGUN = datetime.datetime(2026, 11, 26, 18, tzinfo=datetime.UTC)


@pytest.fixture
def answers(tmp_path):
    """`answers("s1", {"cold-starts/1": "C"})` is the hand-in of a student who answers so, a minute apart."""

    files = itertools.count()

    def make(student, given, name="", labs=None):
        minutes = itertools.count()
        kept = Progress(
            tmp_path / "kept" / f"{next(files)}.sqlite", lambda: BEGUN + datetime.timedelta(minutes=next(minutes))
        )
        for question, answer in given if isinstance(given, list) else given.items():
            kept.add("answered", question=question, answer=answer, mode="question")
        return Submission(student, name, kept.now().isoformat(), {"labkit": "0.1.0"}, kept.events(*KINDS), labs or {})

    return make


@pytest.fixture
def hand_in(tmp_path, answers):
    """Puts a hand-in into the folder of hand-ins, changed by `edit(content)` if that is given; its path."""
    folder = tmp_path / "hand-ins"
    folder.mkdir()

    def put(student, given, *, file=None, edit=None, **more):
        content = json.loads(answers(student, given, **more).as_text())
        if edit:
            edit(content)
        path = folder / (file or f"{student}.json")
        path.write_text(json.dumps(content))
        return path

    put.folder = folder
    return put


@pytest.fixture
def no_labs():
    """Runs no lab, as a grader that leaves them to a person."""
    return lambda labs, digest: {lab: Lab(problem="It was not run.") for lab in labs}
