"""Whatever is given as an answer, to any type of question: a mark that explains itself, never an exception."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from labkit import quiz
from labkit.quiz.bank.schema import load_topic
from labkit.quiz.mark import SIGNS
from labkit.quiz.marking import TYPES, mark_answer

OPTIONS = [{"text": "one", "right": True, "why": "a"}, {"text": "two", "why": "b"}, {"text": "three", "why": "c"}]
BODIES = {
    "single": {"options": OPTIONS},
    "multiple": {"options": [*OPTIONS[:1], {"text": "four", "right": True, "why": "d"}, *OPTIONS[1:]]},
    "numeric": {"value": "900 s", "tolerance": "1 s"},
    "ordering": {"items": [{"text": text, "why": text} for text in ("first", "second", "third")]},
    "matching": {"pairs": [{"item": f"i{n}", "match": f"m{n}", "why": "x"} for n in range(3)]},
    "lab": {"lab": "cold-starts"},
}
COMMON = {"prompt": "Which?", "explanation": {"exam": "x"}, "domain": "resilient", "difficulty": 1}
NASTY = [
    "", " \t\n", "\x00\x07\x1b[31m", "<script>alert(1)</script>", "&lt;b&gt;", "🦆" * 40, "‮مرحبا بالعالم",
    "a\u0301" * 50,
    "NaN", "nan minutes", "inf", "-inf s", "1e999", "1e999 minutes", "-0", "1.500,25", "1,500.25",
    "١٥ دقيقة", "Ⅻ", "½ hour", "1/0 hours", "99:99:99", "Z", "=cmd|' /C calc'!A0", "{{7*7}}", "%s%n", "\ud800",
    "(" * 2000, "a c," * 3000, "9" * 5000, "not " * 5000, "x" * 1_000_000, "15 minutes or " * 80_000,
]  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.binary(max_size=10)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=4),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    """One question of each type."""
    path = tmp_path_factory.mktemp("bank") / "types.yaml"
    entries = [{"id": type, "type": type, **body, **COMMON} for type, body in BODIES.items()]
    path.write_text(yaml.safe_dump({"source": "a", "as_of": "b", "questions": entries}), encoding="utf-8")
    topic = load_topic(path)
    made = [topic.question(question_id) for question_id in topic.entries] + list(quiz.questions("self-quiz"))
    assert {question.type for question in made} == set(TYPES)
    return made


def is_whole(mark):
    return mark.verdict in SIGNS and 0 <= mark.score <= 1 and not math.isnan(mark.score) and str(mark) and mark.feedback


@pytest.mark.parametrize("answer", NASTY, ids=range(len(NASTY)))
def test_nasty_text_gets_a_mark(questions, answer):
    for question in questions:
        mark = mark_answer(question, answer)
        assert is_whole(mark), (question.type, mark)
        assert mark.score < 1, (question.type, mark)
        assert "<script" not in mark._repr_html_()


@given(ANYTHING)
def test_a_value_of_any_type_gets_a_mark(questions, answer):
    for question in questions:
        assert is_whole(mark_answer(question, answer)), question.type


@given(st.text(max_size=300))
def test_any_text_gets_the_same_mark_twice(questions, answer):
    for question in questions:
        mark = mark_answer(question, answer)
        assert is_whole(mark), question.type
        assert mark == mark_answer(question, answer)
