"""Choices and numbers, in the ways they may be given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import quiz
from labkit.quiz.marking import mark_answer
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
    value=Quantity("time", 900),
)


@pytest.mark.parametrize(
    "answer",
    ["C", "c", " c ", "C)", "(c)", "option C", "Answer: C", "C. Set provisioned", SINGLE.options[2].text, ["C"]],
)
def test_a_letter_or_the_text_names_an_option(answer):
    mark = mark_answer(SINGLE, answer)
    assert mark.score == 1 and SINGLE.options[2].why in mark.feedback


@pytest.mark.parametrize("option", SINGLE.options, ids=lambda option: option.letter)
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
    "answer", ["A, C", "a and c", "AC", "A/C", ["A", "C"], ("c", "a"), {"A", "C"}, [MULTIPLE.options[0].text, "C"]]
)
def test_several_options_in_any_form(answer):
    assert mark_answer(MULTIPLE, answer).score == 1


@given(st.sets(st.sampled_from("ABCDE")))
def test_a_wrong_option_takes_all_and_a_missing_one_half(letters):
    right = set(MULTIPLE.right_letters)
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
