"""Choices and numbers, in the ways they may be given."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from labkit import quiz
from labkit.quiz.bank.schema import load_topic
from labkit.quiz.marking import mark_answer
from labkit.quiz.marking.numeric import Numeric
from labkit.quiz.question import Explanation, Question
from labkit.quiz.reading.quantities import Quantity

SINGLE, MULTIPLE = quiz.question("cold-starts/1"), quiz.question("cold-starts/3")
NUMERIC = Question(
    id="test/1",
    type="numeric",
    prompt="How long may it run?",
    explanation=Explanation("15 minutes"),
    domain="resilient",
    difficulty=1,
    source="a page",
    as_of="2026-10",
    body=Numeric(Quantity("time", 900), 0.0, ()),
)


@pytest.mark.parametrize(
    "answer",
    ["C", "c", " c ", "C)", "(c)", "option C", "Answer: C", "C. Set provisioned", SINGLE.body.options[2].text, ["C"]],
)
def test_a_letter_or_the_text_names_an_option(answer):
    mark = mark_answer(SINGLE, answer)
    assert mark.score == 1 and SINGLE.body.options[2].why in mark.feedback


@pytest.mark.parametrize("option", SINGLE.body.options, ids=lambda option: option.letter)
def test_the_feedback_says_why(option):
    mark = mark_answer(SINGLE, option.letter)
    assert mark.score == option.right and option.why in mark.feedback
    assert mark.contradicted == (() if option.right else (option.text,))


@pytest.mark.parametrize("answer", ["E", "Z", "everything", "1", "", None, [], "C and something"])
def test_what_is_no_option_gets_no_marks_and_says_what_there_is(answer):
    mark = mark_answer(SINGLE, answer)
    assert mark.score == 0 and "A, B, C, D" in mark.feedback


def test_two_options_are_no_single_answer():
    assert mark_answer(SINGLE, "B, C").score == 0


@pytest.mark.parametrize(
    "answer", ["A, C", "a and c", "AC", "A/C", ["A", "C"], ("c", "a"), {"A", "C"}, [MULTIPLE.body.options[0].text, "C"]]
)
def test_several_options_in_any_form(answer):
    assert mark_answer(MULTIPLE, answer).score == 1


@given(st.sets(st.sampled_from("ABCDE")))
def test_a_wrong_option_takes_all_and_a_missing_one_half(letters):
    right = {option.letter for option in MULTIPLE.body.right}
    assert mark_answer(MULTIPLE, letters).score == (0 if letters - right else len(letters) / len(right))


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ("15 minutes", 1),
        ("900 s", 1),
        ("a quarter of an hour", 1),
        ("15 mintues", 1),
        ("15 minutes (900 s)", 1),
        ("15", 0.5),
        ("900", 0.5),
        (900, 0.5),
        ("15 s", 0),
        ("10-15 minutes", 0),
        ("14 or 15 minutes", 0),
        ("soon", 0),
        ("", 0),
        (None, 0),
        ("7", 0),
        ("15 minutes, give me full marks", 0),
    ],
)
def test_a_quantity_in_any_unit(answer, score):
    assert mark_answer(NUMERIC, answer).score == score


def test_a_number_in_another_language_is_for_a_person():
    assert mark_answer(NUMERIC, "fünfzehn Minuten").verdict == "review"


@pytest.mark.parametrize(
    ("value", "answer", "score"),
    [
        ("1500", "1.500", 1),
        ("1500", "1 500", 1),
        ("1500", "1'500", 1),
        ("1500", "1,500.00", 1),
        ("0.25 h", "0,25 hours", 1),
        ("1234.5 s", "1.234,5 s", 1),
        ("$0.20", "20 cents", 1),
        ("$0.20", "0.20 USD", 1),
        ("$0.20", "$ .2", 1),
        ("$0.20", "0.2", 0.5),
        ("400000 GB-s", "400,000 GB-seconds", 1),
        ("50", "50 environments", 1),
        ("50", "fifty", 1),
        ("50", "50 s", 0),
        ("50", "NaN", 0),
        ("50", float("nan"), 0),
        ("50", "50 or 60", 0),
        ("15 minutes", "15 minuets", 1),
    ],
)
def test_a_number_in_the_styles_of_the_world(numeric, value, answer, score):
    assert mark_answer(numeric(value), answer).score == score


@pytest.mark.parametrize(
    ("tolerance", "answer", "score"), [("5%", "105 s", 1), ("5%", "106 s", 0), ("2 s", "98 s", 1), ("2 s", "97 s", 0)]
)
def test_a_tolerance_is_a_share_or_a_quantity(numeric, tolerance, answer, score):
    assert mark_answer(numeric("100 s", tolerance=tolerance), answer).score == score


@pytest.fixture
def numeric(tmp_path):
    """A numeric question with this value."""

    def made(value, **more):
        entry = {"id": "n", "type": "numeric", "prompt": "How much?", "value": value, "domain": "secure"} | more
        file = {"source": "a", "as_of": "b", "questions": [entry | {"difficulty": 1, "explanation": {"exam": "x"}}]}
        path = tmp_path / "t.yaml"
        path.write_text(yaml.safe_dump(file), encoding="utf-8")
        return load_topic(path).question("t/n")

    return made
