"""The question bank: one YAML file a topic in `quizzes/`, beside the package, read when first asked for."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from rapidfuzz import fuzz, process

from labkit.mistake import Mistake
from labkit.quiz.question import Question
from labkit.quiz.schema import load_topic

QUIZZES = Path(__file__).parents[2] / "quizzes"


class UnknownQuestion(Mistake, LookupError):
    """No question has this id; the message names the closest one."""


class Bank:
    """The questions of one directory."""

    def __init__(self, directory: Path):
        self.directory = directory
        self._topics: dict[str, dict[str, Question]] = {}

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """The names of the topics, sorted."""
        return tuple(sorted(path.stem for path in self.directory.glob("*.yaml")))

    def questions(self, topic: str | None = None) -> tuple[Question, ...]:
        """The questions of a topic, or of all topics; `UnknownQuestion` for a topic that does not exist."""
        if topic is None:
            return tuple(question for name in self.topics for question in self.questions(name))
        if topic not in self.topics:
            raise UnknownQuestion(f"there is no topic {topic!r}; {_closest(topic, self.topics)}")
        if topic not in self._topics:
            self._topics[topic] = {question.id: question for question in load_topic(self.directory / f"{topic}.yaml")}
        return tuple(self._topics[topic].values())

    def question(self, question_id: str) -> Question:
        """The question with this id, such as `self-quiz/1`; `UnknownQuestion` names the closest one."""
        topic = str(question_id).partition("/")[0]
        if topic in self.topics:
            self.questions(topic)
            if question_id in self._topics[topic]:
                return self._topics[topic][question_id]
        ids = [question.id for question in self.questions()]
        raise UnknownQuestion(f"there is no question {question_id!r}; {_closest(str(question_id), ids)}")


def _closest(given: str, known: list[str] | tuple[str, ...]) -> str:
    close = process.extractOne(given.lower(), known, scorer=fuzz.ratio, score_cutoff=50)
    return f"did you mean {close[0]!r}?" if close else f"known are, for example, {', '.join(known[:3])}"


BANK = Bank(QUIZZES)
