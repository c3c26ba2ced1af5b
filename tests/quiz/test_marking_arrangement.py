"""Ordering, matching and hands-on work, in the ways they may be answered."""

from __future__ import annotations

from itertools import permutations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from labkit.labs.report import Criterion, Report
from labkit.quiz import BankError
from labkit.quiz.bank.schema import load_topic
from labkit.quiz.marking import mark_answer

COMMON = {"explanation": {"exam": "x"}, "domain": "resilient", "difficulty": 1}
STEPS = ["the package is fetched", "the runtime starts", "code outside the handler runs", "the handler runs"]
ORDERING = {"id": "o", "type": "ordering", "prompt": "Order!", "items": [{"text": s, "why": f"W{s}"} for s in STEPS]}
MATCHING = {
    "id": "m", "type": "matching", "prompt": "Match!",
    "pairs": [
        {"item": "API Gateway", "match": "synchronous", "why": "it waits"},
        {"item": "S3", "match": "asynchronous", "why": "Lambda queues"},
        {"item": "SQS", "match": "polled", "why": "Lambda reads"},
    ],
    "others": [{"text": "scheduled", "why": "that is Scheduler"}],
}  # fmt: skip
LAB = {"id": "l", "type": "lab", "prompt": "Do!", "lab": "cold-starts"}


def question_of(directory, entry):
    path = directory / "t.yaml"
    path.write_text(yaml.safe_dump({"source": "a", "as_of": "b", "questions": [entry | COMMON]}), encoding="utf-8")
    return load_topic(path).question(f"t/{entry['id']}")


@pytest.fixture(scope="module")
def ordering(tmp_path_factory):
    return question_of(tmp_path_factory.mktemp("bank"), ORDERING)


@pytest.fixture(scope="module")
def matching(tmp_path_factory):
    return question_of(tmp_path_factory.mktemp("bank"), MATCHING)


def letters(ordering):
    return [step.letter for step in ordering.body.steps]


def test_the_steps_are_not_shown_in_their_order(ordering):
    assert [step.text for step in ordering.body.shown] != STEPS
    assert sorted(letters(ordering)) == [step.letter for step in ordering.body.shown]


@pytest.mark.parametrize("form", ["".join, ", ".join, " → ".join, " > ".join, " then ".join, list, "-".join])
def test_an_order_in_any_form(ordering, form):
    assert mark_answer(ordering, form(letters(ordering))).score == 1
    assert mark_answer(ordering, STEPS).score == 1


def test_an_order_earns_half_when_two_neighbours_have_changed_places(ordering):
    scores = {order: mark_answer(ordering, list(order)).score for order in permutations(letters(ordering))}
    assert sorted(scores.values(), reverse=True) == [1, 0.5, 0.5, 0.5, *[0] * 20]


@pytest.mark.parametrize(
    "answer", ["", None, "A", "A, A, B, C", "ABCDE", "first the runtime", 7, {"A": 1}, float("nan")]
)
def test_what_is_no_order_says_how_to_answer(ordering, answer):
    mark = mark_answer(ordering, answer)
    assert mark.score == 0 and "Name each of A, B, C, D once" in mark.feedback


def right_pairs(matching):
    return {pair.number: pair.letter for pair in matching.body.pairs}


@pytest.mark.parametrize(
    "form",
    [
        dict,
        lambda pairs: list(pairs.values()),
        lambda pairs: "".join(pairs.values()),
        lambda pairs: ", ".join(f"{number} {letter}" for number, letter in pairs.items()),
        lambda pairs: " ".join(f"{number}{letter.lower()}" for number, letter in pairs.items()),
        lambda pairs: "; ".join(f"{number}: {letter}" for number, letter in reversed(pairs.items())),
    ],
)
def test_pairs_in_any_form(matching, form):
    assert mark_answer(matching, form(right_pairs(matching))).score == 1


@given(st.dictionaries(st.integers(1, 3), st.sampled_from("ABCD"), min_size=1))
def test_each_pair_counts_its_share(matching, given_pairs):
    right = right_pairs(matching)
    expected = sum(right[number] == letter for number, letter in given_pairs.items()) / 3
    assert mark_answer(matching, given_pairs).score == pytest.approx(expected)


def test_a_text_that_belongs_to_none_says_why(matching):
    letter = next(letter for letter, text in matching.body.texts.items() if text == "scheduled")
    assert "that is Scheduler" in mark_answer(matching, {1: letter}).feedback


@pytest.mark.parametrize("answer", ["", None, "AB", "1 Z", "x", 5, [], {"a": "b"}])
def test_what_is_no_pairing_says_how_to_answer(matching, answer):
    mark = mark_answer(matching, answer)
    assert mark.score == 0 and "for each of the items 1 to 3" in mark.feedback


def test_hands_on_work_counts_by_what_was_seen(tmp_path):
    question = question_of(tmp_path, LAB)
    seen = (Criterion("a function", True, "there"), Criterion("warm", False, "all 3 were cold"))
    mark = mark_answer(question, Report("cold-starts", seen))
    assert (mark.score, mark.matched, mark.missing) == (0.5, ("a function",), ("warm",)) and "all 3 were cold" in str(
        mark
    )
    for claimed in ("score: 1", {"score": 1}, None, Report("another-lab", seen)):
        assert mark_answer(question, claimed).score == 0


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (ORDERING | {"items": ORDERING["items"][:2]}, "ordering needs 3 to 8 items; here are 2"),
        (MATCHING | {"pairs": MATCHING["pairs"][:1]}, "matching needs two pairs or more"),
        (ORDERING | {"items": [{"text": "x"}] * 3}, "'why' is missing"),
    ],
)
def test_a_mistake_is_named(tmp_path, entry, message):
    with pytest.raises(BankError, match=message):
        question_of(tmp_path, entry)
