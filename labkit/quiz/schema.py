"""From a YAML file of the bank to questions; every mistake is named with its file, question and entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import process

from labkit.quiz.question import Concept, Example, Explanation, Flaw, Option, Question, Rubric
from labkit.quiz.reading.patterns import PatternError, parse
from labkit.quiz.reading.quantities import Quantity, quantities_in
from labkit.quiz.reading.words import normalise

TYPES = ("text", "single", "multiple", "numeric")
DOMAINS = ("secure", "resilient", "high-performing", "cost-optimized")
WINDOWS = ("clause", "sentence", "answer")
TOPIC_KEYS = {"title", "source", "as_of", "groups", "questions"}
COMMON_KEYS = {"id", "type", "prompt", "hint", "explanation", "facts", "source", "as_of", "domain", "difficulty", "examples"}
OWN_KEYS = {"text": {"rubric"}, "single": {"options"}, "multiple": {"options"}, "numeric": {"value", "tolerance"}}
LETTERS = "ABCDEFGH"

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BankError(ValueError):
    """A file of the question bank has a mistake; the message names file, question and entry."""


class UniqueKeys(Loader):  # type: ignore[misc]
    """Safe loading that refuses a key given twice, of which YAML would silently drop one."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """The mapping of a node; `BankError` names a key that stands there twice."""
        keys = [key.value for key, _ in node.value]
        if twice := [key for key in keys if keys.count(key) > 1]:
            raise BankError(f"{node.start_mark.name}, line {node.start_mark.line + 1}: {twice[0]!r} is given twice; keep one")
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def load_topic(path: Path) -> tuple[Question, ...]:
    """The questions of one file, in its order; `BankError` when the file breaks the schema."""
    try:
        with open(path, encoding="utf-8") as file:
            topic = yaml.load(file, Loader=UniqueKeys)
    except yaml.YAMLError as error:
        raise BankError(f"{path.name} is not YAML: {error}") from None
    _check_keys(topic, TOPIC_KEYS, {"questions"}, path.name)
    shared = {key: topic[key] for key in ("source", "as_of") if key in topic}
    groups = _groups(topic.get("groups", {}), f"{path.name}, groups")
    questions = tuple(
        _question(shared | entry, path, number, groups) for number, entry in enumerate(_list(topic["questions"], path.name), start=1)
    )
    ids = [question.id for question in questions]
    if twice := [one for one in ids if ids.count(one) > 1]:
        raise BankError(f"{path.name}: two questions have the id {twice[0]!r}; give each its own")
    return questions


def _question(entry: Any, path: Path, number: int, groups: dict[str, tuple[str, ...]]) -> Question:
    where = f"{path.name}, question {entry.get('id', number) if isinstance(entry, dict) else number}"
    kind = _one_of(entry.get("type"), TYPES, f"{where}, type")
    own = OWN_KEYS[kind]
    required = {"id", "type", "prompt", "explanation", "domain", "difficulty", "source", "as_of"} | own - {"tolerance"}
    _check_keys(entry, COMMON_KEYS | own, required, where)
    examples = [_example(example, f"{where}, examples") for example in _list(entry.get("examples", []), f"{where}, examples")]
    return Question(
        id=f"{path.stem}/{entry['id']}",
        type=kind,  # type: ignore[arg-type]
        prompt=_text(entry["prompt"], f"{where}, prompt"),
        explanation=_explanation(entry["explanation"], f"{where}, explanation"),
        domain=_one_of(entry["domain"], DOMAINS, f"{where}, domain"),
        difficulty=_one_of(entry["difficulty"], (1, 2, 3), f"{where}, difficulty"),
        source=_text(entry["source"], f"{where}, source"),
        as_of=str(entry["as_of"]),
        facts=_texts(entry.get("facts", []), f"{where}, facts"),
        hint=_text(entry.get("hint", ""), f"{where}, hint"),
        options=_options(entry["options"], kind, f"{where}, options") if "options" in own else (),
        rubric=_rubric(entry["rubric"], groups, f"{where}, rubric") if kind == "text" else None,
        value=_value(entry["value"], f"{where}, value") if kind == "numeric" else None,
        tolerance=float(entry.get("tolerance", 0)),
        examples=tuple(examples),
    )


def _options(entries: Any, kind: str, where: str) -> tuple[Option, ...]:
    options = []
    for letter, entry in zip(LETTERS, _list(entries, where), strict=False):
        _check_keys(entry, {"text", "right", "why"}, {"text", "why"}, f"{where} {letter}")
        text, why = _text(entry["text"], f"{where} {letter}"), _text(entry["why"], f"{where} {letter}, why")
        options.append(Option(letter, text, entry.get("right", False) is True, why))
    right = sum(option.right for option in options)
    if (kind == "single" and right != 1) or (kind == "multiple" and right < 2) or right == len(options):
        wanted = "exactly one option" if kind == "single" else "two or more options, but not all,"
        raise BankError(f"{where}: a {kind} question has {wanted} with `right: true`; here are {right} of {len(options)}")
    return tuple(options)


def _rubric(entry: Any, shared: dict[str, tuple[str, ...]], where: str) -> Rubric:
    _check_keys(entry, {"groups", "topics", "concepts", "flaws", "scores", "names_suffice"}, {"concepts", "scores"}, where)
    groups = shared | _groups(entry.get("groups", {}), f"{where}, groups")
    topics = _groups(entry.get("topics", {}), f"{where}, topics")
    concepts = tuple(
        Concept(name=name, **_statement(one, groups, topics, f"{where}, concept {name}", set()))
        for name, one in _mapping(entry["concepts"], f"{where}, concepts").items()
    )
    flaws = tuple(
        Flaw(name=name, **_statement(one, groups, topics, f"{where}, flaw {name}", {"at_most"}))
        for name, one in _mapping(entry.get("flaws", {}), f"{where}, flaws").items()
    )
    scores = _scores(_mapping(entry["scores"], f"{where}, scores"), [concept.name for concept in concepts], f"{where}, scores")
    return Rubric(concepts, flaws, scores, groups, topics, entry.get("names_suffice", False) is True)


def _statement(entry: Any, groups: Any, topics: Any, where: str, more: set[str]) -> dict[str, Any]:
    _check_keys(entry, {"says", "any", "unless", "within", "about"} | more, {"says", "any"}, where)
    patterns = {key: _texts(entry.get(key, []), f"{where}, {key}") for key in ("any", "unless")}
    about = entry.get("about", "")
    if about:
        _one_of(about, tuple(topics), f"{where}, about")
    rest = {"within": _one_of(entry.get("within", "clause"), WINDOWS, f"{where}, within"), "about": about}
    rest |= {key: float(entry[key]) for key in more & set(entry)}
    return {"says": _text(entry["says"], f"{where}, says"), **patterns, **rest}


def _scores(entry: Mapping[Any, Any], names: list[str], where: str) -> tuple[tuple[float, tuple[frozenset[str], ...]], ...]:
    rows = []
    for score, ways in entry.items():
        if not isinstance(score, (int, float)) or not 0 < score <= 1:
            raise BankError(f"{where}: {score!r} is no score; give a number above 0 and up to 1")
        sets = tuple(frozenset(name.strip() for name in way.split("+")) for way in _texts(ways, f"{where} {score}"))
        for name in sorted(frozenset[str]().union(*sets)):
            _one_of(name, tuple(names), f"{where} {score}")
        rows.append((float(score), sets))
    return tuple(sorted(rows, key=lambda row: -row[0]))


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


def _explanation(entry: Any, where: str) -> Explanation:
    _check_keys(entry, {"exam", "today"}, {"exam"}, where)
    return Explanation(_text(entry["exam"], f"{where}, exam"), _text(entry.get("today", ""), f"{where}, today"))


def _example(entry: Any, where: str) -> Example:
    _check_keys(entry, {"answer", "score"}, {"answer", "score"}, where)
    score = entry["score"]
    if score != "review" and not (isinstance(score, (int, float)) and 0 <= score <= 1):
        raise BankError(f"{where}: the score of {entry['answer']!r} is {score!r}; give a number from 0 to 1, or review")
    return Example(str(entry["answer"]), None if score == "review" else float(score))


def _value(entry: Any, where: str) -> Quantity:
    found = quantities_in(normalise(str(entry)))
    if len(found) != 1:
        raise BankError(f"{where}: {entry!r} is not one quantity; write a number with its unit, such as 900 s")
    return found[0]


def _groups(entry: Any, where: str) -> dict[str, tuple[str, ...]]:
    return {str(name): _texts(words, f"{where}, {name}") for name, words in _mapping(entry, where).items()}


def _check_keys(entry: Any, allowed: set[str], required: Iterable[str], where: str) -> None:
    for key in _mapping(entry, where):
        if key not in allowed:
            close = process.extractOne(str(key), sorted(allowed), score_cutoff=60)
            hint = f"did you mean {close[0]!r}?" if close else f"allowed are {', '.join(sorted(allowed))}"
            raise BankError(f"{where}: {key!r} is not known here; {hint}")
    if missing := sorted(set(required) - set(entry)):
        raise BankError(f"{where}: {missing[0]!r} is missing")


def _mapping(entry: Any, where: str) -> Mapping[Any, Any]:
    if not isinstance(entry, Mapping):
        raise BankError(f"{where}: {entry!r:.60} stands where `key: value` lines belong")
    return entry


def _list(entry: Any, where: str) -> list[Any]:
    if not isinstance(entry, list):
        raise BankError(f"{where}: {entry!r:.60} stands where a list belongs")
    return entry


def _texts(entry: Any, where: str) -> tuple[str, ...]:
    return tuple(_text(one, where) for one in _list(entry, where))


def _text(entry: Any, where: str) -> str:
    if isinstance(entry, (dict, list, bool)) or entry is None:
        raise BankError(f"{where}: {entry!r:.60} stands where text belongs; put it in quotes")
    return str(entry).strip()


def _one_of(entry: Any, allowed: tuple[Any, ...], where: str) -> Any:
    if entry not in allowed:
        close = process.extractOne(str(entry), [str(one) for one in allowed], score_cutoff=60)
        hint = f"did you mean {close[0]!r}?" if close else f"allowed are {', '.join(map(str, allowed))}"
        raise BankError(f"{where}: {entry!r} is not known here; {hint}")
    return entry
