"""Single choice: one letter, or the text of one option."""

from __future__ import annotations

from labkit.quiz.mark import Mark, scored
from labkit.quiz.marking.options import chosen, unknown_choice
from labkit.quiz.question import Question


def mark(question: Question, answer: object) -> Mark:
    """Full marks for the right option, none for another or for several."""
    options, strange = chosen(question, answer)
    if strange or not options:
        return unknown_choice(question, strange)
    if len(options) > 1:
        return scored(0.0, f"You chose {len(options)} options; this question has one answer.")
    (option,) = options
    because = f"{option.letter}: {option.why}"
    return scored(1.0, because) if option.right else scored(0.0, because, contradicted=(option.text,))
