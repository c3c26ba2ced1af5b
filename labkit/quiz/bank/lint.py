"""Is a file of the bank whole? Each mistake with its file, line and entry; no mistake hides the next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from labkit.facts import FACTS, close_matches
from labkit.quiz.bank.entry import Entry, read, suggestion
from labkit.quiz.bank.numbers import unstated_numbers
from labkit.quiz.bank.schema import Topic, load_topic
from labkit.quiz.errors import BankError
from labkit.quiz.marking import mark_answer
from labkit.quiz.question import Question

SEEDS = 12  # draws of a question with parameters that are tried
DECISIONS = "decisions"  # the folder of marks that people have decided
COUNTS = {2: "TWO", 3: "THREE"}


def lint(path: Path) -> list[str]:
    """The mistakes of a topic's file, in its order; none when it is whole.

    A question's own examples are marked, one with parameters for several draws.
    """
    try:
        topic = load_topic(path)
    except BankError as error:
        return [str(error)]
    found = [message for question_id in topic.entries for message in _mistakes(topic, question_id)]
    decisions = path.parent / DECISIONS / path.name
    return found + (_against_decisions(topic, decisions) if decisions.exists() else [])


def _mistakes(topic: Topic, question_id: str) -> Iterator[str]:
    try:
        question = topic.question(question_id)
    except BankError as error:
        yield str(error)
        return
    entry = topic.entries[question_id]
    for message in _gaps(question):
        yield str(entry.error(message))
    seen: set[str] = set()
    for seed in range(SEEDS if question.parametrised else 1):
        try:
            wrong = list(
                _wrong_examples(topic.question(question_id, str(seed) if question.parametrised else ""), entry)
            )
        except BankError as error:
            wrong = [str(error)]
        yield from (message for message in wrong if message not in seen)
        seen.update(wrong)


def _gaps(question: Question) -> Iterator[str]:
    """What the schema lets pass and a learner would miss."""
    if not question.facts:
        yield "`facts` is missing; name the ids of the facts that the question rests on"
    for fact in question.facts:
        if fact not in FACTS:
            near = close_matches(fact, FACTS)
            yield f"there is no fact {fact!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    for text in unstated_numbers(question):
        yield f"none of its facts states a number in {text!r}; name the fact under `facts`"
    if not question.hint:
        yield "`hint` is missing"
    if not question.examples and question.type != "lab":
        yield "`examples` is missing; give answers with the score that each must get"
    if question.type == "multiple":
        wanted = f"(Choose {COUNTS.get(len(question.body.right), len(question.body.right))}.)"
        if wanted not in question.prompt:
            yield f"the prompt of a multiple response says how many are right: {wanted}"
    if question.parametrised and not question.explanation.worked:
        yield "`worked` is missing in the explanation: the solution with the numbers drawn"
    if question.type == "text" and not {1.0, 0.5, 0.0} <= {example.score for example in question.examples}:
        yield "a text question needs examples for 1, 0.5 and 0"


def _wrong_examples(question: Question, entry: Entry) -> Iterator[str]:
    for example, written in zip(question.examples, entry.get("examples") or (), strict=True):
        mark = mark_answer(question, example.answer)
        got = None if mark.verdict == "review" else mark.score
        if got != example.score:
            wanted, given = ("review" if score is None else f"{score:g}" for score in (example.score, got))
            message = f"{example.answer!r} gets {given} instead of {wanted}. {mark.feedback}"
            yield str(written["answer"].error(message.strip()))


def _against_decisions(topic: Topic, path: Path) -> list[str]:
    """The answers whose mark is not the one that a person gave."""
    try:
        return [message for entry in read(path) for message in _against_decision(topic, entry)]
    except BankError as error:
        return [f"{DECISIONS}/{error}"]


def _against_decision(topic: Topic, entry: Entry) -> Iterator[str]:
    entry.check_keys((), {"question", "answer", "score"})
    name, answer = f"{topic.name}/{entry['question'].text()}", entry["answer"].text()
    if name not in topic.entries:
        raise entry["question"].error(f"there is no question {name!r}; {suggestion(name, list(topic.entries))}")
    mark, score = mark_answer(topic.question(name), answer), entry["score"].number()
    if mark.verdict == "review" or mark.score != score:
        yield f"{DECISIONS}/" + str(
            entry.error(f"{answer!r} gets {mark.score:g}; a person gave {score:g}. {mark.feedback}")
        )
