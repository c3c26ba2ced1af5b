"""Marks the answers of a hand-in again, whatever it says of itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache

from labkit.classroom.assignment import Assignment
from labkit.classroom.graded import Answer
from labkit.classroom.questions import Questions
from labkit.quiz.mark import Mark, for_review
from labkit.quiz.marking import mark_answer
from labkit.quiz.study.history import plain_id
from labkit.quiz.study.progress import Event

LONGEST = 20_000  # characters of an answer, as JSON
LONGEST_DOUBT = 2_000  # characters
MARKS_KEPT = 10_000


def marked(events: Iterable[Event], assignment: Assignment, student: str) -> dict[str, Answer]:
    """The answer that counts to each question, by id without a seed, in the order of the ids."""
    listed = list(events)
    doubts = {
        str(e.content.get("attempt")): str(e.content.get("reason", ""))[:LONGEST_DOUBT]
        for e in listed
        if e.kind == "contested"
    }
    attempts: dict[str, list[Event]] = {}
    for event in listed:
        asked = str(event.content.get("question"))
        if event.kind == "answered" and assignment.asks(asked, student):
            attempts.setdefault(plain_id(asked), []).append(event)
    counting = {name: made[-1 if assignment.counts == "last" else 0] for name, made in sorted(attempts.items())}
    return {
        name: _answer(event, len(attempts[name]), doubts.get(event.id), assignment.bank)
        for name, event in counting.items()
    }


def _answer(event: Event, attempts: int, doubt: str | None, bank: Questions) -> Answer:
    question, given = str(event.content["question"]), event.content.get("answer")
    if not _is_plain(given):
        mark = for_review("The answer has a form that no question asks for; a person marks it.")
        return Answer(question, "", mark, event.at, attempts, doubt)
    text = json.dumps(given)
    if len(text) > LONGEST:
        mark = for_review(f"The answer is longer than {LONGEST:,} characters; a person marks it.")
        return Answer(question, f"{text[:LONGEST]}…", mark, event.at, attempts, doubt)
    return Answer(question, given, _mark(bank, question, text), event.at, attempts, doubt)


def _is_plain(given: object) -> bool:
    """Whether an answer is what a field gives: a text, a number, a list or a mapping of such."""
    parts = [*given, *given.values()] if isinstance(given, dict) else given if isinstance(given, list) else [given]
    return all(part is None or isinstance(part, str | int | float) for part in parts)


@lru_cache(MARKS_KEPT)
def _mark(bank: Questions, question_id: str, answer: str) -> Mark:
    try:
        return mark_answer(bank.get(question_id), json.loads(answer))
    except Exception as error:  # a marker is not to end a class's grading
        return for_review(f"The answer could not be marked ({type(error).__name__}); a person marks it.")
