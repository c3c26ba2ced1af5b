"""`labkit quiz` and `labkit exam`, as typed in a terminal."""

from __future__ import annotations

import json

import pytest
import yaml
from click.testing import CliRunner

from labkit.cli import main
from labkit.quiz.bank.lint import lint
from labkit.quiz.bank.topics import BANK, Bank
from labkit.quiz.study import exam as exams

TOPIC = """
title: All kinds
source: a page
as_of: 2026-10
questions:
  - {id: t, type: numeric, prompt: For how long?, explanation: {exam: x}, domain: secure, difficulty: 1, value: 900 s,
     hint: "A quarter [of an hour].", facts: [NOTES-03], examples: [{answer: 900 s, score: 1}]}
  - {id: o, type: ordering, prompt: Order!, explanation: {exam: x}, domain: resilient, difficulty: 1, hint: h,
     facts: [NOTES-03], examples: [{answer: first, score: 0}],
     items: [{text: first, why: a}, {text: second, why: b}, {text: third, why: c}]}
  - {id: m, type: matching, prompt: Match!, explanation: {exam: x}, domain: high-performing, difficulty: 1, hint: h,
     facts: [NOTES-03], examples: [{answer: x, score: 0}],
     pairs: [{item: S3, match: pushes, why: a}, {item: SQS, match: is polled, why: b}]}
  - {id: c, type: single, prompt: Which?, explanation: {exam: x}, domain: cost-optimized, difficulty: 1, hint: h,
     facts: [NOTES-03], examples: [{answer: A, score: 1}],
     options: [{text: this, right: true, why: a}, {text: that, why: b}]}
"""


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """A bank with one topic, a learner who begins, and an exam of four questions."""
    folder = tmp_path / "quizzes"
    folder.mkdir()
    (folder / "exam-kinds.yaml").write_text(TOPIC, encoding="utf-8")
    made = Bank(folder)
    for name in ("topics", "directory", "_topics", "_questions"):  # topics are read from the directory
        monkeypatch.setattr(BANK, name, getattr(made, name), raising=False)
    monkeypatch.setenv("LABKIT_PROGRESS", str(tmp_path / "progress.sqlite"))
    monkeypatch.setattr(exams, "WEIGHTS", dict.fromkeys(exams.WEIGHTS, 25))
    monkeypatch.setattr(exams.draw, "__defaults__", (4,))
    return folder


@pytest.fixture
def labkit(folder):
    """Run a command with these lines typed."""

    def run(*words, typed=()):
        return CliRunner().invoke(main, words, input="".join(f"{line}\n" for line in typed))

    return run


def order(folder):
    return " ".join(step.letter for step in Bank(folder).question("exam-kinds/o").body.steps)


def pairs(folder):
    return ", ".join(f"{pair.number} {pair.letter}" for pair in Bank(folder).question("exam-kinds/m").body.pairs)


def test_a_topic_is_asked_and_summed_up(labkit, folder):
    typed = ["?", "a quarter of an hour", "", order(folder), "", pairs(folder), "", "B", ""]
    outcome = labkit("quiz", "exam-kinds", typed=typed)
    assert outcome.exit_code == 0 and outcome.output.count("✔ Right") == 3
    assert "A quarter [of an hour]." in outcome.output and "B: b" in outcome.output
    assert "3 of 4 points" in outcome.output and "Read again: All kinds" in outcome.output


def test_who_stops_keeps_what_was_answered(labkit):
    assert "1 of 1 points" in labkit("quiz", "exam-kinds", typed=["900 s"]).output
    assert "1 answers to 1 questions" in labkit("quiz", "--progress").output


def test_an_empty_line_skips(labkit):
    assert "No question was answered" in labkit("quiz", "exam-kinds", typed=[""] * 4).output


def test_without_a_topic_they_are_listed(labkit):
    outcome = labkit("quiz")
    assert "exam-kinds" in outcome.output and "All kinds" in outcome.output


def test_a_mistyped_topic_names_the_closest(labkit):
    outcome = labkit("quiz", "exam-kind")
    assert (
        outcome.exit_code == 1 and "did you mean 'exam-kinds'?" in outcome.output and "Traceback" not in outcome.output
    )


def test_nothing_is_due_for_who_begins(labkit):
    assert "Nothing was answered yet" in labkit("quiz", "--review").output
    labkit("quiz", "exam-kinds", typed=["900 s"])
    assert "Nothing is due now" in labkit("quiz", "--review").output


def test_progress_is_carried_to_another_machine(labkit, tmp_path, monkeypatch):
    labkit("quiz", "exam-kinds", typed=["900 s"])
    file = tmp_path / "mine.json"
    assert labkit("quiz", "--export", str(file)).exit_code == 0
    monkeypatch.setenv("LABKIT_PROGRESS", str(tmp_path / "other.sqlite"))
    assert "1 entries are new" in labkit("quiz", "--import", str(file)).output
    assert "0 entries are new" in labkit("quiz", "--import", str(file)).output
    file.write_text(json.dumps({"scores": 1}))
    outcome = labkit("quiz", "--import", str(file))
    assert outcome.exit_code == 1 and "no file of progress" in outcome.output


def test_a_path_that_can_t_be_written_is_said(labkit, tmp_path):
    outcome = labkit("quiz", "--export", str(tmp_path / "no" / "such" / "folder.json"))
    assert outcome.exit_code == 1 and "can't be written" in outcome.output


def test_a_contested_mark_is_decided_and_becomes_a_test(labkit, folder):
    labkit("quiz", "exam-kinds", typed=["as long as a lesson", "!", "lessons take 15 minutes"])
    outcome = labkit("quiz", "queue", typed=["much", "0.5 Say it as a number."])
    assert "lessons take 15 minutes" in outcome.output and "'much' is no score" in outcome.output
    decided = folder / "decisions" / "exam-kinds.yaml"
    assert yaml.safe_load(decided.read_text()) == [{"question": "t", "answer": "as long as a lesson", "score": 0.5}]
    (message,) = [one for one in lint(folder / "exam-kinds.yaml") if "decisions" in one]
    assert "line 1" in message and "gets 0; a person gave 0.5" in message
    assert "No mark waits" in labkit("quiz", "queue").output


# The exam.


def test_an_exam_is_left_and_goes_on(labkit, folder):
    first = labkit("exam", "--seed", "1", typed=["f", "l"])
    assert "1○⚑ 2○ 3○ 4○" in first.output and "The exam goes on: 130 minutes are left" in first.output
    answers = {"For how": "15 minutes", "Order": order(folder), "Match": pairs(folder), "Which": "B"}
    by_prompt = {question.id: question.prompt for question in Bank(folder).questions()}
    drawn = exams.draw(Bank(folder).questions(), 1)
    typed = [next(text for start, text in answers.items() if by_prompt[name].startswith(start)) for name in drawn]
    outcome = labkit("exam", typed=[*typed, "go 2", "end", "", "end", "end"])
    told = " ".join(outcome.output.split())
    assert "Right" not in told and "0 questions are open" in told
    assert "3 of 4 questions right: 775 points" in told and "✔ That passes" in told
    assert "Mock exams" in labkit("quiz", "--progress").output
