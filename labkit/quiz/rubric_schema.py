"""The rubric of a text question, from its YAML."""

from __future__ import annotations

from typing import Any

from labkit.quiz.checks import BankError, check_keys, mapping_of, one_of, text_of, texts_of
from labkit.quiz.question import Concept, Flaw, Question, Rubric
from labkit.quiz.reading.patterns import PatternError, parse

RUBRIC_KEYS = {"groups", "topics", "concepts", "flaws", "scores", "names_suffice"}
STATEMENT_KEYS = {"says", "any", "unless", "within", "about"}
WINDOWS = ("clause", "sentence", "answer")

Groups = dict[str, tuple[str, ...]]


def rubric_of(entry: Any, shared: Groups, where: str) -> Rubric:
    """The rubric; `shared` are the groups of words that all questions of the file may name."""
    check_keys(entry, RUBRIC_KEYS, {"concepts", "scores"}, where)
    topics = groups_of(entry.get("topics", {}), f"{where}, topics")
    concepts = tuple(
        Concept(name=name, **_statement(one, topics, f"{where}, concept {name}", set()))
        for name, one in mapping_of(entry["concepts"], f"{where}, concepts").items()
    )
    flaws = tuple(
        Flaw(name=name, **_statement(one, topics, f"{where}, flaw {name}", {"at_most"}))
        for name, one in mapping_of(entry.get("flaws", {}), f"{where}, flaws").items()
    )
    return Rubric(
        concepts,
        flaws,
        scores=_scores(entry["scores"], [concept.name for concept in concepts], f"{where}, scores"),
        groups=shared | groups_of(entry.get("groups", {}), f"{where}, groups"),
        topics=topics,
        names_suffice=entry.get("names_suffice", False) is True,
    )


def groups_of(entry: Any, where: str) -> Groups:
    """Words that mean the same, by the name of their group."""
    return {str(name): texts_of(words, f"{where}, {name}") for name, words in mapping_of(entry, where).items()}


def check_patterns(question: Question) -> None:
    """Read every pattern of a text question; `BankError` names the question and what can't be read."""
    if question.rubric is None:
        return
    for statement in (*question.rubric.concepts, *question.rubric.flaws):
        for pattern in (*statement.any, *statement.unless):
            try:
                parse(pattern, question.rubric.groups)
            except PatternError as error:
                raise BankError(f"{question.id}, {statement.name}: {error}") from None


def _statement(entry: Any, topics: Groups, where: str, more: set[str]) -> dict[str, Any]:
    check_keys(entry, STATEMENT_KEYS | more, {"says", "any"}, where)
    return {
        "says": text_of(entry["says"], f"{where}, says"),
        "any": texts_of(entry["any"], f"{where}, any"),
        "unless": texts_of(entry.get("unless", []), f"{where}, unless"),
        "within": one_of(entry.get("within", "clause"), WINDOWS, f"{where}, within"),
        "about": one_of(entry.get("about", ""), ("", *topics), f"{where}, about"),
        **{key: float(entry[key]) for key in more & set(entry)},
    }


def _scores(entry: Any, names: list[str], where: str) -> tuple[tuple[float, tuple[frozenset[str], ...]], ...]:
    rows = []
    for score, ways in mapping_of(entry, where).items():
        if not isinstance(score, (int, float)) or not 0 < score <= 1:
            raise BankError(f"{where}: {score!r} is no score; give a number above 0 and up to 1")
        rows.append((float(score), tuple(_way(way, names, f"{where} {score}") for way in texts_of(ways, where))))
    return tuple(sorted(rows, key=lambda row: -row[0]))


def _way(way: str, names: list[str], where: str) -> frozenset[str]:
    return frozenset(one_of(name.strip(), names, where) for name in way.split("+"))
