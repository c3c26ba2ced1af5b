"""A folder of hand-ins is graded: what comes out, and that it is the same however often and in how many runs."""

from __future__ import annotations

import csv
import html
import json

import pytest
from click.testing import CliRunner

from labkit import quiz
from labkit.classroom import marking
from labkit.classroom.grade import grade
from labkit.cli import main
from labkit.mistake import BadValue
from labkit.quiz.errors import BankError

RIGHT = {"cold-starts/1": "C", "self-quiz/1": "15 minutes"}


@pytest.fixture
def run(hand_in, tmp_path, no_labs):
    """Grades the folder of hand-ins; what came of it."""

    def run(run_labs=no_labs, out=tmp_path / "out", **more):
        return grade(hand_in.folder, out, run_labs, **more)

    run.out = tmp_path / "out"
    return run


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def written(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def page_of(out, student):
    (path,) = (out / "feedback").glob(f"{student}-*.html")
    return path.read_text()


def assign(hand_in, text):
    (hand_in.folder / "assignment.yaml").write_text(text)


def test_each_student_has_a_row_with_the_marks_of_the_raw_answers(hand_in, run):
    hand_in("s2", {"cold-starts/1": "A", "self-quiz/1": "15"}, name="Bob")
    hand_in("s1", RIGHT, name="Ada")
    assert run().students == 2
    first, second = table(run.out / "gradebook.csv")
    assert (first["student"], first["name"], first["points"], first["of"], first["percent"]) == (
        "s1", "Ada", "2", "2", "100.0",
    )  # fmt: skip
    assert (second["student"], second["cold-starts/1"], second["self-quiz/1"]) == ("s2", "0", "0.5")


def test_canvas_and_moodle_get_what_they_import(hand_in, run):
    assign(hand_in, "title: Workshop\nquestions: [self-quiz/1, cold-starts/1]\n")
    hand_in("s1", RIGHT, name="Ada")
    run()
    assert (run.out / "canvas.csv").read_text().splitlines() == [
        "Student,ID,SIS User ID,SIS Login ID,Section,Workshop",
        "Points Possible,,,,,2",
        "Ada,,,s1,,2",
    ]
    assert (run.out / "moodle.csv").read_text().splitlines() == ["ID number,Full name,Workshop", "s1,Ada,2"]


def test_a_second_run_writes_the_same_bytes_and_marks_nothing_again(hand_in, run, monkeypatch):
    for number in range(5):
        hand_in(f"s{number}", {**RIGHT, "self-quiz/2": f"because of reason {number}"})
    run()
    before = written(run.out)
    monkeypatch.setattr("labkit.classroom.work.marked", lambda *_: pytest.fail("marked again"))
    run()
    assert written(run.out) == before


def test_another_folder_gets_the_same_bytes(hand_in, run, tmp_path):
    for number in range(5):
        hand_in(f"s{number}", RIGHT)
    run()
    run(out=tmp_path / "other")
    assert written(tmp_path / "other") == written(run.out)


class Crash(BaseException):
    """The power fails."""


def crash_at(number):
    def tell(names):
        for count, name in enumerate(names):
            if count == number:
                raise Crash
            yield name

    return tell


def test_after_a_crash_it_goes_on_and_the_outcome_is_the_same(hand_in, run, tmp_path):
    for number in range(5):
        hand_in(f"s{number}", RIGHT)
    run(out=tmp_path / "whole")
    with pytest.raises(Crash):
        run(tell=crash_at(3))
    with open(run.out / "results.jsonl", "ab") as file:
        file.write(b'0123456789abcdef {"digest": "half a li')
    assert run().students == 5
    assert written(run.out) == written(tmp_path / "whole")
    lines = (run.out / "results.jsonl").read_text().splitlines()
    assert len({json.loads(line.partition(" ")[2])["digest"] for line in lines}) == len(lines) == 5


def test_when_the_questions_change_all_is_marked_again(hand_in, run, monkeypatch):
    hand_in("s1", RIGHT)
    run()
    monkeypatch.setattr("labkit.classroom.grade.state_of", lambda assignment: "another-state")
    run()
    assert len((run.out / "results.jsonl").read_text().splitlines()) == 2
    assert len(table(run.out / "gradebook.csv")) == 1


def test_one_broken_file_does_not_stop_the_rest(hand_in, run, monkeypatch):
    hand_in("s1", RIGHT)
    (hand_in.folder / "a.json").write_text("{")
    (hand_in.folder / "b.ipynb").write_text("{}")
    hand_in("s2", {"cold-starts/1": "B", "self-quiz/1": "15 minutes"})
    monkeypatch.setattr(marking, "mark_answer", broken_for("B"))
    found = run()
    assert found.students == 2 and [file.name for file in found.refused] == ["a.json", "b.ipynb"]
    assert "a.json: it is not JSON" in (run.out / "report.html").read_text()
    assert found.waiting == 1, "what can't be marked waits for a person"


def broken_for(answer):
    real = marking.mark_answer
    marking._mark.cache_clear()

    def mark(question, given):
        if given == answer:
            raise RecursionError
        return real(question, given)

    return mark


def test_an_answer_that_was_changed_counts_as_last_given_unless_the_assignment_says_first(hand_in, run, tmp_path):
    hand_in("s1", [("cold-starts/1", "A"), ("cold-starts/1", "C")])
    run()
    assert table(run.out / "gradebook.csv")[0]["cold-starts/1"] == "1"
    assign(hand_in, "counts: first\n")
    run()
    assert table(run.out / "gradebook.csv")[0]["cold-starts/1"] == "0"


def test_an_assignment_says_what_counts(hand_in, run):
    assign(hand_in, "questions: [self-quiz]\nlabs: [start-here]\n")
    hand_in("s1", RIGHT)
    run()
    (row,) = table(run.out / "gradebook.csv")
    assert [key for key in row if "/" in key] == [question.id for question in quiz.questions("self-quiz")]
    assert (row["of"], row["points"], row["self-quiz/2"], row["start-here"]) == ("9", "1", "", "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("question: [self-quiz]", "'question' is not known here; did you mean 'questions'?"),
        ("questions: [self-quizz]", "did you mean 'self-quiz'?"),
        ("labs: [start-her]", "start-here"),
        ("counts: best", "'best' is not known here; allowed are last, first"),
    ],
)
def test_a_mistake_in_the_assignment_is_told(hand_in, run, text, told):
    assign(hand_in, text)
    with pytest.raises(BankError, match=r"assignment\.yaml, line 1") as error:
        run()
    assert told in str(error.value)


