"""Which numbers does a question state that none of its facts states?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields

from labkit.facts import FACTS
from labkit.quiz.question import Question
from labkit.quiz.reading.quantities import Quantity, quantities_in
from labkit.quiz.reading.words import normalise

COUNTING_WORDS = 2  # "one" and "two" are words more often than figures


def unstated_numbers(question: Question) -> list[str]:
    """The sentences of explanations and reasons with a number that neither the facts nor the question gives.

    A calculation (`worked`) and what is said to be wrong are left out; a wrong option may be quoted where it is
    refuted.
    """
    given = _quantities(
        [question.prompt, *_facts(question), *(text for text, right in _options(question) if not right)]
    )
    figures = set(re.findall(r"\d+", " ".join(_facts(question))))
    return [
        text for text in _stated(question) if not all(_is_given(one, given, figures) for one in _quantities([text]))
    ]


def _stated(question: Question) -> Iterator[str]:
    yield from (question.hint, question.explanation.exam, question.explanation.today)
    yield from (text for text, right in _options(question) if right)
    body = question.body
    for group in ("options", "steps", "pairs", "slips"):
        yield from (one.why for one in getattr(body, group, ()))


def _options(question: Question) -> list[tuple[str, bool]]:
    return [(option.text, option.right) for option in getattr(question.body, "options", ())]


def _facts(question: Question) -> list[str]:
    known = [FACTS[fact] for fact in question.facts if fact in FACTS]
    texts = [" ; ".join(str(getattr(fact, field.name)) for field in fields(fact)) for fact in known]
    return [*texts, *(f"{fact.value} {fact.unit}" for fact in known)]


def _quantities(texts: Iterable[str]) -> set[Quantity]:
    return {quantity for text in texts for quantity in quantities_in(normalise(text))}


def _is_given(quantity: Quantity, given: set[Quantity], figures: set[str]) -> bool:
    if quantity.dimension == "number" and quantity.value <= COUNTING_WORDS:
        return True
    return any(quantity.equals(one) for one in given) or f"{quantity.value:g}" in figures
