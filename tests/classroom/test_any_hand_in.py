"""Whatever a hand-in says in its own form, it is graded, and so are the others."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.classroom.assignment import Assignment
from labkit.classroom.grade import grade
from labkit.classroom.graded import Graded, Lab, LabSeen, graded_in
from labkit.classroom.marking import marked
from labkit.classroom.submission import FORMAT
from labkit.quiz.study.progress import Event

MOMENT = "2026-11-26T18:00:00+00:00"
QUESTIONS = [
    "cold-starts/1",
    "self-quiz/1",
    "self-quiz/5",
    "start-here/3",
    "exam-calculations/concurrency#7",
    "a/b",
    "#",
]
texts = st.text(max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
questions = st.sampled_from(QUESTIONS) | texts
contents = st.fixed_dictionaries({"question": questions, "answer": values}) | st.dictionaries(
    st.sampled_from(["attempt", "reason", "answer", "score"]), values
)
events = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.text(min_size=1, max_size=9),
            "at": st.just(MOMENT),
            "kind": st.sampled_from(["answered", "contested"]),
        }
        | {"content": contents}
    ),
    max_size=6,
)
functions = st.dictionaries(
    texts.filter(bool),
    st.fixed_dictionaries({
        "code": st.just("UEs="), "configuration": st.dictionaries(texts, values, max_size=3),
        "managed": st.lists(texts, max_size=2), "inline": st.just({}),
    }),
    max_size=2,
)  # fmt: skip
hand_ins = st.fixed_dictionaries({
    "format": st.just(FORMAT), "student": st.text(min_size=1, max_size=30), "name": texts, "made_at": st.just(MOMENT),
    "versions": st.just({}), "events": events,
    "labs": st.dictionaries(st.sampled_from(["start-here", "cold-starts", "x"]), functions, max_size=2),
})  # fmt: skip
labs_seen = st.builds(Lab, st.lists(st.builds(LabSeen, texts, st.booleans(), texts), max_size=3).map(tuple), texts)
GOOD = {
    "format": FORMAT, "student": "good student", "name": "", "made_at": MOMENT, "versions": {}, "labs": {},
    "events": [{"id": "g", "at": MOMENT, "kind": "answered", "content": {"question": "cold-starts/1", "answer": "C"}}],
}  # fmt: skip


@settings(max_examples=60)
@given(st.lists(hand_ins, max_size=3), labs_seen)
def test_all_are_graded_twice_the_same(content, seen):
    with tempfile.TemporaryDirectory() as folder:
        for number, one in enumerate([GOOD, *content]):
            Path(folder, f"{number}.json").write_text(json.dumps(one))
        out = Path(folder, "out")
        written = []
        for _ in range(2):
            found = grade(Path(folder), out, lambda labs, seed: dict.fromkeys(labs, seen))
            written.append({path: path.read_bytes() for path in out.rglob("*") if path.is_file()})
        assert written[0] == written[1]
        assert not [file for file in found.refused if file.name == "0.json"]
        with open(out / "gradebook.csv", encoding="utf-8-sig", newline="") as file:
            rows = {row["student"]: row for row in csv.DictReader(file)}
        assert rows["good student"]["cold-starts/1"] == "1"
        assert len({student.casefold() for student in rows}) == found.students, "no two students look like one"


@given(events, labs_seen)
def test_what_is_kept_is_what_was_graded(given_events, seen):
    made = [Event(one["id"], one["at"], one["kind"], one["content"]) for one in given_events]
    graded = Graded("d", "s", "", MOMENT, marked(made, Assignment(), "s"), {"start-here": seen}, ("e",))
    assert graded_in(graded.as_line()) == graded
