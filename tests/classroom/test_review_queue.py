"""Doubtful marks wait in a file; what a teacher writes into it changes the grades."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner

from labkit.classroom.grade import grade
from labkit.classroom.submission import FunctionEvidence
from labkit.cli import main
from labkit.mistake import BadValue

GERMAN = "Weil eine neue Umgebung gestartet wird und das dauert immer etwas länger."


@pytest.fixture
def run(hand_in, tmp_path, no_labs):
    out = tmp_path / "out"

    def run():
        return grade(hand_in.folder, out, no_labs)

    run.queue = out / "review.csv"
    run.out = out
    return run


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def decide(path, score, comment="", delimiter=","):
    """As a spreadsheet saves it."""
    found = [{**row, "score": score, "comment": comment} for row in rows(path)]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, found[0], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(found)


def points(run):
    return {row["student"]: row["points"] for row in rows(run.out / "gradebook.csv")}


def test_an_answer_in_another_language_waits(hand_in, run):
    hand_in("s1", {"self-quiz/2": GERMAN})
    assert run().waiting == 1
    (row,) = rows(run.queue)
    assert (row["student"], row["question"], row["answer"], row["score"]) == ("s1", "self-quiz/2", GERMAN, "")
    assert "another language" in row["doubt"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_score_changes_the_grade_and_stays(hand_in, run, delimiter):
    hand_in("s1", {"self-quiz/2": GERMAN})
    run()
    decide(run.queue, "0,5", "Gut, aber <b>wie</b>?", delimiter)
    for _ in range(2):
        assert run().waiting == 0
        assert points(run) == {"s1": "0.5"}
        assert [row["score"] for row in rows(run.queue)] == ["0,5"]
    (page,) = (run.out / "feedback").iterdir()
    assert "Gut, aber &lt;b&gt;wie&lt;/b&gt;?" in page.read_text()


def test_a_decision_holds_for_that_answer_of_that_student_only(hand_in, run):
    hand_in("s1", {"self-quiz/2": GERMAN})
    run()
    decide(run.queue, "1")
    hand_in("s2", {"self-quiz/2": GERMAN})
    hand_in("s1", {"self-quiz/2": GERMAN + " Und noch mehr."})
    assert run().waiting == 2
    assert points(run) == {"s1": "0", "s2": "0"}
    assert sorted(row["score"] for row in rows(run.queue)) == ["", "", "1"], "no decision is lost"


def test_a_mark_that_the_learner_doubts_waits(hand_in, run):
    def contest(content):
        attempt = content["events"][0]
        doubt = {"attempt": attempt["id"], "reason": "=HYPERLINK() it is right"}
        content["events"].append({**attempt, "id": "x", "kind": "contested", "content": doubt})

    hand_in("s1", {"cold-starts/1": "A"}, edit=contest)
    assert run().waiting == 1
    assert rows(run.queue)[0]["doubt"] == "The learner says: =HYPERLINK() it is right"
    assert points(run) == {"s1": "0"}


@pytest.mark.parametrize("score", ["2", "-1", "good", "nan"])
def test_what_is_no_score_is_told(hand_in, run, score):
    hand_in("s1", {"self-quiz/2": GERMAN})
    run()
    decide(run.queue, score)
    with pytest.raises(BadValue, match=f"{score!r} is no score for s1, self-quiz/2; give 0 to 1"):
        run()


def test_a_file_of_another_kind_is_told(hand_in, run):
    hand_in("s1", {"self-quiz/2": GERMAN})
    run()
    run.queue.write_text("a,b\n1,2\n")
    with pytest.raises(BadValue, match="lacks columns"):
        run()


def test_a_lab_that_was_not_run_waits_and_a_person_can_mark_it(hand_in, run):
    hand_in("s1", {}, labs={"start-here": {"fahrenheit": FunctionEvidence(b"PK", {})}})
    assert run().waiting == 1
    decide(run.queue, "0.75")
    assert run().waiting == 0
    assert points(run) == {"s1": "0.75"}


def test_a_lab_that_there_is_not_counts_nothing(hand_in, run):
    hand_in("s1", {}, labs={"../../x": {"f": FunctionEvidence(b"PK", {})}})
    assert run().waiting == 0
    assert json.loads((run.out / "results.jsonl").read_text().partition(" ")[2])["labs"] == {}


def test_the_terminal_asks_for_each_and_takes_what_is_said(hand_in, run):
    for student in ("s1", "s2", "s3"):
        hand_in(student, {"self-quiz/2": f"{GERMAN} \x1b[2J {student}"})
    command = ["grade", str(hand_in.folder), "--out", str(run.out), "--review"]
    done = CliRunner().invoke(main, command, input="2\n0.5 Gut =1+1\n\n1\n")
    assert done.exit_code == 0, done.output
    assert "student: s1" in done.output and "doubt: The answer seems to be in another language" in done.output
    assert "'2' is no score" in done.output and "\x1b[2J" not in done.output
    assert "3 students are graded, 1 marks wait for a person" in done.output
    assert points(run) == {"s1": "0.5", "s2": "0", "s3": "1"}
    done = CliRunner().invoke(main, command, input="")
    assert "3 students are graded, 1 marks wait" in done.output, "the end of the input decides nothing"


def test_no_key_is_a_number_for_a_spreadsheet(hand_in, run):
    for number in range(50):
        hand_in(f"s{number}", {"self-quiz/2": f"{GERMAN} {number}"})
    run()
    assert all(row["key"].startswith("q") for row in rows(run.queue))
