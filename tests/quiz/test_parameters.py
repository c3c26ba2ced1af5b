"""Questions whose numbers are drawn: the same id always asks the same, and its own answer is right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.quiz import BankError
from labkit.quiz.bank.schema import load_topic
from labkit.quiz.marking import mark_answer

TOPIC = """
source: a page
as_of: 2026-10
questions:
  - id: concurrency
    type: numeric
    parameters:
      rate: {from: 20, to: 200, step: 20}
      duration: [250, 500, 1500]
    let: {needed: rate * duration / 1000}
    prompt: "{rate:,} requests a second run for {duration} ms each. How many run at the same time?"
    value: "{needed}"
    mistakes:
      - {value: "{rate * duration}", why: "The duration is in milliseconds, the rate per second."}
    explanation: {exam: rate times duration, worked: "{rate} × {duration} ms = {needed}"}
    domain: high-performing
    difficulty: 2
    examples: [{answer: "{needed}", score: 1}, {answer: "{needed + 1}", score: 0}]
"""


@pytest.fixture(scope="module")
def topic(tmp_path_factory):
    path = tmp_path_factory.mktemp("bank") / "sizing.yaml"
    path.write_text(TOPIC, encoding="utf-8")
    return load_topic(path)


@given(st.integers(0, 1000))
def test_any_seed_gives_a_question_that_its_own_examples_fit(topic, seed):
    question = topic.question("sizing/concurrency", str(seed))
    assert question.id == f"sizing/concurrency#{seed}" and "{" not in question.prompt + question.explanation.worked
    for example in question.examples:
        assert mark_answer(question, example.answer).score == example.score


def test_the_same_seed_asks_the_same_and_another_something_else(topic):
    prompts = [topic.question("sizing/concurrency", str(seed)).prompt for seed in range(20)]
    assert prompts == [topic.question("sizing/concurrency", str(seed)).prompt for seed in range(20)]
    assert len(set(prompts)) > 10


def test_a_known_mistake_is_named(topic):
    question = topic.question("sizing/concurrency", "1")
    wrong = question.body.slips[0].value.value
    assert "The duration is in milliseconds" in mark_answer(question, wrong).feedback


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{needed + 1}", "{neded}", r"sizing.yaml, line 18, .*examples 2, answer: .* did you mean 'needed'\?"),
        ("[250, 500, 1500]", "[250]", "parameters, duration: a parameter needs two values"),
        ("to: 200", "to: 2", "parameters, rate: from 20 to 2 in steps of 20 is no choice"),
        ("rate * duration / 1000}", "rate * duration /}", "let, needed: .* neither a number nor a formula"),
    ],
)
def test_a_mistake_in_a_parameter_is_named_with_its_line(tmp_path, old, new, message):
    path = tmp_path / "sizing.yaml"
    path.write_text(TOPIC.replace(old, new), encoding="utf-8")
    with pytest.raises(BankError, match=message):
        load_topic(path).question("sizing/concurrency")
