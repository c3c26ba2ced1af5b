"""From a YAML file of the bank to its questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labkit.quiz.bank.entry import Entry, read
from labkit.quiz.bank.parameters import draw
from labkit.quiz.bank.rubric import Groups, read_groups
from labkit.quiz.marking import TYPES
from labkit.quiz.question import DOMAINS, Example, Explanation, Question

TOPIC_KEYS = {"title", "source", "as_of", "groups"}
REQUIRED_KEYS = {"id", "type", "prompt", "explanation", "domain", "difficulty"}
OPTIONAL_KEYS = {"hint", "facts", "examples", "source", "as_of", "parameters", "let"}
OWN_KEYS = {key for type in TYPES.values() for key in type.keys | type.optional}


@dataclass(frozen=True, slots=True)
class Topic:
    """A file of the bank: its title, and its entries by the id of their question, not yet read any further."""

    name: str
    title: str
    file: Entry
    entries: Mapping[str, Entry]
    groups: Groups

    def question(self, question_id: str, seed: str = "") -> Question:
        """The question with this id; `BankError` when its entry breaks the schema.

        `seed` draws the numbers of a question with parameters.
        """
        entry = self.entries[question_id]
        entry.check_keys(OWN_KEYS | OPTIONAL_KEYS | REQUIRED_KEYS, {"type"})
        kind = entry["type"].one_of(TYPES)
        type = TYPES[kind]
        entry.check_keys(type.optional | OPTIONAL_KEYS, REQUIRED_KEYS | type.keys)
        parametrised = "parameters" in entry
        if parametrised:
            entry = entry.with_values(draw(entry["parameters"], entry.get("let"), f"{question_id}#{seed or 0}"))
        return Question(
            id=f"{question_id}#{seed}" if seed else question_id,
            type=kind,  # type: ignore[arg-type]  # one of the types
            prompt=entry["prompt"].text(),
            body=type.read(entry, self.groups),
            explanation=_explanation(entry["explanation"]),
            domain=entry["domain"].one_of(DOMAINS),
            difficulty=int(entry["difficulty"].one_of(("1", "2", "3"))),
            source=self._own_or_shared(entry, "source"),
            as_of=self._own_or_shared(entry, "as_of"),
            facts=entry["facts"].texts() if "facts" in entry else (),
            hint=entry["hint"].text() if "hint" in entry else "",
            parametrised=parametrised,
            examples=tuple(_example(one) for one in entry["examples"]) if "examples" in entry else (),
        )

    def _own_or_shared(self, entry: Entry, key: str) -> str:
        if key not in entry and key not in self.file:
            raise entry.error(f"{key!r} is missing, here and at the top of the file")
        return (entry if key in entry else self.file)[key].text()


def load_topic(path: Path) -> Topic:
    """The topic of one file, its questions in the file's order; `BankError` when the file is no topic."""
    file = read(path)
    file.check_keys(TOPIC_KEYS, {"questions"})
    entries: dict[str, Entry] = {}
    for number, entry in enumerate(file["questions"], start=1):
        own = entry["id"].text() if "id" in entry.mapping() else str(number)
        if (question_id := f"{path.stem}/{own}") in entries:
            raise entry.error(f"two questions have the id {question_id!r}; give each its own")
        entries[question_id] = _at(entry, own)
    title = file["title"].text() if "title" in file else path.stem
    return Topic(path.stem, title, file, entries, read_groups(file.get("groups")))


def _at(entry: Entry, own_id: str) -> Entry:
    return Entry(entry.node, entry.file, f"question {own_id}")


def _explanation(entry: Entry) -> Explanation:
    entry.check_keys({"today", "worked"}, {"exam"})
    return Explanation(**{key: entry[key].text() for key in ("exam", "today", "worked") if key in entry})


def _example(entry: Entry) -> Example:
    entry.check_keys((), {"answer", "score"})
    answer, score = entry["answer"].text(), entry["score"].text()
    if score == "review":
        return Example(answer, None)
    value = entry["score"].number()
    if not 0 <= value <= 1:
        raise entry["score"].error(f"the score of {answer!r} is {score}; give a number from 0 to 1, or review")
    return Example(answer, value)
