"""Answers that are not marked on content: empty, steering the grader, in another language, only the question again."""

from __future__ import annotations

import re
from functools import cache

from rapidfuzz import fuzz

from labkit.quiz.mark import Mark, for_review, scored
from labkit.quiz.marking.steering import steers_the_grader
from labkit.quiz.question import Question
from labkit.quiz.reading.english import FILLERS, NEGATORS
from labkit.quiz.reading.languages import is_another_language
from labkit.quiz.reading.words import normalise, stem

SAME_SENTENCE = 88  # percent
SHORTEST_ECHO = 3  # words
LONGEST_ANSWER = 3000  # characters


def guard(question: Question, answer: str) -> Mark | None:
    """The mark of an answer that is not read any further; None for one that is."""
    if len(answer) > LONGEST_ANSWER:
        return for_review(f"The answer is longer than {LONGEST_ANSWER:,} characters; a person marks it.")
    text = normalise(answer)
    if not re.search(r"\w", text):
        return scored(0.0, "There is no answer.")
    if steers_the_grader(answer):
        return scored(0.0, "The answer addresses the marking instead of the question.")
    if is_another_language(answer):
        return for_review("The answer seems to be in another language than English; a person marks it.")
    if repeats_the_question(question, text):
        return scored(0.0, "This repeats the question and answers nothing.")
    return None


def without_the_question(question: Question, text: str) -> str:
    """The normalised answer without sentences that only repeat one of the question's."""
    asked = _sentences_of(question.prompt)
    sentences = re.findall(r"[^.?!;]+[.?!;]*", text)
    return "".join(one for one in sentences if not any(_is_same(_plain(one), other) for other in asked))


def repeats_the_question(question: Question, text: str) -> bool:
    """Whether nothing is left of the normalised answer without the question's words."""
    if not re.search(r"\w", without_the_question(question, text)):
        return True
    if any(word in NEGATORS for word in text.split()):
        return False
    asked = {stem(word) for word in _sentences_of(question.prompt)[-1].split()}
    given = {stem(word) for word in _plain(text).split() if word not in FILLERS}
    return len(given) >= SHORTEST_ECHO and given <= asked


@cache
def _sentences_of(prompt: str) -> tuple[str, ...]:
    """The words of each of a prompt's sentences, and of the whole."""
    return tuple(_plain(normalise(one)) for one in [*re.split(r"[.?!;:]", prompt), prompt])


def _is_same(one: str, other: str) -> bool:
    return min(one.count(" "), other.count(" ")) >= SHORTEST_ECHO - 1 and fuzz.ratio(one, other) > SAME_SENTENCE


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text))
