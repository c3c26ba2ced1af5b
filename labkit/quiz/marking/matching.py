"""Matching: to each numbered item belongs one of the lettered texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from labkit.quiz.bank.entry import Entry
from labkit.quiz.bank.rubric import Groups
from labkit.quiz.mark import Mark, scored
from labkit.quiz.marking.letters import LETTERS, as_parts, letters_in
from labkit.quiz.marking.ordering import shuffled_letters
from labkit.quiz.question import Question


@dataclass(frozen=True, slots=True)
class Pair:
    """An item, the letter of what belongs to it, and why it does."""

    number: int
    item: str
    letter: str
    why: str


@dataclass(frozen=True, slots=True)
class Matching:
    """The pairs, and all texts to choose from by letter, of which some belong to no item."""

    pairs: tuple[Pair, ...]
    texts: Mapping[str, str]
    why_not: Mapping[str, str]


def read(entry: Entry, shared: Groups) -> Matching:
    """Pairs of `item` and `match`; several items may have the same match, and `others` match none."""
    pairs, others = list(entry["pairs"]), list(entry["others"]) if "others" in entry else []
    for one in pairs:
        one.check_keys((), {"item", "match", "why"})
    for one in others:
        one.check_keys((), {"text", "why"})
    reasons = {one["text"].text(): one["why"].text() for one in others}
    texts = list(dict.fromkeys([*(one["match"].text() for one in pairs), *reasons]))
    if len(pairs) < 2 or not 2 <= len(texts) <= len(LETTERS):
        raise entry["pairs"].error(f"matching needs two pairs or more, and 2 to {len(LETTERS)} texts to choose from")
    letters = dict(zip(texts, shuffled_letters(len(texts), texts[0]) if len(texts) > 2 else "BA", strict=True))
    return Matching(
        tuple(
            Pair(number, one["item"].text(), letters[one["match"].text()], one["why"].text())
            for number, one in enumerate(pairs, start=1)
        ),
        texts={letter: text for text, letter in sorted(letters.items(), key=lambda pair: pair[1])},
        why_not={letters[text]: why for text, why in reasons.items()},
    )


def mark(question: Question, answer: object) -> Mark:
    """The share of the items that have what belongs to them; `1 B, 2 A`, `BA`, a list or a mapping by number."""
    body: Matching = question.body
    given = _given(body, answer)
    if not given:
        numbers, letters = len(body.pairs), ", ".join(body.texts)
        return scored(0.0, f"Give a letter of {letters} for each of the items 1 to {numbers}, such as 1 A, 2 B.")
    right = [pair for pair in body.pairs if given.get(pair.number) == pair.letter]
    wrong = [pair for pair in body.pairs if pair.number in given and pair not in right]
    because = " ".join(f"{pair.number} {pair.letter}: {pair.why}" for pair in body.pairs)
    because += "".join(f" {given[p.number]}: {why}" for p in wrong if (why := body.why_not.get(given[p.number])))
    return scored(
        len(right) / len(body.pairs),
        because,
        matched=tuple(pair.item for pair in right),
        missing=tuple(pair.item for pair in body.pairs if pair.number not in given),
        contradicted=tuple(f"{pair.item} – {body.texts[given[pair.number]]}" for pair in wrong),
    )


def _given(body: Matching, answer: object) -> dict[int, str]:
    """The letter for each number; empty when the answer can't be read."""
    if isinstance(answer, Mapping):
        answer = [f"{number} {choice}" for number, choice in answer.items()]
    numbered = [re.match(r"\s*(\d+)\s*[).:=→-]*\s*(.+)", part) for part in _single_parts(answer)]
    if numbered and all(numbered):
        named = {int(found[1]): letters_in(found[2], body.texts) for found in numbered if found}
        return {number: found[0] for number, found in named.items() if len(found) == 1}
    letters = [letter for part in as_parts(answer) for letter in letters_in(part, body.texts)]
    return dict(enumerate(letters, start=1)) if len(letters) == len(body.pairs) else {}


def _single_parts(answer: object) -> list[str]:
    return [one for part in as_parts(answer) for one in re.split(r"[,;\n]\s*|\s+(?=\d)", part) if one.strip()]
