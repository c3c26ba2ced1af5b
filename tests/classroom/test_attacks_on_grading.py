"""What a hand-in may try against marks, other students and whoever opens what is written; none of it succeeds."""

from __future__ import annotations

import csv
import io
import json
import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.classroom.grade import grade
from labkit.classroom.graded import Lab, LabSeen
from labkit.classroom.submission import FunctionEvidence
from labkit.classroom.texts import as_cell, as_name, printable

FORMULAS = ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"]
ESCAPE = "\x1b]0;owned\x07\x1b[2J"
HTML = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def run(hand_in, tmp_path, no_labs):
    """Grades, and returns every file that was written."""

    def run():
        grade(hand_in.folder, tmp_path / "out", no_labs)
        return {p.name: p.read_text(encoding="utf-8-sig") for p in (tmp_path / "out").rglob("*") if p.is_file()}

    return run


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def points(files):
    return {row["student"]: row["points"] for row in rows(files["gradebook.csv"])}


def test_an_edited_score_changes_nothing(hand_in, run):
    def edit(content):
        content.update(score=1, points=100, total=100, marks={"cold-starts/1": 1})
        for event in content["events"]:
            event.update(score=1, mark={"score": 1, "verdict": "right"})
            event["content"].update(score=1, verdict="right", decided=True)

    hand_in("s1", {"cold-starts/1": "A"}, edit=edit)
    assert points(run()) == {"s1": "0"}


def test_a_decision_in_a_hand_in_is_nobodys(hand_in, run):
    def edit(content):
        decision = {"attempt": content["events"][0]["id"], "score": 1}
        content["events"].append({**content["events"][0], "id": "d", "kind": "decided", "content": decision})

    hand_in("s1", {"cold-starts/1": "A"}, edit=edit)
    assert points(run()) == {}, "a file with what only a teacher's has is refused"


@pytest.mark.parametrize(
    "answer", [{"__eq__": True}, [["C"]], {"$ne": None}, True, None, 10**400, [{}] * 3, "C" * 50_000]
)
def test_an_answer_that_is_no_answer_gets_no_marks(hand_in, run, answer):
    hand_in("s1", {"cold-starts/1": answer, "self-quiz/1": answer})
    assert points(run()) == {"s1": "0"}


@pytest.mark.parametrize("depth", [2, 100, 300, 900])
def test_nested_answers_stop_nothing(hand_in, run, depth):
    nested = "[" * depth + "]" * depth
    path = hand_in("s1", {"cold-starts/1": "MARK", "self-quiz/1": "15 minutes"})
    path.write_text(path.read_text().replace('"MARK"', nested))
    hand_in("s2", {"cold-starts/1": "C", "self-quiz/1": "15 minutes"})
    assert points(run()) == {"s1": "1", "s2": "2"}


@pytest.mark.parametrize("key", ["question", "attempt", "reason"])
def test_nesting_elsewhere_stops_nothing(hand_in, run, key):
    def contest(content):
        content["events"].append({**content["events"][0], "id": "x", "kind": "contested", "content": {key: "MARK"}})

    path = hand_in("s1", {"cold-starts/1": "C"}, edit=contest)
    path.write_text(path.read_text().replace('"MARK"', "[" * 900 + "]" * 900))
    hand_in("s2", {"cold-starts/1": "C"})
    assert points(run())["s2"] == "1"


def test_an_answer_of_many_parts_is_not_read(hand_in, run):
    hand_in("s1", {"cold-starts/1": ["x"] * 500_000, "start-here/3": {str(n): "A" for n in range(100_000)}})
    files = run()
    assert points(files) == {"s1": "0"} and files["review.csv"].count("longer than 20,000") == 2


def test_whoever_writes_anothers_id_into_a_file_decides_nothing(hand_in, run):
    hand_in("ada", {"cold-starts/1": "C"})
    hand_in("ada", {"cold-starts/1": "A"}, file="mallory.json")
    files = run()
    assert points(files) == {"ada": ""}
    assert "2 hand-ins of this student that do not go on from each other" in rows(files["gradebook.csv"])[0]["note"]
    assert "your teacher decides which one counts" in files[f"{as_name('ada')}.html"]


@pytest.mark.parametrize("written", ["Ada", "ADA", " ada ", "ａｄａ"])
def test_another_way_of_writing_an_id_is_the_same_student(hand_in, run, written):
    hand_in("ada", {"cold-starts/1": "C"})
    hand_in("x", {"cold-starts/1": "A"}, edit=lambda content: content.update(student=written))
    assert list(points(run()).values()) == [""]


@pytest.mark.parametrize("written", ["ada\u200b", "ada\u202e", "a\x00da", "'ada", "ada\ud800", "\u2060", "\u3000"])
def test_an_id_that_looks_like_anothers_is_refused(hand_in, run, written):
    hand_in("ada", {"cold-starts/1": "C"})
    hand_in("x", {"cold-starts/1": "A"}, edit=lambda content: content.update(student=written))
    assert points(run()) == {"ada": "1"}


def test_a_hand_in_that_goes_on_from_the_one_before_replaces_it(hand_in, run):
    hand_in("ada", {"cold-starts/1": "A"}, file="1.json")
    early = hand_in.folder / "1.json"
    first = json.loads(early.read_text())["events"]
    hand_in(
        "ada",
        {"cold-starts/1": "A", "self-quiz/1": "15 minutes"},
        file="2.json",
        edit=lambda c: c["events"].extend(first),
    )
    assert points(run()) == {"ada": "1"}


