"""What was answered is kept, whatever happens to the process, and can be carried elsewhere."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import quiz
from labkit.mistake import BadValue
from labkit.quiz.study.history import attempts, strengths
from labkit.quiz.study.progress import Progress, default_path
from labkit.quiz.study.schedule import due, due_dates

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.time = NINE

    def __call__(self):
        return self.time

    def advance(self, **units):
        self.time += timedelta(**units)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def progress(tmp_path, clock):
    return Progress(tmp_path / "progress.sqlite", clock)


def answered(progress, question, answer, **more):
    return progress.add("answered", question=question, answer=answer, mode="topic", **more)


def test_what_is_added_is_there_for_the_next_reader(progress, clock):
    answered(progress, "self-quiz/1", "15 minutes")
    clock.advance(minutes=1)
    answered(progress, "cold-starts/3", ["A", "C"])
    found = attempts(Progress(progress.path, clock).events())
    assert [(a.question.id, a.answer, a.mark.score) for a in found] == [
        ("self-quiz/1", "15 minutes", 1), ("cold-starts/3", ["A", "C"], 1)
    ]  # fmt: skip
    assert found[1].at - found[0].at == timedelta(minutes=1)


def test_a_process_that_is_killed_loses_no_answer(tmp_path):
    program = (
        "import sys, pathlib; from labkit.quiz.study.progress import Progress\n"
        "progress = Progress(pathlib.Path(sys.argv[1]))\n"
        "for number in range(1000): progress.add('answered', number=number); print(number, flush=True)"
    )
    path = tmp_path / "progress.sqlite"
    child = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True)
    told = [int(child.stdout.readline()) for _ in range(20)]
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    kept = [event.content["number"] for event in Progress(path).events()]
    assert kept[: len(told)] == told and kept == list(range(len(kept)))


def test_two_notebooks_write_at_once(tmp_path):
    path = tmp_path / "progress.sqlite"

    def write(name):
        for number in range(40):
            Progress(path).add("answered", who=name, number=number)

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = Progress(path).events()
    assert sorted((e.content["who"], e.content["number"]) for e in events) == [(w, n) for w in "ab" for n in range(40)]


def test_an_export_is_imported_once(progress, tmp_path):
    answered(progress, "self-quiz/1", "15 minutes")
    answered(progress, "self-quiz/3", "the execution role")
    other = Progress(tmp_path / "other.sqlite")
    answered(other, "self-quiz/1", "an hour")
    assert other.take(progress.exported()) == 2
    assert other.take(progress.exported()) == 0
    assert len(attempts(other.events())) == 3


def test_a_score_in_a_file_counts_for_nothing(progress):
    answered(progress, "self-quiz/1", "an hour", score=1.0, verdict="right")
    (attempt,) = attempts(progress.events())
    assert attempt.mark.score == 0


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", "not json", '{"format": "labkit progress 2", "events": []}', "[" * 100_000,
     '{"format": "labkit progress 1", "events": [{"id": "x"}]}',
     '{"format": "labkit progress 1", "events": [{"id": "x", "at": "now", "kind": "answered", "content": {}}]}'],
)  # fmt: skip
def test_what_is_no_export_is_refused_and_nothing_is_lost(progress, text):
    answered(progress, "self-quiz/1", "15 minutes")
    with pytest.raises(BadValue, match=r"no file of progress|can be imported"):
        progress.take(text)
    assert len(progress.events()) == 1


def test_a_damaged_file_is_kept_aside(progress, caplog):
    progress.path.write_bytes(b"this is no database" * 100)
    with caplog.at_level(logging.WARNING, logger="labkit"):
        answered(progress, "self-quiz/1", "15 minutes")
    assert len(progress.events()) == 1 and "kept as" in caplog.text
    (aside,) = progress.path.parent.glob("*.damaged-*")
    assert aside.read_bytes().startswith(b"this is no database")


def test_a_file_that_can_t_be_opened_is_said_in_one_message(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadValue, match="can't be opened"):
        Progress(tmp_path / "folder").events()


def test_where_progress_is_kept_can_be_said(monkeypatch, tmp_path):
    monkeypatch.setenv("LABKIT_PROGRESS", str(tmp_path / "mine.sqlite"))
    assert default_path() == tmp_path / "mine.sqlite"
    monkeypatch.delenv("LABKIT_PROGRESS")
    assert default_path().name == "progress.sqlite"


def test_an_answer_to_a_question_that_is_gone_is_kept_and_left_out(progress):
    answered(progress, "gone/1", "x")
    assert attempts(progress.events()) == () and len(progress.events()) == 1


# Marks that wait for a person.


def test_a_contested_mark_waits_until_it_is_decided(progress):
    attempt = answered(progress, "self-quiz/1", "as long as a lesson")
    progress.add("contested", attempt=attempt, reason="a lesson is 15 minutes")
    (found,) = attempts(progress.events())
    assert found.waits and found.contested == "a lesson is 15 minutes" and found.mark.score < 1
    progress.add("decided", attempt=attempt, score=0.5, comment="Say it as a number.")
    (found,) = attempts(progress.events())
    assert not found.waits and found.mark.score == 0.5 and "Say it as a number" in found.mark.feedback


def test_another_language_waits_by_itself(progress):
    answered(progress, "self-quiz/1", "fünfzehn Minuten sind das Maximum")
    assert attempts(progress.events())[0].waits


# Spaced repetition.


def test_what_is_known_comes_back_ever_later_and_what_is_not_soon(progress, clock):
    intervals = []
    for _ in range(5):
        answered(progress, "self-quiz/1", "15 minutes")
        intervals.append(due_dates(attempts(progress.events()))["self-quiz/1"] - clock.time)
        clock.time += intervals[-1]
    assert intervals == sorted(intervals) and intervals[-1] > timedelta(days=5)
    answered(progress, "self-quiz/1", "an hour")
    assert due_dates(attempts(progress.events()))["self-quiz/1"] - clock.time < timedelta(hours=1)


def test_the_most_overdue_comes_first(progress, clock):
    answered(progress, "self-quiz/1", "an hour")
    clock.advance(seconds=30)
    answered(progress, "self-quiz/2", "no idea")
    assert due(attempts(progress.events()), clock.time) == ()
    clock.advance(days=1)
    assert due(attempts(progress.events()), clock.time) == ("self-quiz/1", "self-quiz/2")


@given(
    answers=st.lists(st.tuples(st.sampled_from(["self-quiz/1", "cold-starts/1"]), st.sampled_from("ABC")), max_size=8)
)
def test_the_same_answers_give_the_same_days(tmp_path_factory, answers):
    clock = Clock()
    progress = Progress(tmp_path_factory.mktemp("p") / "p.sqlite", clock)
    for question, answer in answers:
        answered(progress, question, answer)
        clock.advance(hours=7)
    first, second = (due_dates(attempts(progress.events())) for _ in range(2))
    assert first == second and set(first) == {question for question, _ in answers}


# Strengths.


def test_the_weakest_topic_comes_first_and_the_latest_answer_counts(progress):
    answered(progress, "self-quiz/1", "an hour")
    answered(progress, "self-quiz/1", "15 minutes")
    answered(progress, "cold-starts/1", "A")
    rows = strengths(attempts(progress.events()), "topic", quiz.questions())
    assert [(row.name, row.score, row.answered) for row in rows[:2]] == [("cold-starts", 0, 1), ("self-quiz", 1, 1)]
    assert rows[2].answered == 0
