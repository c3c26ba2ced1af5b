"""The questions that a class may be asked: those of the bank, and those of a file that only the teacher has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from labkit.quiz.bank.schema import Topic, load_topic
from labkit.quiz.bank.topics import BANK
from labkit.quiz.errors import UnknownQuestion
from labkit.quiz.question import Question
from labkit.quiz.study.history import topic_of

VARIANTS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Questions:
    """`exam` is the teacher's own file, in the form of `quizzes/`; its name is the topic of its questions."""

    exam: Path | None = None

    def __contains__(self, plain: str) -> bool:
        topic = self._topic(topic_of(plain))
        return topic is not None and plain in topic.entries

    def get(self, question_id: str) -> Question:
        """The question with this id; `UnknownQuestion` when there is none. A seed counts where there are parameters."""
        plain, _, seed = question_id.partition("#")
        found = self._plain(plain)
        return _variant(self, plain, seed) if seed and found.parametrised else found

    def named(self, name: str) -> tuple[str, ...]:
        """The ids that a name means, without seeds: those of a topic, or one. `UnknownQuestion` names the closest."""
        if "/" in name:
            return (self.get(name).id.partition("#")[0],)
        topic = self._topic(name)
        return tuple(BANK.topic(name).entries if topic is None else topic.entries)

    def _plain(self, plain: str) -> Question:
        if self.exam is not None and topic_of(plain) == self.exam.stem and plain in self:
            return _of_exam(self.exam, plain)
        return BANK.question(plain)

    def _topic(self, name: str) -> Topic | None:
        if self.exam is not None and name == self.exam.stem:
            return _exam(self.exam)
        return BANK.topic(name) if name in BANK.topics else None


@lru_cache
def _exam(path: Path) -> Topic:
    return load_topic(path)


@cache
def _of_exam(path: Path, plain: str) -> Question:
    return _exam(path).question(plain)


@lru_cache(VARIANTS_KEPT)
def _variant(questions: Questions, plain: str, seed: str) -> Question:
    """Variants are made anew, so that those of a large class are not all kept."""
    topic = questions._topic(topic_of(plain))
    if topic is None:
        raise UnknownQuestion(f"there is no question {plain!r}")
    return topic.question(plain, seed)
