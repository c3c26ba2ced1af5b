"""Which of the lettered texts an answer means: `C`, `(c)`, `A and C`, `BDA`, or a text itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz

LETTERS = "ABCDEFGH"
LETTER = re.compile(r"(?:options?|answers?)?\s*[(\[]?([a-h])[)\].:]*", re.IGNORECASE)
SAME_TEXT = 90  # percent
NOISE = ("option", "answer", "choice", "then")
BETWEEN = re.compile(r"[\s,;/&+→>]+|\band\b|\bthen\b|(?<=\w)-(?=\w)")
LONGEST = 2000  # characters


def as_parts(answer: object) -> list[str]:
    """An answer as texts: the elements of a list, or the whole."""
    if answer is None:
        return []
    parts = answer if isinstance(answer, Iterable) and not isinstance(answer, str | bytes | Mapping) else [answer]
    return [str(part).strip()[:LONGEST] for part in parts]


def letters_in(text: str, texts: Mapping[str, str]) -> tuple[str, ...]:
    """The letters that a text names, in its order; `texts` are those to choose from, by letter. Empty when unclear."""
    if by_text := _by_text(text, texts):
        return (by_text,)
    parts = [part for part in BETWEEN.split(text) if part and part.lower().rstrip(":s") not in NOISE]
    if len(parts) == 1 and parts[0].isalpha() and parts[0].isupper():
        parts = list(parts[0])
    found = [LETTER.fullmatch(part) for part in parts]
    letters = tuple(match[1].upper() for match in found if match)
    return letters if all(found) and set(letters) <= set(texts) else _letter_before_text(text, texts)


def _letter_before_text(text: str, texts: Mapping[str, str]) -> tuple[str, ...]:
    found = re.match(r"\s*(?:option |answer )?[(\[]?([a-h])[)\].:]\s+\w", text, re.IGNORECASE)
    return (found[1].upper(),) if found and found[1].upper() in texts else ()


def _by_text(text: str, texts: Mapping[str, str]) -> str:
    scores = sorted(((fuzz.ratio(_fold(text), _fold(other)), letter) for letter, other in texts.items()), reverse=True)
    clear = scores[0][0] >= SAME_TEXT and (len(scores) == 1 or scores[1][0] < scores[0][0])
    return scores[0][1] if clear else ""


def _fold(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
