"""Multiple response: several letters, or the texts of several options."""

from __future__ import annotations

from labkit.quiz.mark import Mark, scored
from labkit.quiz.marking.options import chosen, unknown_choice
from labkit.quiz.question import Question


def mark(question: Question, answer: object) -> Mark:
    """Full marks for exactly the right options, a share for some of them, none once a wrong one is chosen.

    The exam itself gives no part marks; here they tell the learner how far the answer got.
    """
    options, strange = chosen(question, answer)
    if strange or not options:
        return unknown_choice(question, strange)
    wanted = len(question.right_letters)
    wrong = tuple(option.text for option in options if not option.right)
    matched = tuple(option.text for option in options if option.right)
    because = " ".join(f"{option.letter}: {option.why}" for option in options)
    if wrong:
        return scored(0.0, because, matched=matched, contradicted=wrong)
    missing = () if len(matched) == wanted else (f"{wanted - len(matched)} more of the {wanted} right options",)
    return scored(len(matched) / wanted, because, matched=matched, missing=missing)
