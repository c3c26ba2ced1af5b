"""Marks the answers of a hand-in again, whatever it says of itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache

from labkit.classroom.assignment import Assignment
from labkit.classroom.graded import Answer
from labkit.quiz.bank.topics import BANK
from labkit.quiz.errors import UnknownQuestion
from labkit.quiz.mark import Mark, for_review
from labkit.quiz.marking import mark_answer
from labkit.quiz.question import Question
from labkit.quiz.study.history import plain_id, topic_of
from labkit.quiz.study.progress import Event

LONGEST = 20_000  # characters of an answer, as JSON
VARIANTS_KEPT, MARKS_KEPT = 1_000, 10_000


def marked(events: Iterable[Event], assignment: Assignment) -> dict[str, Answer]:
    """The answer that counts to each question, by id without a seed, in the order of the ids."""
    listed = list(events)
    doubts = {str(e.content.get("attempt")): str(e.content.get("reason", "")) for e in listed if e.kind == "contested"}
    attempts: dict[str, list[Event]] = {}
    for event in listed:
        name = plain_id(str(event.content.get("question")))
        if event.kind == "answered" and is_known(name) and assignment.asks(name):
            attempts.setdefault(name, []).append(event)
    counting = {name: made[-1 if assignment.counts == "last" else 0] for name, made in sorted(attempts.items())}
    return {
        name: _answer(event, len(attempts[name]), doubts.get(event.id)) for name, event in counting.items()
    }  # fmt: skip


def is_known(plain: str) -> bool:
    """Whether the bank has a question with this id, which has no seed."""
    return topic_of(plain) in BANK.topics and plain in BANK.topic(topic_of(plain)).entries


def question_of(question_id: str) -> Question:
    """The question with this id; variants are made anew, so that those of a large class are not all kept."""
    plain, _, seed = question_id.partition("#")
    return _variant(plain, seed) if seed else BANK.question(plain)


@lru_cache(VARIANTS_KEPT)
def _variant(plain: str, seed: str) -> Question:
    if not is_known(plain):
        raise UnknownQuestion(f"there is no question {plain!r}")
    return BANK.topic(topic_of(plain)).question(plain, seed)


def _answer(event: Event, attempts: int, doubt: str | None) -> Answer:
    question, given = str(event.content["question"]), event.content.get("answer")
    text = json.dumps(given)
    if len(text) > LONGEST:
        mark = for_review(f"The answer is longer than {LONGEST:,} characters; a person marks it.")
        return Answer(question, f"{text[:LONGEST]}…", mark, event.at, attempts, doubt)
    return Answer(question, given, _mark(question, text), event.at, attempts, doubt)


@lru_cache(MARKS_KEPT)
def _mark(question_id: str, answer: str) -> Mark:
    try:
        return mark_answer(question_of(question_id), json.loads(answer))
    except Exception as error:  # a marker is not to end a class's grading
        return for_review(f"The answer could not be marked ({type(error).__name__}); a person marks it.")
