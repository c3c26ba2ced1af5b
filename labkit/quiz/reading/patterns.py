"""The small language in which a rubric says what counts.

A pattern is one or more parts; all of them must occur in the clause, in any order:

    caller + wait               both words (any form of them), anywhere in the clause
    new .. environment          in this order, near each other (at most four words between, besides fillers)
    other > bucket              in this order and next to each other, articles apart
    not idle > environment    a `not` reaches to the end of its part, so later terms may be denied or not
    @caller + not @wait         `@` names a group of words that mean the same; `not`: the part must be denied
    not? @reason                denied or not
    15 minutes                  a quantity in any unit or wording
    <time not 15 minutes>       another quantity of that kind; also <time>, <number>, <yes>, <no>

A pattern is *affirmed* when every part occurs with the right polarity, *denied* when a part without a `not` of its own
is negated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from labkit.quiz.reading.clauses import Token
from labkit.quiz.reading.english import ARTICLES, FILLERS
from labkit.quiz.reading.quantities import Quantity, mark_up, quantities_in, read_token
from labkit.quiz.reading.words import normalise, stem

GAP = 4
KIND = re.compile(r"<(time|number|memory|percent)(?: not (.+))?>")

Outcome = Literal["affirmed", "denied", ""]
Groups = Mapping[str, tuple[str, ...]]


class PatternError(ValueError):
    """A pattern of a rubric can't be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Adjacent words, by their stems; fillers between them do not count."""

    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity of a dimension: one of `values`, or with `other` any but those."""

    dimension: str
    values: tuple[Quantity, ...]
    other: bool

    def accepts(self, quantity: Quantity | None) -> bool:
        """Whether this quantity is meant."""
        if quantity is None or quantity.dimension != self.dimension:
            return False
        return self.other != any(quantity.equals(value) for value in self.values)


@dataclass(frozen=True, slots=True)
class Term:
    """Alternatives of which one must occur, at most `gap` words after the term before.

    `denied`: it must be negated; `either`: it may be negated or not.
    """

    alternatives: tuple[Phrase | Amount, ...]
    gap: int = GAP
    denied: bool = False
    either: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """Parts that must all occur; a part is terms that follow one another nearby."""

    source: str
    parts: tuple[tuple[Term, ...], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    start: int
    end: int
    right_polarity: bool


def parse(source: str, groups: Groups) -> Pattern:
    """The pattern that `source` describes; `PatternError` names an unknown group or an empty part."""
    return Pattern(source, tuple(tuple(_terms(part, groups, source)) for part in source.split(" + ")))


def match(pattern: Pattern, tokens: tuple[Token, ...]) -> Outcome:
    """Whether the tokens affirm or deny the pattern."""
    outcome: Outcome = "affirmed"
    for part in pattern.parts:
        hits = _chain(part, tokens)
        if not hits:
            return ""
        if not any(hit.right_polarity for hit in hits):
            if any(term.denied for term in part):
                return ""
            outcome = "denied"
    return outcome


def _terms(part: str, groups: Groups, pattern: str) -> Iterable[Term]:
    pieces = re.split(r" (\.\.|>) ", part)
    for position in range(0, len(pieces), 2):
        gap = 0 if position and pieces[position - 1] == ">" else GAP
        yield replace(_term(pieces[position].strip(), groups, pattern), gap=gap)


def _term(source: str, groups: Groups, pattern: str) -> Term:
    marker, name = re.fullmatch(r"(not\??(?: |$))?(.*)", source).groups("")  # type: ignore[union-attr]  # it fits any text
    either, denied = marker.startswith("not?"), marker.startswith("not") and not marker.startswith("not?")
    if not name:
        raise PatternError(f"{pattern!r} has an empty part; write words around each + and ..")
    if not name.startswith("@"):
        return Term((_alternative(name),), denied=denied, either=either)
    if name[1:] not in groups:
        raise PatternError(
            f"{pattern!r} names the group {name}, which is not defined; groups: {', '.join(sorted(groups))}"
        )
    return Term(tuple(_alternative(phrase) for phrase in groups[name[1:]]), denied=denied, either=either)


def _alternative(source: str) -> Phrase | Amount:
    if kind := KIND.fullmatch(source):
        listed = [quantity for one in re.split(r",\s*", kind[2] or "") for quantity in quantities_in(normalise(one))]
        return Amount(kind[1], tuple(listed), other=True)
    if re.fullmatch(r"<\w+>", source):
        return Phrase((source,))
    words = re.findall(r"\[\w+:[\d.]+\]|<\w+>|/[\w/]+|[\w@']+", mark_up(normalise(source)))
    if len(words) == 1 and (quantity := read_token(words[0])):
        return Amount(quantity.dimension, (quantity,), other=False)
    return Phrase(tuple(stem(word) for word in words if word not in ARTICLES or len(words) == 1))


def _chain(terms: tuple[Term, ...], tokens: tuple[Token, ...]) -> list[Hit]:
    hits = list(_hits(terms[0], tokens))
    free = terms[0].denied
    for term in terms[1:]:
        following = list(_hits(term, tokens))
        hits = [
            Hit(a.start, b.end, a.right_polarity and (free or b.right_polarity))
            for a in hits
            for b in following
            if b.start >= a.end and _distance(tokens[a.end : b.start], term.gap) <= term.gap
        ]
        free = free or term.denied
    return hits


def _hits(term: Term, tokens: tuple[Token, ...]) -> Iterable[Hit]:
    for start in range(len(tokens)):
        for alternative in term.alternatives:
            end = _end_of(alternative, tokens, start)
            if end:
                negated = any(token.negated for token in tokens[start:end])
                yield Hit(start, end, term.either or negated == term.denied)


def _end_of(alternative: Phrase | Amount, tokens: tuple[Token, ...], start: int) -> int:
    """Where the alternative that begins at `start` ends; 0 when it does not occur there."""
    if isinstance(alternative, Amount):
        return start + 1 if alternative.accepts(tokens[start].quantity) else 0
    position = start
    for number, wanted in enumerate(alternative.stems):
        while (
            number and position < len(tokens) and tokens[position].word in ARTICLES and tokens[position].stem != wanted
        ):
            position += 1
        if position >= len(tokens) or not _is_word(tokens[position], wanted):
            return 0
        position += 1
    return position


def _is_word(token: Token, wanted: str) -> bool:
    return token.word.startswith(wanted) if wanted.startswith("/") else token.stem == wanted


def _distance(tokens: tuple[Token, ...], gap: int) -> int:
    skipped = FILLERS if gap else ARTICLES
    return sum(token.word not in skipped for token in tokens)
