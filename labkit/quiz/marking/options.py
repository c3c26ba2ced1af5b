"""Which options an answer to a choice question means."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz

from labkit.quiz.mark import Mark, scored
from labkit.quiz.question import Option, Question

LETTER = re.compile(r"(?:options?|answers?)?\s*[(\[]?([a-h])[)\].:]*", re.IGNORECASE)
SAME_TEXT = 90  # percent
NOISE = ("option", "answer", "choice")


def chosen(question: Question, answer: object) -> tuple[tuple[Option, ...], str]:
    """The options an answer names, in the question's order, and the first part of it that names none."""
    texts = (
        [str(part) for part in answer]
        if isinstance(answer, Iterable) and not isinstance(answer, str)
        else [_plain(answer)]
    )
    letters: set[str] = set()
    for text in texts:
        found = _letters(question, text.strip())
        if text.strip() and not found:
            return (), text.strip()
        letters |= found
    return tuple(option for option in question.options if option.letter in letters), ""


def unknown_choice(question: Question, given: str) -> Mark:
    """No marks, and what may be chosen."""
    letters = ", ".join(option.letter for option in question.options)
    return scored(
        0.0, f"{given!r} is none of the options {letters}." if given else f"No option is chosen; choose from {letters}."
    )


def _letters(question: Question, text: str) -> set[str]:
    known = {option.letter for option in question.options}
    if by_text := _by_text(question, text):
        return {by_text}
    parts = [part for part in re.split(r"[\s,;/&+]+|\band\b", text) if part and part.lower().rstrip(":s") not in NOISE]
    if len(parts) == 1 and parts[0].isalpha() and parts[0].isupper():
        parts = list(parts[0])
    found = [LETTER.fullmatch(part) for part in parts]
    letters = {match[1].upper() for match in found if match}
    return letters if all(found) and letters <= known else _letter_before_text(text, known)


def _letter_before_text(text: str, known: set[str]) -> set[str]:
    found = re.match(r"\s*(?:option |answer )?[(\[]?([a-h])[)\].:]\s+\w", text, re.IGNORECASE)
    return {found[1].upper()} & known if found else set()


def _by_text(question: Question, text: str) -> str:
    scores = sorted(
        ((fuzz.ratio(_fold(text), _fold(option.text)), option.letter) for option in question.options), reverse=True
    )
    clear = scores[0][0] >= SAME_TEXT and (len(scores) == 1 or scores[1][0] < scores[0][0])
    return scores[0][1] if clear else ""


def _fold(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _plain(answer: object) -> str:
    return "" if answer is None else str(answer)
