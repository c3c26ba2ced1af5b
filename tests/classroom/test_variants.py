"""Each student has numbers of their own, from a secret that stays with the teacher as the key does."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import re
from types import SimpleNamespace

import ipywidgets as widgets
import pytest
from click.testing import CliRunner

import labkit
from labkit.classroom.assignment import read_assignment
from labkit.classroom.grade import grade
from labkit.classroom.papers import paper_of, read_paper
from labkit.classroom.reading import submission_in
from labkit.classroom.variants import seed_of
from labkit.cli import main
from labkit.mistake import BadValue
from labkit.quiz.errors import BankError

SECRET = "0123456789abcdef0123456789abcdef"
EXAM = """
source: AWS Lambda Developer Guide
as_of: 2026-10
questions:
  - id: cap
    type: single
    prompt: What ends an invocation that never returns?
    options:
      - {text: The reaper of zombies, why: Nobody knows a thing called thus.}
      - {text: The timeout it was given, right: true, why: Precisely that is why a timeout exists.}
    explanation: {exam: Timeouts are what ends endless work.}
    domain: resilient
    difficulty: 1
    examples: [{answer: B, score: 1}, {answer: A, score: 0}]
  - id: wait
    type: numeric
    parameters: {rate: {from: 20, to: 4000, step: 20}, seconds: [2, 3, 4, 5, 6, 7]}
    let: {together: rate * seconds}
    prompt: "{rate} requests a second run for {seconds} s each. How many run at once?"
    value: "{together}"
    mistakes: [{value: "{rate / seconds}", why: Multiplication is what gives concurrency here.}]
    explanation: {exam: Concurrency is a rate multiplied by a duration., worked: "{rate} × {seconds} = {together}"}
    domain: high-performing
    difficulty: 1
    examples: [{answer: "{together}", score: 1}, {answer: "{rate / seconds}", score: 0}]
  - id: order
    type: ordering
    prompt: Put these in order.
    items: [{text: Init, why: Initialisation precedes everything.}, {text: Invoke, why: Then the event.},
            {text: Freeze, why: Freezing comes at the very end.}]
    explanation: {exam: Initialisation then invocation then freezing.}
    domain: resilient
    difficulty: 1
    examples: [{answer: "A", score: 0}]
"""
ASSIGNMENT = "title: Final\nexam: final.yaml\nsecret: course.secret\n"


@pytest.fixture
def desk(tmp_path):
    """What the teacher has: an exam and a secret; `desk.own("s1", "wait")` is the question of a student."""
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "final.yaml").write_text(EXAM)
    (folder / "course.secret").write_text(SECRET + "\n")
    (folder / "assignment.yaml").write_text(ASSIGNMENT)
    given = read_assignment(folder / "assignment.yaml")

    def own(student, name):
        return given.bank.get(given.own_id(f"final/{name}", student))

    return SimpleNamespace(folder=folder, assignment=given, own=own)


def right(question):
    return next(example.answer for example in question.examples if example.score == 1)


def points(out):
    with open(out / "gradebook.csv", encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row["points"] for row in csv.DictReader(file)}


@pytest.fixture
def graded(hand_in, desk, tmp_path, no_labs):
    """Grades the hand-ins with the desk's assignment; points by student."""

    def run():
        for name in ("final.yaml", "course.secret", "assignment.yaml"):
            (hand_in.folder / name).write_text((desk.folder / name).read_text())
        found = grade(hand_in.folder, tmp_path / "out", no_labs)
        assert found.refused == ()
        return points(tmp_path / "out")

    return run


def test_a_seed_is_the_hmac_of_student_and_question():
    wanted = hmac.new(SECRET.encode(), b"s1\0final/wait", hashlib.sha256).hexdigest()[:12]
    assert seed_of(SECRET.encode(), "s1", "final/wait") == wanted


def test_students_have_numbers_of_their_own(desk):
    prompts = {desk.own(f"s{number}", "wait").prompt for number in range(20)}
    assert len(prompts) > 15
    assert desk.own("s1", "wait").prompt == desk.own("s1", "wait").prompt


def test_the_own_numbers_count(hand_in, desk, graded):
    for student in ("s1", "s2"):
        question = desk.own(student, "wait")
        hand_in(student, {question.id: right(question), "final/cap": "B"})
    assert graded() == {"s1": "2", "s2": "2"}


def test_anothers_numbers_and_easier_ones_count_nothing(hand_in, desk, graded):
    other = desk.own("s2", "wait")
    hand_in("s1", {other.id: right(other), "final/wait": "40", "final/wait#easy": "40"})
    assert graded() == {"s1": "0"}


def test_a_seed_for_a_question_without_numbers_counts_nothing(hand_in, graded):
    hand_in("s1", {"final/cap#1": "B"})
    assert graded() == {"s1": "0"}


def test_inputs_of_labs_follow_from_the_secret(hand_in, desk, tmp_path):
    from labkit.classroom.submission import FunctionEvidence

    (hand_in.folder / "assignment.yaml").write_text("labs: [start-here]\nsecret: course.secret\n")
    (hand_in.folder / "course.secret").write_text(SECRET)
    path = hand_in("s1", {}, labs={"start-here": {"fahrenheit": FunctionEvidence(b"", {})}})
    seeds = []
    grade(hand_in.folder, tmp_path / "out", lambda labs, seed: seeds.append(seed) or {})
    assert seeds == [seed_of(SECRET.encode(), hashlib.sha256(path.read_bytes()).hexdigest())]


# What a student gets.


def key_of(question):
    """All that tells what is right, and must stay with the teacher."""
    yield from filter(None, [question.explanation.exam, question.explanation.today, question.explanation.worked])
    for part in (*getattr(question.body, "options", ()), *getattr(question.body, "steps", ())):
        yield part.why
    yield from (slip.why for slip in getattr(question.body, "slips", ()))
    if question.type == "numeric":
        yield right(question)


