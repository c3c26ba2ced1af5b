"""Numbers: a quantity in any unit and wording, within a tolerance, and the mistakes that lead to another number."""

from __future__ import annotations

from dataclasses import dataclass
from math import isclose

from labkit.quiz.bank.entry import Entry
from labkit.quiz.bank.rubric import Groups
from labkit.quiz.mark import Mark, scored
from labkit.quiz.marking.guards import guard
from labkit.quiz.question import Question
from labkit.quiz.reading.quantities import UNITS, Quantity, number_styles, quantities_in
from labkit.quiz.reading.words import PLAIN_VOCABULARY, Speller, normalise

SPELLER = Speller(PLAIN_VOCABULARY)


@dataclass(frozen=True, slots=True)
class Slip:
    """A wrong value that a known mistake leads to, and what the mistake is."""

    value: Quantity
    why: str


@dataclass(frozen=True, slots=True)
class Numeric:
    """The right value, how far from it an answer may be (in the value's base unit), and known mistakes."""

    value: Quantity
    tolerance: float
    slips: tuple[Slip, ...]

    def accepts(self, quantity: Quantity) -> bool:
        """Whether this is the right value."""
        return self.value.dimension == quantity.dimension and isclose(
            quantity.value, self.value.value, rel_tol=1e-6, abs_tol=self.tolerance
        )


def read(entry: Entry, shared: Groups) -> Numeric:
    """`value` with its unit, `tolerance` as a quantity or as a share of the value (`5%`), and `mistakes`."""
    value = _quantity(entry["value"])
    return Numeric(
        value,
        _tolerance(entry["tolerance"], value) if "tolerance" in entry else 0.0,
        tuple(_slip(one) for one in entry["mistakes"]) if "mistakes" in entry else (),
    )


def mark(question: Question, answer: object) -> Mark:
    """Full marks for the value in any unit, half for the bare number; none for a range or for alternatives.

    A number whose points and commas can be read in two ways (1.500 is 1,500 on the continent) is read in the learner's
    favour.
    """
    given = "" if answer is None else str(answer)
    if refused := guard(question, given):
        return refused
    text = SPELLER.repair(normalise(given))
    return max((_marked(question.body, quantities_in(style)) for style in number_styles(text)), key=lambda m: m.score)


def _marked(body: Numeric, found: list[Quantity]) -> Mark:
    if not found:
        return scored(0.0, "There is no number in the answer.")
    if all(body.accepts(one) for one in found):
        return scored(1.0, "The value is right.")
    if len(found) > 1:
        return scored(0.0, "The answer names several values; give one.")
    if found[0].dimension == "number" and _right_in_some_unit(body, found[0]):
        return scored(0.5, missing=("the unit",))
    if slip := next((slip for slip in body.slips if _is_the(slip.value, found[0])), None):
        return scored(0.0, f"The value is not right. {slip.why}")
    return scored(0.0, "The value is not right.")


def _is_the(value: Quantity, given: Quantity) -> bool:
    return given.equals(value) or (given.dimension == "number" and isclose(given.value, value.value, rel_tol=1e-6))


def _right_in_some_unit(body: Numeric, bare: Quantity) -> bool:
    sizes = [size for dimension, size in UNITS.values() if dimension == body.value.dimension]
    return any(body.accepts(Quantity(body.value.dimension, bare.value * size)) for size in sizes)


def _slip(entry: Entry) -> Slip:
    entry.check_keys((), {"value", "why"})
    return Slip(_quantity(entry["value"]), entry["why"].text())


def _quantity(entry: Entry) -> Quantity:
    found = quantities_in(normalise(entry.text()))
    if len(found) != 1:
        raise entry.error(f"{entry.text()!r} is not one quantity; write a number with its unit, such as 900 s")
    return found[0]


def _tolerance(entry: Entry, value: Quantity) -> float:
    given = _quantity(entry)
    if given.dimension == "percent" != value.dimension:
        return value.value * given.value / 100
    if given.dimension not in (value.dimension, "number"):
        raise entry.error(f"{entry.text()!r} does not fit the value; give the same unit, or a share such as 5%")
    return given.value