def test_anothers_answers_are_noticed(hand_in, run):
    original = hand_in("ada", {"cold-starts/1": "C", "self-quiz/1": "15 minutes"})
    (hand_in.folder / "copy.json").write_text(original.read_text().replace('"ada"', '"bob"'))
    notes = {row["student"]: row["note"] for row in rows(run()["gradebook.csv"])}
    assert notes == {
        "ada": "2 of the answers are the very ones of bob", "bob": "2 of the answers are the very ones of ada",
    }  # fmt: skip


def test_the_same_words_are_noted_and_short_answers_are_not(hand_in, run):
    words = "The first request waits while a new environment starts; keep some warm"
    hand_in("ada", {"self-quiz/2": words, "self-quiz/1": "15 minutes", "cold-starts/1": "C"})
    hand_in("bob", {"self-quiz/2": words.upper() + "!", "self-quiz/1": "15 minutes", "cold-starts/1": "C"})
    hand_in("cy", {"self-quiz/2": f"In my words: {words}", "self-quiz/1": "15 minutes", "cold-starts/1": "C"})
    hand_in("di", {"self-quiz/2": "No environment is free, so Lambda has to make one, and that takes time"})
    about = "the answer to self-quiz/2"
    assert {row["student"]: row["note"] for row in rows(run()["gradebook.csv"])} == {
        "ada": f"{about} has the very words of bob; {about} is nearly in the words of cy (77%)",
        "bob": f"{about} has the very words of ada; {about} is nearly in the words of cy (77%)",
        "cy": f"{about} is nearly in the words of ada (77%), bob (77%)",
        "di": "",
    }


def test_links_lead_nowhere(hand_in, run, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    outside = hand_in("ada", {"cold-starts/1": "C"}).rename(tmp_path / "elsewhere" / "ada.json")
    (hand_in.folder / "link.json").symlink_to(outside)
    (hand_in.folder / "folder.json").symlink_to(tmp_path / "elsewhere")
    (hand_in.folder / "up.json").symlink_to("..")
    os.mkfifo(hand_in.folder / "pipe.json")
    files = run()
    assert points(files) == {}
    assert re.findall(r"<li>(\w+)\.json: ", files["report.html"]) == ["folder", "link", "pipe", "up"]


# What is shown.


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_spreadsheet_works_out_what_a_student_wrote(hand_in, run, formula):
    german = "Weil eine neue Umgebung gestartet wird und das dauert immer länger."
    hand_in(f"{formula}", {"self-quiz/2": f"{formula} {german}"}, name=formula, file="s.json")
    files = run()
    for name in ("gradebook.csv", "canvas.csv", "moodle.csv", "review.csv"):
        cells = [cell for row in csv.reader(io.StringIO(files[name])) for cell in row]
        assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "＝"))], name


def test_markup_and_escapes_arrive_as_text(hand_in, run):
    evil = f"{HTML}{ESCAPE}\u202e\ud800"
    hand_in(HTML, {"cold-starts/1": evil, "self-quiz/1": evil}, name=evil, file="s.json")
    (hand_in.folder / f"{ESCAPE}<b>.json".replace("/", "")).write_text("{")
    files = run()
    assert list(points(files).values()) == ["0"], "it is graded"
    for name, text in files.items():
        assert not [sign for sign in "\x1b\x07\u202e" if sign in text], name
        assert "\x1b" not in name and "<" not in name
        if name.endswith(".html"):
            assert "<script" not in text and "<img" not in text
            assert "default-src 'none'" in text


def test_what_a_lab_answers_arrives_as_text(hand_in, tmp_path):
    seen = LabSeen("It answers.", False, f"For 1 it answered {HTML}{ESCAPE}")
    labs = {"a": Lab((seen,)), "b": Lab(problem=f"=1+1 {HTML}{ESCAPE}")}
    evidence = {"fahrenheit": FunctionEvidence(b"PK", {})}
    for name in labs:
        hand_in(name, {}, labs={"start-here": evidence})
    results = iter(labs.values())
    grade(hand_in.folder, tmp_path / "out", lambda *_: {"start-here": next(results)})
    for path in (tmp_path / "out").rglob("*.*"):
        text = path.read_text(encoding="utf-8-sig")
        assert "\x1b" not in text, path.name
        assert path.suffix != ".html" or ("<script" not in text and "<img" not in text)
    doubts = [row["doubt"] for row in rows((tmp_path / "out" / "review.csv").read_text(encoding="utf-8-sig"))]
    assert [doubt[:5] for doubt in doubts] == ["'=1+1"]


@pytest.mark.parametrize("student", ["../../../tmp/x", "/etc/passwd", "..", "a" * 200, "con"])
def test_a_students_page_lies_among_the_pages(hand_in, run, student, tmp_path):
    hand_in("s", {"cold-starts/1": "C"}, edit=lambda content: content.update(student=student))
    run()
    (page,) = (tmp_path / "out" / "feedback").iterdir()
    assert re.fullmatch(r"[A-Za-z0-9._-]+\.html", page.name) and not page.name.startswith(".")


@given(st.text())
def test_cells_and_lines_are_harmless_whatever_the_text(text):
    assert not as_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not any(sign in printable(text) for sign in "\x1b\x00\x9b\u202e\u2028")


@given(st.text(max_size=300), st.text(max_size=300))
def test_two_students_have_two_pages(one, other):
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", as_name(one))
    assert (as_name(one) == as_name(other)) == (one == other)
