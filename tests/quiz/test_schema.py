"""A mistake in a file of the bank is named with its file, question and entry."""

from __future__ import annotations

import copy

import pytest
import yaml

from labkit.quiz import BankError
from labkit.quiz.bank.schema import load_topic
from labkit.quiz.bank.topics import QUIZZES

SELF_QUIZ = yaml.safe_load((QUIZZES / "self-quiz.yaml").read_text(encoding="utf-8"))
TEXT = SELF_QUIZ["questions"][4]
SINGLE, _, MULTIPLE = yaml.safe_load((QUIZZES / "cold-starts.yaml").read_text(encoding="utf-8"))["questions"]


@pytest.fixture
def load(tmp_path):
    """Load a topic with one question, after a change to it."""

    def loaded(question, **changes):
        entry = copy.deepcopy(question) | changes
        path = tmp_path / "topic.yaml"
        path.write_text(
            yaml.safe_dump(
                {"source": "a page", "as_of": "2026-10", "groups": SELF_QUIZ["groups"], "questions": [entry]}
            ),
            encoding="utf-8",
        )
        (question_id,) = load_topic(path).entries
        return load_topic(path).question(question_id)

    return loaded


@pytest.mark.parametrize(
    ("question", "changes", "message"),
    [
        (
            SINGLE,
            {"promt": "?"},
            r"topic.yaml, line \d+, question 1: 'promt' is not known here; did you mean 'prompt'\?",
        ),
        (SINGLE, {"type": "singel"}, r"question 1, type: 'singel' is not known here; did you mean 'single'\?"),
        (SINGLE, {"rubric": {}}, "question 1: 'rubric' is not known here"),
        (SINGLE, {"domain": "resilence"}, r"domain: 'resilence' is not known here; did you mean 'resilient'\?"),
        (SINGLE, {"difficulty": 4}, "difficulty: '4' is not known here; allowed are 1, 2, 3"),
        (
            SINGLE,
            {"options": SINGLE["options"][:2]},
            "options: single needs exactly one option with `right: true`, and others; here are 0 of 2",
        ),
        (MULTIPLE, {"options": SINGLE["options"]}, "options: multiple needs two or more options"),
        (SINGLE, {"options": [{"text": "x", "whi": "y"}]}, r"options A: 'whi' is not known here; did you mean 'why'\?"),
        (SINGLE, {"options": "A"}, "options: 'A' stands where a list belongs"),
        (SINGLE, {"prompt": None}, "prompt: nothing stands where text belongs"),
        (SINGLE, {"explanation": "because"}, "explanation: 'because' stands where `key: value` lines belong"),
        (
            SINGLE,
            {"examples": [{"answer": "A", "score": "half"}]},
            "score: 'half' can't be worked out|score: there is no parameter 'half'",
        ),
        (
            TEXT,
            {"rubric": TEXT["rubric"] | {"scores": {1: ["waits + wait"]}}},
            r"scores, 1 1: 'wait' .* did you mean 'waits'\?",
        ),
        (TEXT, {"rubric": TEXT["rubric"] | {"scores": {2: ["waits"]}}}, "scores, 2: '2' is no score"),
        (TEXT, {"rubric": {"scores": {}}}, "rubric: 'concepts' is missing"),
        (
            TEXT,
            {"rubric": TEXT["rubric"] | {"concepts": {"waits": {"says": "x", "any": ["y"], "about": "synk"}}}},
            r"about: .* 'sync'\?",
        ),
        (TEXT, {"type": "numeric"}, r"question 5: 'rubric' is not known here"),
    ],
)
def test_a_mistake_is_named_where_it_stands(load, question, changes, message):
    with pytest.raises(BankError, match=message):
        load(question, **changes)


def test_a_pattern_with_an_unknown_group_is_found(load):
    rubric = TEXT["rubric"] | {"concepts": {"waits": {"says": "x", "any": ["@wate"]}}, "scores": {1: ["waits"]}}
    with pytest.raises(
        BankError, match=r"waits, any 1: '@wate' names the group @wate, which is not defined; groups: .*wait"
    ):
        load(TEXT, rubric=rubric)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("questions: [", "topic.yaml is not YAML"),
        ("- 1", "`key: value` lines belong"),
        ("questions: []\nquestions: []", "'questions' is given twice"),
        ("title: x", "'questions' is missing"),
        ("question: []", r"'question' is not known here; did you mean 'questions'\?"),
        ("questions: [1]", "questions 1: '1' stands where"),
    ],
)
def test_a_file_that_is_no_topic(tmp_path, text, message):
    path = tmp_path / "topic.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BankError, match=message):
        load_topic(path)


def test_two_questions_with_one_id(tmp_path):
    path = tmp_path / "topic.yaml"
    path.write_text(yaml.safe_dump({"source": "a", "as_of": "b", "questions": [SINGLE, SINGLE]}), encoding="utf-8")
    with pytest.raises(BankError, match="two questions have the id 'topic/1'"):
        load_topic(path)
