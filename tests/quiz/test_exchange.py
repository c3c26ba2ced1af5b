"""The bank in other programs' formats, and back from GIFT."""

from __future__ import annotations

import sqlite3
import zipfile
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from labkit.cli import main
from labkit.quiz.bank.schema import load_topic
from labkit.quiz.bank.topics import BANK
from labkit.quiz.exchange.gift import as_gift, escaped
from labkit.quiz.exchange.gift_import import GiftError, from_gift
from labkit.quiz.exchange.moodle import as_moodle_xml
from labkit.quiz.exchange.parts import DRAWS, questions_of

LINES = st.text(
    st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]) | st.sampled_from("~=#{}:\\%>"),
    min_size=1,
    max_size=40,
).filter(lambda text: text.strip() and text == " ".join(text.split()))


def entries(text):
    return yaml.safe_load(text)["questions"]


@pytest.fixture(scope="module")
def everything():
    return [question for topic in BANK.topics for question in questions_of(BANK, topic)]


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        result = CliRunner().invoke(main, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


def test_every_question_of_the_bank_comes_back_from_gift(everything):
    exported = as_gift(everything)
    back, essays = from_gift(exported.text)
    left_out = {one.question_id for one in exported.left_out}
    sent = [question for question in everything if question.id not in left_out and question.type != "text"]
    assert {q.type for q in everything if q.id in left_out} <= {"ordering", "lab"}
    assert len(essays) == sum(question.type == "text" for question in everything)
    for question, entry in zip(sent, entries(back), strict=True):
        assert entry["type"] == question.type
        assert entry["prompt"] == " ".join(question.prompt.split())
        assert entry["explanation"]["exam"].startswith(" ".join(question.explanation.exam.split()))
        SAME[question.type](question.body, entry)


def same_options(body, entry):
    assert [(o["text"], o.get("right", False), o["why"]) for o in entry["options"]] == [
        (option.text, option.right, option.why) for option in body.options
    ]


def same_pairs(body, entry):
    assert [(p["item"], p["match"]) for p in entry["pairs"]] == [(p.item, body.texts[p.letter]) for p in body.pairs]
    assert [o["text"] for o in entry.get("others", [])] == [body.texts[letter] for letter in body.why_not]


def same_value(body, entry):
    assert float(entry["value"].split()[0]) == pytest.approx(body.value.value)
    assert [one["why"] for one in entry.get("mistakes", [])] == [slip.why for slip in body.slips]


SAME = {"single": same_options, "multiple": same_options, "matching": same_pairs, "numeric": same_value}


@given(st.lists(LINES, min_size=3, max_size=5, unique=True), LINES, LINES)
def test_any_text_survives_gift(texts, prompt, why):
    answers = "".join(f"{'~' if place else '='}{escaped(text)}#{escaped(why)}\n" for place, text in enumerate(texts))
    back, _ = from_gift(f"::{escaped(prompt)}:: {escaped(prompt)} {{\n{answers}####{escaped(why)}\n}}\n")
    (entry,) = entries(back)
    if entry["type"] == "single":
        assert entry["prompt"] == prompt
        assert [option["text"] for option in entry["options"]] == texts
        assert [option.get("right", False) for option in entry["options"]] == [True, *[False] * (len(texts) - 1)]
        assert {option["why"] for option in entry["options"]} == {why}
    else:
        assert all(" -> " in text or text.startswith("-> ") for text in texts)


@given(st.text(st.sampled_from("ab =~#{}:\\%\n/T.->[]1"), max_size=60))
def test_any_gift_is_read_or_refused(text):
    try:
        back, _ = from_gift(text)
    except GiftError as error:
        assert "line" in str(error) or "no question" in str(error)
    else:
        assert entries(back)


@pytest.mark.parametrize(
    ("gift", "type", "fields"),
    [
        ("Two and two? {=4 =four}", "text",
         {"rubric": {"names_suffice": True, "concepts": {"answer": {"says": "4", "any": ["4", "four"]}},
                     "scores": {1: ["answer"]}}}),
        ("The sky is blue. {T#wrong#right}", "single",
         {"options": [{"text": "True", "right": True, "why": "right"}, {"text": "False", "why": "wrong"}]}),
        ("::n::How long? [in s] {#900:1}", "numeric", {"value": "900 s", "tolerance": "1 s"}),
        ("How many? {#1..3}", "numeric", {"value": "2", "tolerance": "1"}),
        ("[html]Which two? {~%50%a ~%50%b ~%-50%c}", "multiple",
         {"options": [{"text": "a", "right": True}, {"text": "b", "right": True}, {"text": "c"}]}),
        ("Lambda runs {=code ~cables} for you.", "single", {"prompt": "Lambda runs _____ for you."}),
        ("// a comment\n$CATEGORY: x\n\nPair! {=a -> b =c -> d = -> e}", "matching",
         {"pairs": [{"item": "a", "match": "b"}, {"item": "c", "match": "d"}], "others": [{"text": "e"}]}),
    ],
)  # fmt: skip
def test_what_other_programs_write(gift, type, fields):
    (entry,) = entries(from_gift(gift)[0])
    assert entry["type"] == type
    assert {key: entry[key] for key in fields} == fields


@pytest.mark.parametrize(
    ("gift", "message"),
    [
        ("", "no question"),
        ("An essay {}", "no question"),
        ("\n\nWho? {=a ~b", "line 3: .* 0 times }"),
        ("Who? }=a {", "line 1: a } stands before"),
        ("Who {=a}\nWhat {=b}", "line 1: .* 2 times {"),
        ("How many? {#many}", "line 1: 'many' is no number"),
        ("Which? {a ~b}", "line 1: .* no list of answers"),
    ],
)
def test_a_mistake_in_gift_is_named_with_its_line(gift, message):
    with pytest.raises(GiftError, match=message):
        from_gift(gift)


def test_moodle_reads_every_question(everything):
    exported = as_moodle_xml(everything)
    root = ElementTree.fromstring(exported.text)
    asked = [one for one in root if one.get("type") != "category"]
    assert [one.findtext("name/text") for one in asked] == [q.id for q in everything if q.type != "lab"]
    for one in asked:
        assert one.findtext("questiontext/text")
        fractions = [float(answer.get("fraction")) for answer in one.findall("answer")]
        if one.get("type") in ("multichoice", "numerical"):
            assert sum(value for value in fractions if value > 0) == pytest.approx(100, abs=0.001)
        if one.get("type") == "ordering":
            assert fractions == sorted(fractions)


def test_moodle_gets_no_markup_of_a_question(tmp_path):
    path = tmp_path / "t.yaml"
    option = {"text": "</text><b>", "right": True, "why": "\x07 & ]]>"}
    entry = {"id": 1, "type": "single", "prompt": "<script>?", "options": [option, {"text": "b", "why": "c"}],
             "explanation": {"exam": "x"}, "domain": "secure", "difficulty": 1}  # fmt: skip
    path.write_text(yaml.safe_dump({"source": "a", "as_of": "b", "questions": [entry]}), encoding="utf-8")
    root = ElementTree.fromstring(as_moodle_xml([load_topic(path).question("t/1")]).text)
    assert root.findtext("question[@type='multichoice']/answer/text") == "</text><b>"
    assert root.findtext("question[@type='multichoice']/questiontext/text") == "<script>?"


def notes(path):
    with zipfile.ZipFile(path) as package:
        package.extract("collection.anki2", path.parent)
    with sqlite3.connect(path.parent / "collection.anki2") as collection:
        return dict(collection.execute("select guid, flds from notes"))


def test_anki_keeps_its_notes_from_export_to_export(run, tmp_path):
    found = []
    for name in ("one.apkg", "two.apkg"):
        assert run("export", "--out", name, "limits", "exam-calculations").exit_code == 0
        found.append(notes(tmp_path / name))
    assert found[0] == found[1]
    calculations = BANK.questions("exam-calculations")
    assert len(found[0]) == len(BANK.questions("limits")) + DRAWS * len(calculations)
    assert any("default timeout" in fields for fields in found[0].values())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--out", "a.pdf"), "a.pdf says no format; let it end in .apkg, .xml, .gift"),
        (("--out", "there.gift"), "there.gift is there already"),
        (("--out", "no/folder/a.gift"), "can't be written"),
        (("--out", "a.gift", "limit"), "did you mean 'limits'?"),
    ],
)
def test_a_mistake_in_the_command_is_told(run, tmp_path, arguments, message):
    (tmp_path / "there.gift").write_text("mine", encoding="utf-8")
    result = run("export", *arguments)
    assert result.exit_code == 1 and message in result.output
    assert (tmp_path / "there.gift").read_text(encoding="utf-8") == "mine"


def test_from_the_bank_to_gift_and_to_a_file_that_lint_reads(run, tmp_path):
    assert run("export", "--out", "limits.gift", "limits").exit_code == 0
    result = run("quiz", "convert", "limits.gift", "--out", "mine.yaml")
    assert result.exit_code == 0 and "labkit quiz lint mine.yaml" in result.output
    result = run("quiz", "lint", "mine.yaml")
    assert result.exit_code == 1
    assert result.output.count("'difficulty' is missing") == len(load_topic(tmp_path / "mine.yaml").entries)


def test_what_is_no_text_is_not_converted(run, tmp_path):
    (tmp_path / "a.gift").write_bytes(b"\xff\xfe\x00")
    result = run("quiz", "convert", "a.gift", "--out", "b.yaml")
    assert result.exit_code == 1 and "UTF-8" in result.output and not (tmp_path / "b.yaml").exists()


def test_without_its_library_anki_says_what_to_install(run, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "genanki", None)
    result = run("export", "--out", "a.apkg", "limits")
    assert result.exit_code == 1 and "[export]" in result.output
