"""The small language in which a rubric says what counts.

A pattern is one or more parts; all of them must occur in the clause, in any order:

    caller + wait               both words (any form of them), anywhere in the clause
    new .. environment          in this order, near each other (at most four words between, besides fillers)
    other > bucket              in this order and next to each other, articles apart
    not idle > environment    a `not` reaches to the end of its part, so later terms may be denied or not
    @caller + not @wait         `@` names a group of words that mean the same; `not`: the part must be denied
    not? @reason                denied or not
    never ends                  denied as a phrase, in a group too; nothing .. lost: not lost
    15 minutes                  a quantity in any unit or wording
    <time not 15 minutes>       another quantity of that kind; also <time>, <number>, <yes>, <no>

A pattern is *affirmed* when every part occurs with the right polarity, *denied* when a part without a `not` of its own
is negated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from labkit.quiz.reading.english import ARTICLES, NEGATORS
from labkit.quiz.reading.quantities import Quantity, mark_up, quantities_in, read_token
from labkit.quiz.reading.words import normalise, stem

GAP = 4
BARE_NEGATOR = re.compile(rf"(?<![@\w])(?:{'|'.join(sorted(NEGATORS - {'not'}))}) (?:\.\.|>) (?!not\b)")
KIND = re.compile(r"<(time|number|memory|percent)(?: not (.+))?>")

Groups = Mapping[str, tuple[str, ...]]


class PatternError(ValueError):
    """A pattern of a rubric can't be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Adjacent words, by their stems; fillers between them do not count. Denied: with a `no`, `never` or the like."""

    stems: tuple[str, ...]
    denied: bool = False


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

    `phrases` are kept by their first stem. `denied`: the term must be negated; `either`: it may be negated or not.
    """

    phrases: Mapping[str, tuple[Phrase, ...]]
    amounts: tuple[Amount, ...]
    gap: int = GAP
    denied: bool = False
    either: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """Parts that must all occur; a part is terms that follow one another nearby."""

    source: str
    parts: tuple[tuple[Term, ...], ...]


def parse(source: str, groups: Groups) -> Pattern:
    """The pattern that `source` describes; `PatternError` names an unknown group or an empty part."""
    return Pattern(source, tuple(tuple(_terms(part, groups, source)) for part in source.split(" + ")))


def _terms(part: str, groups: Groups, pattern: str) -> Iterable[Term]:
    pieces = re.split(r" (\.\.|>) ", BARE_NEGATOR.sub("not ", part))
    for position in range(0, len(pieces), 2):
        gap = 0 if position and pieces[position - 1] == ">" else GAP
        yield replace(_term(pieces[position].strip(), groups, pattern), gap=gap)


def _term(source: str, groups: Groups, pattern: str) -> Term:
    marker, name = re.fullmatch(r"(not\??(?: |$))?(.*)", source).groups("")  # type: ignore[union-attr]  # it fits any text
    either, denied = marker.startswith("not?"), marker.startswith("not") and not marker.startswith("not?")
    if not name:
        raise PatternError(f"{pattern!r} has an empty part; write words around each + and ..")
    if not name.startswith("@"):
        return _one_of([name], denied, either)
    if name[1:] not in groups:
        raise PatternError(
            f"{pattern!r} names the group {name}, which is not defined; groups: {', '.join(sorted(groups))}"
        )
    return _one_of(groups[name[1:]], denied, either)


def _one_of(sources: Iterable[str], denied: bool, either: bool) -> Term:
    phrases: dict[str, tuple[Phrase, ...]] = {}
    amounts = []
    for source in sources:
        alternative = _alternative(source)
        if isinstance(alternative, Amount):
            amounts.append(alternative)
        elif not alternative.stems:
            raise PatternError(f"{source!r} has no word by which it could be found")
        else:
            first = alternative.stems[0]
            phrases[first] = (*phrases.get(first, ()), alternative)
    return Term(phrases, tuple(amounts), denied=denied, either=either)


def _alternative(source: str) -> Phrase | Amount:
    if kind := KIND.fullmatch(source):
        listed = [quantity for one in re.split(r",\s*", kind[2] or "") for quantity in quantities_in(normalise(one))]
        return Amount(kind[1], tuple(listed), other=True)
    if re.fullmatch(r"<\w+>", source):
        return Phrase((source,))
    words = re.findall(r"\[\w+:[\d.]+\]|<\w+>|/[\w/]+|[\w@']+", mark_up(normalise(source)))
    if len(words) == 1 and (quantity := read_token(words[0])):
        return Amount(quantity.dimension, (quantity,), other=False)
    said = [word for word in words if word not in NEGATORS]
    if not said and words:
        raise PatternError(f"{source!r} only denies; write `not` before what is denied")
    content = [word for word in said if word not in ARTICLES]
    return Phrase(tuple(map(stem, content or said)), denied=len(said) < len(words))
