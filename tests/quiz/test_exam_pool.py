"""The exam's pool and the lessons' questions: enough of them, weighted as the exam is, and not to be guessed."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations, pairwise

import pytest

from labkit import quiz
from labkit.quiz.bank.topics import BANK
from labkit.quiz.study.exam import POOL, WEIGHTS

LESSONS = (
    "start-here", "life-of-an-invocation", "invocation-types", "cold-starts", "concurrency", "push-triggers",
    "polled-sources", "writing-a-function", "limits", "execution-roles", "deployment", "file-pipeline", "rest-api",
    "scheduled-job", "cost-and-tuning", "choosing-a-service",
)  # fmt: skip
ALIKE = 0.5  # of the pairs of words of two prompts


@pytest.fixture(scope="module")
def pool():
    return [question for topic in BANK.topics if topic.startswith(POOL) for question in BANK.questions(topic)]


def singles(questions):
    return [question for question in questions if question.type == "single"]


def right_option(question):
    return next(option for option in question.body.options if option.right)


def test_the_pool_is_large_and_has_many_drawn_numbers(pool):
    assert len(pool) >= 200
    assert sum(question.parametrised for question in pool) >= 30
    assert {question.difficulty for question in pool} == {1, 2, 3}


@pytest.mark.parametrize("domain", WEIGHTS)
def test_the_pool_is_weighted_as_the_exam(pool, domain):
    share = 100 * sum(question.domain == domain for question in pool) / len(pool)
    assert share == pytest.approx(WEIGHTS[domain], abs=3)


@pytest.mark.parametrize("topic", LESSONS)
def test_each_lesson_has_questions(topic):
    assert 3 <= len(quiz.questions(topic)) <= 10


def test_no_letter_is_right_more_often_than_others():
    counted = Counter(right_option(question).letter for question in singles(quiz.questions()))
    assert set(counted) == set("ABCD")
    assert max(counted.values()) < 1.3 * min(counted.values())


def test_the_longest_option_is_not_the_right_one():
    asked = singles(quiz.questions())
    longest = [max(question.body.options, key=lambda option: len(option.text)) for question in asked]
    assert sum(option.right for option in longest) / len(asked) < 0.35


def test_no_two_questions_tell_the_same_story():
    pairs = {question.id: word_pairs(question.prompt) for question in quiz.questions() if not question.parametrised}
    alike = [
        (one, other)
        for one, other in combinations(pairs, 2)
        if len(pairs[one] & pairs[other]) > ALIKE * min(len(pairs[one]), len(pairs[other]))
    ]
    assert alike == []


def word_pairs(text):
    words = re.findall(r"\w+", text.lower())
    return set(pairwise(words))


def test_no_option_speaks_of_the_others():
    for question in quiz.questions():
        for option in getattr(question.body, "options", ()):
            assert not re.search(r"\b(all|none|both) of the (above|others?|options)\b", option.text, re.I), question.id
