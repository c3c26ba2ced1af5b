"""Questions and their marking: the same answer always gets the same mark, and each mark explains itself.

The bank and the markers are loaded when the first question is asked for, so that importing this is cheap.
"""

from __future__ import annotations

from labkit.quiz.errors import BankError, UnknownQuestion
from labkit.quiz.mark import Mark
from labkit.quiz.question import Question

__all__ = ["BankError", "Mark", "Question", "UnknownQuestion", "mark", "question", "questions"]


def mark(question_id: str, answer: object) -> Mark:
    """The mark of an answer; `UnknownQuestion` when no question has this id.

    Text and numeric questions take text; a single choice takes a letter or the option's text, a multiple choice
    `"A, C"` or `["A", "C"]`.
    """
    from labkit.quiz.marking import mark_answer

    return mark_answer(question(question_id), answer)


def question(question_id: str) -> Question:
    """The question with this id, such as `self-quiz/1`; `UnknownQuestion` names the closest one."""
    from labkit.quiz.bank.topics import BANK

    return BANK.question(question_id)


def questions(topic: str | None = None) -> tuple[Question, ...]:
    """The questions of a topic such as `self-quiz`, or all, in the bank's order."""
    from labkit.quiz.bank.topics import BANK

    return BANK.questions(topic)