def test_questions_that_the_bank_does_not_have_count_nothing(hand_in, run):
    hand_in("s1", {**RIGHT, "cold-starts/none": "C", "": "A", "x" * 150: "A", "../../etc/passwd": "A"})
    run()
    assert [key for key in table(run.out / "gradebook.csv")[0] if "/" in key] == ["cold-starts/1", "self-quiz/1"]


def test_a_second_run_at_the_same_time_is_refused_and_spoils_nothing(hand_in, run):
    hand_in("s1", RIGHT)

    def while_it_grades(names):
        with pytest.raises(BadValue, match="another run is grading into"):
            run()
        yield from names

    assert run(tell=while_it_grades).students == 1
    assert run().students == 1


def test_what_is_written_may_not_lie_among_the_hand_ins_themselves(hand_in, run):
    with pytest.raises(BadValue, match="give another folder"):
        run(out=hand_in.folder)
    hand_in("s1", RIGHT)
    run(out=hand_in.folder / "graded")
    assert run(out=hand_in.folder / "graded").refused == ()


# Feedback.


def test_the_report_has_a_heat_map_times_and_who_writes_alike(hand_in, run):
    why = "a new environment has to be made since no other is free at that moment"
    hand_in("s1", {**RIGHT, "self-quiz/2": f"{why}, and small packages help"})
    hand_in("s2", {"cold-starts/1": "A", "self-quiz/2": f"{why}, and a smaller package helps"})
    run()
    report = (run.out / "report.html").read_text()
    assert "Heat map" in report and "80–100 % (" in report
    assert '<td class="n">1.0</td>' in report, "the hand-ins' answers are a minute apart"
    assert "s1: the answer to self-quiz/2 is nearly in the words of s2" in report


def test_feedback_tells_the_own_marks(hand_in, run):
    hand_in("s1", {"cold-starts/1": "A", "self-quiz/1": "15 minutes"}, name="Ada")
    run()
    page = page_of(run.out, "s1")
    option = quiz.question("cold-starts/1").body.options[0]
    assert f"A: {option.text}" in html.unescape(page)
    assert "Ada: 1 of 2 points." in page and "✘ Not right (0 of 1)" in page and "15 minutes" in page


def secrets_of(question):
    """What would give away the right answer to a question, if it stood in a page of somebody who does not know it."""
    body = question.body
    yield question.explanation.exam
    yield from filter(None, [question.explanation.today, question.explanation.worked])
    for option in getattr(body, "options", ()):
        yield option.why
    for part in (*getattr(body, "steps", ()), *getattr(body, "pairs", ())):
        yield part.why
    for concept in getattr(body, "concepts", ()):
        yield concept.says


@pytest.mark.parametrize("topic", ["self-quiz", "cold-starts", "exam-secure-1", "exam-calculations"])
def test_feedback_does_not_hold_the_key(hand_in, run, topic):
    asked = quiz.questions(topic)
    hand_in("s1", {question.id: wrong(question) for question in asked})
    run()
    page = page_of(run.out, "s1")
    for question in asked:
        told = [secret for secret in secrets_of(question) if len(secret) > 12 and secret in page]
        assert [secret for secret in told if secret not in question.prompt] == [], question.id


def wrong(question):
    return next((example.answer for example in question.examples if example.score == 0), "nonsense")


# The command.


def test_the_command_says_what_came_of_it(hand_in, tmp_path):
    hand_in("s1", {**RIGHT, "self-quiz/2": "Weil eine neue Umgebung gestartet wird und das dauert immer etwas länger."})
    (hand_in.folder / "evil\x1b[2J.json").write_text("{")
    done = CliRunner().invoke(main, ["grade", str(hand_in.folder), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "1 students are graded, 1 marks wait for a person in" in done.output
    assert "evil\ufffd[2J.json is no hand-in: it is not JSON" in " ".join(done.output.split())
    assert "\x1b[2J" not in done.output


def test_the_command_tells_a_mistake_in_one_message(hand_in, tmp_path):
    assign(hand_in, "titel: x")
    done = CliRunner().invoke(main, ["grade", str(hand_in.folder), "--out", str(tmp_path / "out")])
    assert done.exit_code == 1 and "did you mean 'title'?" in done.output and "Traceback" not in done.output