def test_papers_hold_neither_key_nor_secret(desk, tmp_path):
    (tmp_path / "class.csv").write_text("Student,SIS Login ID\nAda,s1\nBob,s2\nCy,../../s3\n")
    out = tmp_path / "papers"
    command = ["export", "student", str(desk.folder / "assignment.yaml")]
    done = CliRunner().invoke(main, [*command, "--students", str(tmp_path / "class.csv"), "--out", str(out)])
    assert done.exit_code == 0, done.output
    papers = sorted(out.rglob("*"))
    assert [re.sub("-[0-9a-f]{8}", "", path.name) for path in papers] == [
        "paper-s1.json",
        "paper-s2.json",
        "paper-s3.json",
    ]
    for path, student in zip(papers, ("s1", "s2", "../../s3"), strict=True):
        text = json.dumps(json.loads(path.read_text()), ensure_ascii=False)
        assert desk.own(student, "wait").prompt in text and "The timeout it was given" in text
        for name in ("cap", "wait", "order"):
            for secret in (*key_of(desk.own(student, name)), SECRET, '"right"', '"why"', "true"):
                assert str(secret) not in text, (name, secret)


def test_the_order_of_steps_is_not_told(desk):
    (order,) = [one for one in json.loads(paper_of(desk.assignment, "s1"))["questions"] if one["type"] == "ordering"]
    assert [letter for letter, _ in order["steps"]] == ["A", "B", "C"]
    assert [text for _, text in order["steps"]] != ["Init", "Invoke", "Freeze"]


def test_a_paper_is_answered_handed_in_and_graded(desk, hand_in, graded, tmp_path, monkeypatch):
    monkeypatch.setenv("LABKIT_PROGRESS", str(tmp_path / "progress.sqlite"))
    monkeypatch.chdir(hand_in.folder)
    (tmp_path / "paper.json").write_text(paper_of(desk.assignment, "s1"))
    box = labkit.paper(str(tmp_path / "paper.json"))
    press(box, "B")
    (field,) = [one for one in all_in(box) if isinstance(one, widgets.Textarea)]
    field.value = right(desk.own("s1", "wait"))
    press(box.children[2], "Keep this answer")
    shown = " ".join(one.value for one in all_in(box) if isinstance(one, widgets.HTML))
    assert "Right" not in shown and "labkit.submit(&quot;s1&quot;)" in shown
    labkit.submit("s1")
    assert graded() == {"s1": "2"}


def test_a_paper_shows_again_what_was_answered_and_counts_it_once(desk, tmp_path, monkeypatch):
    monkeypatch.setenv("LABKIT_PROGRESS", str(tmp_path / "progress.sqlite"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "paper.json").write_text(paper_of(desk.assignment, "s1"))
    press(labkit.paper("paper.json"), "B")
    again = labkit.paper("paper.json")
    assert [one.description for one in all_in(again) if isinstance(one, widgets.Button)][:2] == ["A", "● B"]
    labkit.submit("s1")
    made = submission_in((tmp_path / "submission-s1.json").read_bytes())
    assert [event.content["answer"] for event in made.events] == ["B"]


def all_in(box):
    for child in getattr(box, "children", ()):
        yield child
        yield from all_in(child)


def press(box, label):
    next(one for one in all_in(box) if isinstance(one, widgets.Button) and one.description == label).click()


# Mistakes.


@pytest.mark.parametrize("content", ["", "[", '{"format": "labkit paper 1"}', '{"format": "x"}', "[" * 100_000])
def test_what_is_no_paper_is_told(tmp_path, content):
    (tmp_path / "paper.json").write_text(content)
    with pytest.raises(BadValue, match=r"paper\.json is no paper"):
        read_paper(tmp_path / "paper.json")


def test_a_secret_that_is_too_short_is_told(desk):
    (desk.folder / "course.secret").write_text("short")
    with pytest.raises(BadValue, match=r"has 5 characters; 16 are needed.*secrets\.token_hex"):
        read_assignment(desk.folder / "assignment.yaml")


def test_a_file_that_there_is_not_is_told(desk):
    (desk.folder / "assignment.yaml").write_text("title: x\nexam: fnal.yaml\n")
    with pytest.raises(BankError, match=r"assignment\.yaml, line 2, exam: there is no file 'fnal\.yaml'"):
        read_assignment(desk.folder / "assignment.yaml")


def test_a_list_without_ids_is_told(desk, tmp_path):
    (tmp_path / "class.csv").write_text("Name\nAda\n")
    command = ["export", "student", str(desk.folder / "assignment.yaml"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, [*command, "--students", str(tmp_path / "class.csv")])
    assert done.exit_code == 1 and "name one of its columns student, SIS Login ID" in done.output


def test_an_assignment_without_questions_makes_no_papers(desk):
    (desk.folder / "assignment.yaml").write_text("labs: [start-here]\n")
    with pytest.raises(BadValue, match="names no questions"):
        paper_of(read_assignment(desk.folder / "assignment.yaml"), "s1")


def test_the_secret_is_in_nothing_that_is_written(hand_in, desk, graded, tmp_path):
    question = desk.own("s1", "wait")
    hand_in("s1", {question.id: "1", "final/cap": "A"})
    graded()
    for path in (tmp_path / "out").rglob("*"):
        assert path.is_dir() or SECRET not in path.read_text(encoding="utf-8-sig")
    (page,) = (tmp_path / "out" / "feedback").iterdir()
    text = io.StringIO(page.read_text()).read()
    for name in ("cap", "wait", "order"):
        assert not [secret for secret in key_of(desk.own("s1", name)) if len(str(secret)) > 5 and str(secret) in text]
