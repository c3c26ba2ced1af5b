"""From a YAML file of the bank to its questions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from labkit.quiz.checks import BankError, check_keys, list_of, one_of, text_of, texts_of
from labkit.quiz.question import Example, Explanation, Option, Question
from labkit.quiz.reading.quantities import Quantity, quantities_in
from labkit.quiz.reading.words import normalise
from labkit.quiz.rubric_schema import Groups, groups_of, rubric_of

TYPES = ("text", "single", "multiple", "numeric")
DOMAINS = ("secure", "resilient", "high-performing", "cost-optimized")
TOPIC_KEYS = {"title", "source", "as_of", "groups", "questions"}
REQUIRED_KEYS = {"id", "type", "prompt", "explanation", "domain", "difficulty", "source", "as_of"}
COMMON_KEYS = REQUIRED_KEYS | {"hint", "facts", "examples"}
OWN_KEYS = {"text": {"rubric"}, "single": {"options"}, "multiple": {"options"}, "numeric": {"value", "tolerance"}}
LETTERS = "ABCDEFGH"

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UniqueKeys(Loader):  # type: ignore[misc]
    """Safe loading that refuses a key given twice, of which YAML would silently drop one."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """The mapping of a node; `BankError` names a key that stands there twice."""
        keys = [key.value for key, _ in node.value]
        if twice := [key for key in keys if keys.count(key) > 1]:
            place = f"{Path(node.start_mark.name).name}, line {node.start_mark.line + 1}"
            raise BankError(f"{place}: {twice[0]!r} is given twice; keep one")
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def load_topic(path: Path) -> tuple[Question, ...]:
    """The questions of one file, in its order; `BankError` when the file breaks the schema."""
    topic = _read(path)
    check_keys(topic, TOPIC_KEYS, {"questions"}, path.name)
    shared = {key: topic[key] for key in ("source", "as_of") if key in topic}
    groups = groups_of(topic.get("groups", {}), f"{path.name}, groups")
    entries = list_of(topic["questions"], f"{path.name}, questions")
    questions = tuple(_question(entry, shared, path, n, groups) for n, entry in enumerate(entries, start=1))
    ids = [question.id for question in questions]
    if twice := [one for one in ids if ids.count(one) > 1]:
        raise BankError(f"{path.name}: two questions have the id {twice[0]!r}; give each its own")
    return questions


def _read(path: Path) -> Any:
    try:
        with open(path, encoding="utf-8") as file:
            return yaml.load(file, Loader=UniqueKeys)
    except yaml.YAMLError as error:
        raise BankError(f"{path.name} is not YAML: {error}") from None


def _question(entry: Any, shared: dict[str, Any], path: Path, number: int, groups: Groups) -> Question:
    where = f"{path.name}, question {entry.get('id', number) if isinstance(entry, dict) else number}"
    check_keys(entry, COMMON_KEYS.union(*OWN_KEYS.values()), {"type"}, where)
    kind = one_of(entry["type"], TYPES, f"{where}, type")
    entry = shared | entry
    check_keys(entry, COMMON_KEYS | OWN_KEYS[kind], REQUIRED_KEYS | OWN_KEYS[kind] - {"tolerance"}, where)
    return Question(
        id=f"{path.stem}/{entry['id']}",
        type=kind,
        prompt=text_of(entry["prompt"], f"{where}, prompt"),
        explanation=_explanation(entry["explanation"], f"{where}, explanation"),
        domain=one_of(entry["domain"], DOMAINS, f"{where}, domain"),
        difficulty=one_of(entry["difficulty"], (1, 2, 3), f"{where}, difficulty"),
        source=text_of(entry["source"], f"{where}, source"),
        as_of=text_of(entry["as_of"], f"{where}, as_of"),
        facts=texts_of(entry.get("facts", []), f"{where}, facts"),
        hint=text_of(entry.get("hint", ""), f"{where}, hint"),
        options=_options(entry["options"], kind, f"{where}, options") if "options" in entry else (),
        rubric=rubric_of(entry["rubric"], groups, f"{where}, rubric") if "rubric" in entry else None,
        value=_value(entry["value"], f"{where}, value") if "value" in entry else None,
        tolerance=float(entry.get("tolerance", 0)),
        examples=_examples(entry.get("examples", []), f"{where}, examples"),
    )


def _options(entries: Any, kind: str, where: str) -> tuple[Option, ...]:
    options = []
    for letter, entry in zip(LETTERS, list_of(entries, where), strict=False):
        check_keys(entry, {"text", "right", "why"}, {"text", "why"}, f"{where} {letter}")
        text, why = text_of(entry["text"], f"{where} {letter}, text"), text_of(entry["why"], f"{where} {letter}, why")
        options.append(Option(letter, text, entry.get("right", False) is True, why))
    right = sum(option.right for option in options)
    if (kind == "single" and right != 1) or (kind == "multiple" and right < 2) or right == len(options):
        wanted = "exactly one option" if kind == "single" else "two or more options, but not all,"
        raise BankError(f"{where}: {kind} needs {wanted} with `right: true`; here are {right} of {len(options)}")
    return tuple(options)


def _explanation(entry: Any, where: str) -> Explanation:
    check_keys(entry, {"exam", "today"}, {"exam"}, where)
    return Explanation(text_of(entry["exam"], f"{where}, exam"), text_of(entry.get("today", ""), f"{where}, today"))


def _examples(entries: Any, where: str) -> tuple[Example, ...]:
    return tuple(_example(entry, where) for entry in list_of(entries, where))


def _example(entry: Any, where: str) -> Example:
    check_keys(entry, {"answer", "score"}, {"answer", "score"}, where)
    answer, score = text_of(entry["answer"], where), entry["score"]
    if score != "review" and not (isinstance(score, (int, float)) and 0 <= score <= 1):
        raise BankError(f"{where}: the score of {answer!r} is {score!r}; give a number from 0 to 1, or review")
    return Example(answer, None if score == "review" else float(score))


def _value(entry: Any, where: str) -> Quantity:
    found = quantities_in(normalise(text_of(entry, where)))
    if len(found) != 1:
        raise BankError(f"{where}: {entry!r} is not one quantity; write a number with its unit, such as 900 s")
    return found[0]
