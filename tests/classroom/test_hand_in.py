"""What a learner hands in, and how a file that may be anything is read."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import re
import zipfile

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

import labkit
from labkit.classroom import collecting
from labkit.classroom.evidence import evidence
from labkit.classroom.reading import NotReadable, content_of, submission_in
from labkit.classroom.submission import LARGEST, FunctionEvidence, Submission
from labkit.labs import functions_of, labs
from labkit.mistake import BadValue
from labkit.notebook.function_magic import function
from labkit.quiz.study.store import progress

CELL = "def lambda_handler(event, context):\n    return event\n"


@pytest.fixture(autouse=True)
def learner(monkeypatch, tmp_path):
    """A learner who begins, in a folder of their own."""
    monkeypatch.setenv("LABKIT_PROGRESS", str(tmp_path / "progress.sqlite"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def account():
    running = labkit.start()
    yield running
    running.stop()


def read(path):
    return submission_in(content_of(path))


def test_the_file_holds_the_answers_and_no_score(tmp_path):
    labkit.answer("cold-starts/1", "C")
    labkit.answer("start-here/3", ["A", "B"])
    progress().add("decided", attempt="any", score=1)
    labkit.submit("s1", "Ada")
    text = (tmp_path / "submission-s1.json").read_text()
    made = submission_in(text.encode())
    assert (made.student, made.name, made.labs) == ("s1", "Ada", {})
    assert [(event.kind, event.content["answer"]) for event in made.events] == [
        ("answered", "C"), ("answered", ["A", "B"]),
    ]  # fmt: skip
    assert json.loads(text)["attempts"] == 2
    assert set(made.versions) == {"labkit", "python", "system", "bank"}
    assert "score" not in text and "decided" not in text


def test_the_button_downloads_the_same_file(tmp_path):
    box = labkit.submit("s1")
    (content,) = re.findall(r"base64,([^\"]+)", box.children[1].value)
    assert base64.b64decode(content) == (tmp_path / "submission-s1.json").read_bytes()


def test_functions_of_labs_are_handed_in_with_their_roles(account, tmp_path):
    function("fahrenheit --timeout 10 --env UNIT=F", CELL)
    function("other", CELL)
    labkit.submit("s1")
    (lab,) = read(tmp_path / "submission-s1.json").labs.items()
    name, functions = lab
    assert (name, list(functions)) == ("start-here", ["fahrenheit"])
    found = functions["fahrenheit"]
    assert found.configuration["Timeout"] == 10 and found.configuration["Environment"] == {"Variables": {"UNIT": "F"}}
    assert found.managed == ("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",)
    assert found.code.startswith(b"PK") and found.inline == {}


@pytest.mark.parametrize("lab", labs())
def test_every_lab_says_which_function_is_handed_in(account, lab):
    (name,) = functions_of(lab)
    assert evidence() == {}
    function(name, CELL)
    assert [*evidence()[lab]] == [name]


def test_layers_are_named_though_not_handed_in(account, tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("python/x.py", "")
    client = boto3.client("lambda")
    layer = client.publish_layer_version(LayerName="x", Content={"ZipFile": packed.getvalue()})["LayerVersionArn"]
    function(f"fahrenheit --layer {layer}", CELL)
    labkit.submit("s1")
    found = read(tmp_path / "submission-s1.json").labs["start-here"]["fahrenheit"]
    assert found.configuration["Layers"] == [layer]


@pytest.mark.parametrize("student", ["", "  ", None, 7])
def test_a_hand_in_needs_a_student(student):
    with pytest.raises(BadValue, match=r"needs your student id, such as labkit\.submit"):
        labkit.submit(student)


def test_a_student_cannot_write_elsewhere(tmp_path):
    labkit.submit("../../etc/s 1")
    assert [path.name for path in tmp_path.glob("*.json")] == ["submission-.._.._etc_s_1.json"]


def test_a_hand_in_that_is_too_large_is_not_made(monkeypatch, tmp_path):
    monkeypatch.setattr(collecting, "LARGEST", 100)
    with pytest.raises(BadValue, match="and 100 are allowed"):
        labkit.submit("s1")
    assert not list(tmp_path.glob("*.json"))


def test_code_comes_back_as_it_was(answers):
    evidence = FunctionEvidence(bytes(range(256)), {"Handler": "a.b"}, ("arn",), {"own": {"Version": "2012-10-17"}})
    made = submission_in(answers("s1", {}, labs={"start-here": {"fahrenheit": evidence}}).as_text().encode())
    found = made.labs["start-here"]["fahrenheit"]
    assert (found.code, found.managed, found.inline) == (evidence.code, evidence.managed, evidence.inline)
    assert found.configuration == {"Handler": "a.b", "FunctionName": "fahrenheit"}


# What is no hand-in.


def changed(**values):
    return lambda content: content.update(values)


def event(**values):
    return changed(events=[{"id": "1", "at": "2026-11-26T18:00:00", "kind": "answered", "content": {}, **values}])


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (changed(format="labkit progress 1"), "does not begin with the format"),
        (changed(student=7), "student must be string"),
        (changed(student=" "), "student must match pattern"),
        (changed(student="x" * 10_000), "student must be shorter"),
        (changed(events={}), "events must be array"),
        (changed(made_at="yesterday evening"), "time in it is not one"),
        (changed(made_at="0001-01-01T00:00:00+14:00"), "time in it is not one"),
        (event(kind="decided", content={"score": 1}), "kind must be one of"),
        (event(content=[]), "content must be object"),
        (event(content={"question": "x" * 1000}), "question must be shorter"),
        (changed(labs={"start-here": {"f": {"code": "x", "configuration": {}, "managed": []}}}), "inline"),
        (
            changed(labs={"start-here": {"f": {"code": "x", "configuration": {}, "managed": [], "inline": {}}}}),
            "not in Base64",
        ),
    ],
)
def test_a_file_of_another_form_is_told_what_is_wrong(hand_in, edit, told):
    with pytest.raises(NotReadable, match=told):
        read(hand_in("s1", {}, edit=edit))


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"PK\x03\x04", b"[" * 1_000_000, b'{"a":' * 1_000_000, b"NaN", b"1" * 10_000, b"[]", b"null"],
    ids=["empty", "not UTF-8", "a zip", "nested lists", "nested objects", "NaN", "a long number", "a list", "null"],
)
def test_what_is_no_json_of_ours_is_refused(content):
    with pytest.raises(NotReadable):
        submission_in(content)


def test_a_gigabyte_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.json"
    with open(path, "wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(NotReadable, match=f"has 1,073,741,824 bytes; a hand-in has {LARGEST:,} at most"):
        content_of(path)


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "missing"])
def test_only_an_ordinary_file_is_opened(tmp_path, kind):
    (tmp_path / "key").write_text("the key")
    path = tmp_path / "s1.json"
    {
        "link": lambda: path.symlink_to("key"),
        "pipe": lambda: os.mkfifo(path),  # whoever opens it waits for a writer
        "folder": lambda: path.mkdir(),
        "missing": lambda: None,
    }[kind]()
    with pytest.raises(NotReadable):
        content_of(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
KEYS = ["student", "name", "made_at", "versions", "events", "labs"]
GOOD = Submission("s1", "Ada", "2026-11-26T18:00:00+00:00", {}, (), {})


@given(st.dictionaries(st.sampled_from(KEYS), json_values))
def test_whatever_its_parts_are_it_is_read_or_refused(parts):
    content = {**json.loads(GOOD.as_text()), **parts}
    with contextlib.suppress(NotReadable):
        assert submission_in(json.dumps(content).encode()).student == content["student"].strip()


@given(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_whatever_bytes_there_are_they_are_refused(content):
    with pytest.raises(NotReadable):
        submission_in(content)
