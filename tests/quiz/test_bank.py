"""The bank as it stands: every question is whole, and every example gets the score written beside it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from labkit import quiz
from labkit.facts import FACTS
from labkit.quiz.bank.topics import Bank
from labkit.quiz.errors import UnknownQuestion

QUESTIONS = quiz.questions()


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.type == "text"], ids=lambda question: question.id)
def test_a_text_question_has_examples_of_each_mark(question):
    assert len(question.examples) >= 4
    assert {1.0, 0.5, 0.0} <= {example.score for example in question.examples}


def test_the_self_quiz_has_the_eight_questions_in_order():
    assert [question.id for question in quiz.questions("self-quiz")] == [f"self-quiz/{n}" for n in range(1, 9)]


def test_the_facts_of_the_questions_exist():
    assert {fact for question in QUESTIONS for fact in question.facts} <= set(FACTS)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("self-quiz/9", "self-quiz/"),
        ("selfquiz/1", "self-quiz/1"),
        ("cold-start/2", "cold-starts/2"),
        ("", "known are"),
    ],
)
def test_an_unknown_question_names_the_closest(given, meant):
    with pytest.raises(UnknownQuestion, match=meant):
        quiz.question(given)


def test_an_unknown_topic_names_the_closest():
    with pytest.raises(UnknownQuestion, match="self-quiz"):
        quiz.questions("selfquiz")


def test_only_the_topic_asked_for_is_read(tmp_path):
    (tmp_path / "broken.yaml").write_text("questions: [", encoding="utf-8")
    good = {"questions": [SMALL | {"id": "x"}]}
    (tmp_path / "good.yaml").write_text(json.dumps(good), encoding="utf-8")
    assert Bank(tmp_path).question("good/x").prompt == "How long?"


SMALL = {
    "type": "numeric",
    "prompt": "How long?",
    "value": "900 s",
    "explanation": {"exam": "15 minutes."},
    "domain": "resilient",
    "difficulty": 1,
    "source": "a page",
    "as_of": "2026-10",
    "facts": ["NOTES-03"],
}


def test_the_first_mark_comes_within_a_second_of_importing():
    program = (
        "import time; from labkit import quiz; start = time.process_time(); quiz.mark('self-quiz/1', '15 minutes');"
        "print(time.process_time() - start)"
    )
    seconds = float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)
    assert seconds < 1.0  # of the processor's time, so that a busy machine does not count; about 0.1
