"""The rubric of a text question: what it consists of, and how it is read from the bank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from labkit.quiz.bank.entry import Entry, suggestion
from labkit.quiz.reading.patterns import Pattern, PatternError, parse
from labkit.quiz.reading.windows import Window

Groups = Mapping[str, tuple[str, ...]]

RUBRIC_KEYS = {"groups", "topics", "flaws", "doubts", "names_suffice"}
STATEMENT_KEYS = {"unless", "within", "about"}
WINDOWS = ("clause", "sentence", "answer")


@dataclass(frozen=True, slots=True)
class Concept:
    """A statement an answer may make, and the patterns by which it is recognised.

    `within` is the stretch of text a pattern must fit into, `about` the topic it must speak of. A pattern of `unless`
    in the same stretch says that something else is meant.
    """

    name: str
    says: str
    any: tuple[Pattern, ...]
    unless: tuple[Pattern, ...] = ()
    within: Window = "clause"
    about: str = ""


@dataclass(frozen=True, slots=True)
class Flaw(Concept):
    """A statement that is wrong; an answer that makes it gets `at_most` this score."""

    at_most: float = 0.0


@dataclass(frozen=True, slots=True)
class Rubric:
    """How a text answer is marked: `scores` lists, highest first, a score and the sets of concepts that earn it.

    An answer that earns something and makes a statement of `doubts`, which may be wrong, is left to a person. `groups`
    are words that mean the same, `topics` the words that name what a clause speaks of. `names_suffice`: a bare list of
    names is an answer to this question.
    """

    concepts: tuple[Concept, ...]
    flaws: tuple[Flaw, ...]
    doubts: tuple[Concept, ...]
    scores: tuple[tuple[float, tuple[frozenset[str], ...]], ...]
    groups: Groups
    topics: Groups
    names_suffice: bool = False


def read_rubric(entry: Entry, shared: Groups) -> Rubric:
    """The rubric of an entry; `shared` are the groups of words that all questions of the file may name."""
    entry.check_keys(RUBRIC_KEYS, {"concepts", "scores"})
    groups = {**shared, **read_groups(entry.get("groups"))}
    topics = read_groups(entry.get("topics"))
    return Rubric(
        concepts=tuple(Concept(**one) for one in _statements(entry, "concepts", groups, topics)),
        flaws=tuple(Flaw(**one) for one in _statements(entry, "flaws", groups, topics, {"at_most"})),
        doubts=tuple(Concept(**one) for one in _statements(entry, "doubts", groups, topics)),
        scores=_scores(entry["scores"], list(entry["concepts"].mapping())),
        groups=groups,
        topics=topics,
        names_suffice="names_suffice" in entry and entry["names_suffice"].flag(),
    )


def read_groups(entry: Entry | None) -> dict[str, tuple[str, ...]]:
    """Words that mean the same, by the name of their group."""
    return {name: words.texts() for name, words in entry.mapping().items()} if entry else {}


def _statements(
    entry: Entry, key: str, groups: Groups, topics: Groups, more: Set[str] = frozenset()
) -> Iterator[dict[str, Any]]:
    """The fields of each statement under `key`, of which `more` are its own; none where the rubric has no such key."""
    if key in entry:
        for name, one in entry[key].mapping().items():
            yield _statement(name, one, groups, topics, more)


def _statement(name: str, entry: Entry, groups: Groups, topics: Groups, more: Set[str]) -> dict[str, Any]:
    entry.check_keys(STATEMENT_KEYS | more, {"says", "any"})
    return {
        "name": name,
        "says": entry["says"].text(),
        "any": _patterns(entry["any"], groups),
        "unless": _patterns(entry["unless"], groups) if "unless" in entry else (),
        "within": entry["within"].one_of(WINDOWS) if "within" in entry else "clause",
        "about": entry["about"].one_of(topics) if "about" in entry else "",
        **{key: entry[key].number() for key in more if key in entry},
    }


def _patterns(entry: Entry, groups: Groups) -> tuple[Pattern, ...]:
    return tuple(_pattern(one, groups) for one in entry)


def _pattern(entry: Entry, groups: Groups) -> Pattern:
    try:
        return parse(entry.text(), groups)
    except PatternError as error:
        raise entry.error(str(error)) from None


def _scores(entry: Entry, names: list[str]) -> tuple[tuple[float, tuple[frozenset[str], ...]], ...]:
    rows = []
    for key, ways in entry.mapping().items():
        score = _score(key)
        if not 0 < score <= 1:
            raise ways.error(f"{key!r} is no score; give a number above 0 and up to 1")
        rows.append((score, tuple(_way(way, names) for way in ways)))
    return tuple(sorted(rows, key=lambda row: -row[0]))


def _score(key: str) -> float:
    try:
        return float(key)
    except ValueError:
        return -1.0


def _way(way: Entry, names: list[str]) -> frozenset[str]:
    given = [name.strip() for name in way.text().split("+")]
    if unknown := [name for name in given if name not in names]:
        raise way.error(f"{unknown[0]!r} is no concept of this rubric; {suggestion(unknown[0], names)}")
    return frozenset(given)
