"""Numeric answers: one quantity, in any unit or wording."""

from __future__ import annotations

from math import isclose

from labkit.quiz.mark import Mark, scored
from labkit.quiz.marking.guards import guard
from labkit.quiz.question import Question
from labkit.quiz.reading.quantities import UNITS, Quantity, quantities_in
from labkit.quiz.reading.words import PLAIN_VOCABULARY, Speller, normalise


def mark(question: Question, answer: object) -> Mark:
    """Full marks for the value in any unit, half for the bare number; none for a range or for alternatives."""
    assert question.value is not None
    given = "" if answer is None else str(answer)
    if refused := guard(question, given):
        return refused
    found = quantities_in(Speller(PLAIN_VOCABULARY).repair(normalise(given)))
    if not found:
        return scored(0.0, "There is no number in the answer.")
    if all(_right(question, one) for one in found):
        return scored(1.0)
    if len(found) > 1:
        return scored(0.0, "The answer names several values; give one.")
    if found[0].dimension == "number" and _right_in_some_unit(question, found[0]):
        return scored(0.5, missing=("the unit",))
    return scored(0.0, "The value is not right.")


def _right(question: Question, quantity: Quantity) -> bool:
    wanted = question.value
    assert wanted is not None
    near = isclose(quantity.value, wanted.value, rel_tol=1e-6, abs_tol=question.tolerance)
    return quantity.dimension == wanted.dimension and near


def _right_in_some_unit(question: Question, bare: Quantity) -> bool:
    assert question.value is not None
    sizes = [size for dimension, size in UNITS.values() if dimension == question.value.dimension]
    return any(_right(question, Quantity(question.value.dimension, bare.value * size)) for size in sizes)
