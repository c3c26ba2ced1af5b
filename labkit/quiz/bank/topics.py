"""The topics of the bank: one YAML file each in `quizzes/`, beside the package, read when first asked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from labkit.facts import close_matches
from labkit.quiz.bank.schema import Topic, load_topic
from labkit.quiz.errors import UnknownQuestion
from labkit.quiz.question import Question

QUIZZES = Path(__file__).parents[3] / "quizzes"


class Bank:
    """The questions of one directory."""

    def __init__(self, directory: Path):
        self.directory = directory
        self._topics: dict[str, Topic] = {}
        self._questions: dict[str, Question] = {}

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """The names of the topics, sorted."""
        return tuple(sorted(path.stem for path in self.directory.glob("*.yaml")))

    def topic(self, name: str) -> Topic:
        """The topic of this name; `UnknownQuestion` names the closest one when there is none."""
        if name not in self.topics:
            raise UnknownQuestion(f"there is no topic {name!r}; {_closest(name, self.topics)}")
        if name not in self._topics:
            self._topics[name] = load_topic(self.directory / f"{name}.yaml")
        return self._topics[name]

    def questions(self, topic: str | None = None) -> tuple[Question, ...]:
        """The questions of a topic, or of all topics; `UnknownQuestion` for a topic that does not exist."""
        names = self.topics if topic is None else (topic,)
        return tuple(self._read(question_id) for name in names for question_id in self.topic(name).entries)

    def question(self, question_id: str) -> Question:
        """The question with this id, such as `self-quiz/1`; `UnknownQuestion` names the closest one.

        A question with parameters takes a seed behind its id: `sizing/concurrency#7`.
        """
        plain = str(question_id).partition("#")[0]
        name = plain.partition("/")[0]
        if name in self.topics and plain in self.topic(name).entries:
            return self._read(str(question_id))
        raise UnknownQuestion(f"there is no question {question_id!r}; {_closest(str(question_id), self._ids())}")

    def _read(self, question_id: str) -> Question:
        if question_id not in self._questions:
            plain, _, seed = question_id.partition("#")
            self._questions[question_id] = self.topic(plain.partition("/")[0]).question(plain, seed)
        return self._questions[question_id]

    def _ids(self) -> list[str]:
        return [question_id for name in self.topics for question_id in self.topic(name).entries]


def _closest(given: str, known: Iterable[str]) -> str:
    names = list(known)
    close = close_matches(given, names, 0.5)
    return f"did you mean {close[0]!r}?" if close else f"known are, for example, {', '.join(names[:3])}"


BANK = Bank(QUIZZES)
