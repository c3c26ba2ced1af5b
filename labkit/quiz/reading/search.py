"""Where a pattern of a rubric occurs in a stretch of an answer, and whether the answer affirms or denies it.

A pattern is looked for only where one of its words stands, so a long answer costs little more than a short one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import Literal, NamedTuple

from labkit.quiz.reading.clauses import CONJUNCTIONS, Token
from labkit.quiz.reading.english import ARTICLES, FILLERS
from labkit.quiz.reading.patterns import Pattern, Phrase, Term

UNCOUNTED = FILLERS | CONJUNCTIONS
LONGEST_PATH = 40  # characters of a path such as /aws/lambda/name by which it can be found

Outcome = Literal["affirmed", "denied", ""]


class Hit(NamedTuple):
    """Where a term begins and ends, whether it is negated as it must be, and whether a `not` reaches on from it."""

    start: int
    end: int
    right_polarity: bool
    reaches_on: bool


class Passage:
    """Tokens in which patterns are looked for, with the places of each stem and quantity."""

    def __init__(self, tokens: tuple[Token, ...]):
        self.tokens = tokens
        self.places: dict[str, list[int]] = {}
        self.quantities = [place for place, token in enumerate(tokens) if token.quantity]
        for place, token in enumerate(tokens):
            for name in _names(token):
                self.places.setdefault(name, []).append(place)
        self._content = list(accumulate((token.word not in UNCOUNTED for token in tokens), initial=0))
        self._without_articles = list(accumulate((token.word not in ARTICLES for token in tokens), initial=0))

    def distance(self, start: int, end: int, gap: int) -> int:
        """The words between two places: fillers don't count, and where no gap is allowed only articles don't."""
        counted = self._content if gap else self._without_articles
        return counted[end] - counted[start]


def match(pattern: Pattern, passage: Passage) -> Outcome:
    """Whether the passage affirms or denies the pattern."""
    if any(not _occurs(term, passage) for part in pattern.parts for term in part):
        return ""
    outcome: Outcome = "affirmed"
    for part in pattern.parts:
        polarities = _chain(part, passage)
        if not polarities:
            return ""
        if True not in polarities:
            if any(term.denied for term in part):
                return ""
            outcome = "denied"
    return outcome


def _occurs(term: Term, passage: Passage) -> bool:
    """Whether the term's first words are there at all: most are not, and then nothing need be searched."""
    return bool(term.amounts) or not passage.places.keys().isdisjoint(term.phrases)


def _chain(terms: tuple[Term, ...], passage: Passage) -> set[bool]:
    """The polarities with which the terms occur one after the other."""
    ends = {(hit.end, hit.right_polarity, hit.reaches_on) for hit in _hits(terms[0], passage)}
    for term in terms[1:]:
        if not ends:
            break
        following = sorted(_hits(term, passage))
        ends = {
            (hit.end, right and (free or hit.right_polarity), free or hit.reaches_on)
            for end, right, free in ends
            for hit in _near(end, following, term.gap, passage)
        }
    return {right for _, right, _ in ends}


def _near(end: int, following: list[Hit], gap: int, passage: Passage) -> Iterator[Hit]:
    for position in range(bisect_left(following, (end,)), len(following)):
        if passage.distance(end, following[position].start, gap) > gap:
            return
        yield following[position]


def _hits(term: Term, passage: Passage) -> Iterator[Hit]:
    for stem in term.phrases.keys() & passage.places.keys():
        for start in passage.places[stem]:
            for phrase in term.phrases[stem]:
                if end := _end_of(phrase, passage.tokens, start):
                    yield _hit(term, passage.tokens, start, end, phrase.denied)
    if term.amounts:
        for start in passage.quantities:
            if any(amount.accepts(passage.tokens[start].quantity) for amount in term.amounts):
                yield _hit(term, passage.tokens, start, start + 1)


def _hit(term: Term, tokens: tuple[Token, ...], start: int, end: int, denied: bool = False) -> Hit:
    must_be_denied = term.denied != denied
    negated = any(token.negated for token in tokens[start:end])
    return Hit(start, end, term.either or negated == must_be_denied, must_be_denied)


def _end_of(phrase: Phrase, tokens: tuple[Token, ...], start: int) -> int:
    """Where the phrase whose first word stands at `start` ends; 0 when it does not go on there."""
    position = start + 1
    for wanted in phrase.stems[1:]:
        while position < len(tokens) and tokens[position].word in ARTICLES and tokens[position].stem != wanted:
            position += 1
        if position >= len(tokens) or wanted not in _names(tokens[position]):
            return 0
        position += 1
    return position


def _names(token: Token) -> list[str]:
    """By what a token is found: its stem; a path by what it begins with as well."""
    if not token.word.startswith("/"):
        return [token.stem]
    return [token.stem, *(token.word[:end] for end in range(2, min(len(token.word), LONGEST_PATH) + 1))]
