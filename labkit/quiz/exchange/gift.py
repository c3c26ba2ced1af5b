"""Questions as GIFT, the text format that Moodle and others import (https://docs.moodle.org/en/GIFT_format)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from labkit.quiz.exchange.parts import Exported, explanation_of, in_base_unit, shares, topic_of, unplaced
from labkit.quiz.question import Question

SPECIAL = re.compile(r"([~=#{}:\\])")
NO_PLACE = {
    "ordering": "GIFT has no questions of ordering",
    "lab": "GIFT has no hands-on work",
}


def as_gift(questions: Sequence[Question]) -> Exported:
    """The questions as GIFT, a category for each topic."""
    written, category = [], ""
    for question in questions:
        if question.type in NO_PLACE:
            continue
        if topic_of(question) != category:
            category = topic_of(question)
            written.append(f"$CATEGORY: labkit/{category}\n")
        written.append(_question(question))
    left_out = [unplaced([q for q in questions if q.type == type], why) for type, why in NO_PLACE.items()]
    return Exported("\n".join(written), tuple(one for ones in left_out for one in ones))


def escaped(text: str) -> str:
    r"""The text with GIFT's signs escaped, and on one line: a line break is `\n` there."""
    return SPECIAL.sub(r"\\\1", text.strip()).replace("\n", "\\n")


def _question(question: Question) -> str:
    unit = f" [in {unit}]" if question.type == "numeric" and (unit := in_base_unit(question.body.value)[1]) else ""
    told = f"####{escaped(explanation_of(question))}"
    answers = "\n".join([*ANSWERS[question.type](question), told])
    return f"::{escaped(question.id)}::{escaped(question.prompt + unit)} {{\n{answers}\n}}\n"


def _single(question: Question) -> list[str]:
    return [
        f"{'=' if option.right else '~'}{escaped(option.text)}#{escaped(option.why)}"
        for option in question.body.options
    ]


def _multiple(question: Question) -> list[str]:
    share = shares(len(question.body.right))
    return [
        f"~%{share if option.right else -share:g}%{escaped(option.text)}#{escaped(option.why)}"
        for option in question.body.options
    ]


def _numeric(question: Question) -> list[str]:
    value, _ = in_base_unit(question.body.value)
    slips = [f"=%0%{in_base_unit(slip.value)[0]:.15g}:0#{escaped(slip.why)}" for slip in question.body.slips]
    return [f"#={value:.15g}:{question.body.tolerance:.15g}", *slips]


def _matching(question: Question) -> list[str]:
    body = question.body
    pairs = [f"={escaped(pair.item)} -> {escaped(body.texts[pair.letter])}" for pair in body.pairs]
    return pairs + [f"= -> {escaped(body.texts[letter])}" for letter in body.why_not]


def _essay(question: Question) -> list[str]:
    return []


ANSWERS: dict[str, Callable[[Question], list[str]]] = {
    "single": _single,
    "multiple": _multiple,
    "numeric": _numeric,
    "matching": _matching,
    "text": _essay,
}
