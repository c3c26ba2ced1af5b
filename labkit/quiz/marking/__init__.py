"""Marking, one module a question type."""

from __future__ import annotations

from labkit.quiz.mark import Mark
from labkit.quiz.marking import multiple, numeric, single, text
from labkit.quiz.question import Question

MARKERS = {"text": text.mark, "single": single.mark, "multiple": multiple.mark, "numeric": numeric.mark}


def mark_answer(question: Question, answer: object) -> Mark:
    """The mark of an answer to this question."""
    return MARKERS[question.type](question, answer)
