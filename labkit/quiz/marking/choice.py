"""Single choice and multiple response: lettered options, each with the reason why it is right or wrong."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.quiz.bank.entry import Entry
from labkit.quiz.bank.rubric import Groups
from labkit.quiz.mark import Mark, scored
from labkit.quiz.marking.letters import LETTERS, as_parts, letters_in
from labkit.quiz.question import Question


@dataclass(frozen=True, slots=True)
class Option:
    """One option; `why` says why it is right or wrong."""

    letter: str
    text: str
    right: bool
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The options of a question, in the order in which they are shown."""

    options: tuple[Option, ...]

    @property
    def right(self) -> tuple[Option, ...]:
        """The right options."""
        return tuple(option for option in self.options if option.right)


def read_single(entry: Entry, shared: Groups) -> Choice:
    """The options, of which one is right."""
    choice = _read(entry["options"])
    if len(choice.right) != 1 or len(choice.options) < 2:
        raise _unfit(entry["options"], choice, "single needs exactly one option with `right: true`, and others")
    return choice


def read_multiple(entry: Entry, shared: Groups) -> Choice:
    """The options, of which several are right."""
    choice = _read(entry["options"])
    if not 2 <= len(choice.right) < len(choice.options):
        raise _unfit(entry["options"], choice, "multiple needs two or more options, but not all, with `right: true`")
    return choice


def mark_single(question: Question, answer: object) -> Mark:
    """Full marks for the right option, none for another or for several."""
    options, strange = chosen(question, answer)
    if strange or not options:
        return _unknown(question, strange)
    if len(options) > 1:
        return scored(0.0, f"You chose {len(options)} options; this question has one answer.")
    (option,) = options
    because = f"{option.letter}: {option.why}"
    return scored(1.0, because) if option.right else scored(0.0, because, contradicted=(option.text,))


def mark_multiple(question: Question, answer: object) -> Mark:
    """Full marks for exactly the right options, a share for some of them, none once a wrong one is chosen.

    The exam itself gives no part marks; here they tell the learner how far the answer got.
    """
    options, strange = chosen(question, answer)
    if strange or not options:
        return _unknown(question, strange)
    wanted = len(question.body.right)
    wrong = tuple(option.text for option in options if not option.right)
    matched = tuple(option.text for option in options if option.right)
    because = " ".join(f"{option.letter}: {option.why}" for option in options)
    if wrong:
        return scored(0.0, because, matched=matched, contradicted=wrong)
    missing = () if len(matched) == wanted else (f"{wanted - len(matched)} more of the {wanted} right options",)
    return scored(len(matched) / wanted, because, matched=matched, missing=missing)


def _read(entries: Entry) -> Choice:
    options = []
    for letter, entry in zip(LETTERS, entries, strict=False):
        one = entry.named(letter)
        one.check_keys({"right"}, {"text", "why"})
        right = "right" in one and one["right"].flag()
        options.append(Option(letter, one["text"].text(), right, one["why"].text()))
    return Choice(tuple(options))


def _unfit(entry: Entry, choice: Choice, wanted: str) -> Exception:
    return entry.error(f"{wanted}; here are {len(choice.right)} of {len(choice.options)}")


def chosen(question: Question, answer: object) -> tuple[tuple[Option, ...], str]:
    """The options an answer names, in the question's order, and the first part of it that names none."""
    texts = {option.letter: option.text for option in question.body.options}
    letters: set[str] = set()
    for part in as_parts(answer):
        found = letters_in(part, texts)
        if part and not found:
            return (), part
        letters |= set(found)
    return tuple(option for option in question.body.options if option.letter in letters), ""


def _unknown(question: Question, given: str) -> Mark:
    """No marks, and what may be chosen."""
    letters = ", ".join(option.letter for option in question.body.options)
    if given:
        return scored(0.0, f"{given!r} is none of the options {letters}.")
    return scored(0.0, f"No option is chosen; choose from {letters}.")
