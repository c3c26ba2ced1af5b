"""Free text, marked by a rubric of concepts: which does the answer state, lack, and get wrong?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from labkit.quiz.bank.entry import Entry
from labkit.quiz.bank.rubric import Concept, Groups, Rubric, read_rubric
from labkit.quiz.mark import Mark, for_review, scored
from labkit.quiz.marking.guards import guard, without_the_question
from labkit.quiz.question import Question
from labkit.quiz.reading.clauses import Clause, read_clauses
from labkit.quiz.reading.english import AUXILIARIES, FILLERS, KNOWN_WORDS, NEGATORS, words
from labkit.quiz.reading.patterns import Pattern
from labkit.quiz.reading.phrases import admits_a_gap
from labkit.quiz.reading.search import Outcome, Passage, match
from labkit.quiz.reading.topics import with_topics
from labkit.quiz.reading.windows import Windows
from labkit.quiz.reading.words import PLAIN_VOCABULARY, Speller, normalise, stem

DOUBTFUL = 14  # words, from where one thing that seems wrong may be the rubric's mistake
# From how much unread an answer may deserve more than the part of the marks, or the nothing, that the rubric gives it.
UNREAD_BESIDE_A_PART = 18
UNREAD = 20
OF_A_STATEMENT = 3  # words' worth: half an answer is mostly said in one clause
NAMELESS = 8  # words about several topics of which none is named
LONGER = 4  # letters
LIST_LENGTH = 4
MOST_CLAUSES = 150
LONGEST_TERM = 2.5  # words on average
CLAIMING = (
    AUXILIARIES
    | NEGATORS
    | words(
        "by with to for when because if via per from into after each every so then it you i they that which who as use"
    )
    | words("mean means")
)
WORD = re.compile(r"[^\W_][\w@']*")
PER_USE = re.compile(r"\bper use\b")
SOMEWHERE = re.compile(r"(?:in|at|on|under)\b")
CLAIMING_FORM = re.compile(
    r"(?:wait|return|queue|create|spin|start|trigger|write|store|save|resize|generate|run|call|block|respond|scale"
    r"|add|load|download|keep|invoke|assume|get|cause|send|continue|launch|put|use|reduce|happen|need|upload|read"
    r"|place|make|give|go|cop)(?:s|es|ed|d|ies|ing)"
)


@dataclass(frozen=True, slots=True)
class Reader:
    """All that marking one question needs, made once."""

    topics: dict[str, frozenset[str]]
    vocabulary: frozenset[str]
    asked: frozenset[str]
    speller: Speller


def read(entry: Entry, shared: Groups) -> Rubric:
    """The rubric of a text question."""
    return read_rubric(entry["rubric"], shared)


def mark(question: Question, answer: object) -> Mark:
    """The mark the rubric gives; for review when the answer is in another language or in unknown terms."""
    given = "" if answer is None else str(answer)
    rubric: Rubric = question.body
    if refused := guard(question, given):
        return refused
    reader = _reader(question)
    text = reader.speller.repair(without_the_question(question, normalise(given)))
    if not rubric.names_suffice and is_bare_list(text):
        return scored(0.0, "This is a list of terms; say what they do.")
    clauses = read_clauses(text)
    if len(clauses) > MOST_CLAUSES:
        return for_review(f"The answer consists of more than {MOST_CLAUSES} pieces; a person marks it.")
    return _judge(rubric, reader, with_topics(clauses, reader.topics), knows_a_part_only=admits_a_gap(text))


def is_bare_list(text: str) -> bool:
    """Whether a normalised text only strings terms together and claims nothing of them."""
    found = WORD.findall(text)
    if "→" in text or CLAIMING & set(WORD.findall(PER_USE.sub("", text))) or SOMEWHERE.match(text):
        return False
    items = [item for item in re.split(r"[,;./]|\band\b", text) if item.strip()]
    forms = sum(bool(CLAIMING_FORM.fullmatch(word)) for word in found)
    if len(items) == 1:
        return not FILLERS & set(found) and len(found) > (2 * LIST_LENGTH - forms if forms else LIST_LENGTH)
    return not forms and len(items) >= LIST_LENGTH and len(found) <= LONGEST_TERM * len(items)


def _judge(rubric: Rubric, reader: Reader, clauses: tuple[Clause, ...], knows_a_part_only: bool) -> Mark:
    windows = Windows(clauses)
    outcomes = [(concept, _outcome(concept, windows)) for concept in rubric.concepts]
    flaws = [flaw for flaw in rubric.flaws if _outcome(flaw, windows) == "affirmed"]
    denied = [concept for concept, outcome in outcomes if outcome == "denied"]
    stated = frozenset(concept.name for concept, outcome in outcomes if outcome == "affirmed")
    earned = next((score for score, ways in rubric.scores if any(way <= stated for way in ways)), 0.0)
    if _length(clauses) >= DOUBTFUL and not flaws:
        denied = []  # in a long answer a negation mostly belongs to something else
    wrong = sum(not flaw.at_most for flaw in flaws) + len(denied)
    dubious = next((one for one in rubric.doubts if _outcome(one, windows) == "affirmed"), None)
    if dubious and earned and not wrong:
        return for_review(f"Whether it holds that {dubious.says}, a person decides.")
    settled = 0 < earned < 1 and not wrong and knows_a_part_only
    if not settled and (doubt := _doubt(earned, wrong, reader, clauses)):
        return for_review(doubt)
    nearest = max(rubric.scores[0][1], key=lambda way: len(way & stated))
    return scored(
        min([earned, *(flaw.at_most for flaw in flaws), *(0.0 for _ in denied)]),
        matched=tuple(concept.says for concept in rubric.concepts if concept.name in stated),
        missing=tuple(concept.says for concept in rubric.concepts if concept.name in nearest - stated),
        contradicted=(*(f"the opposite of “{concept.says}”" for concept in denied), *(flaw.says for flaw in flaws)),
    )


def _doubt(earned: float, wrong: int, reader: Reader, clauses: tuple[Clause, ...]) -> str:
    """Why a person should mark the answer: its one mistake may be the rubric's, or it says much that is not read."""
    unread = _unread(reader, clauses)
    if wrong == 1 and _length(clauses) >= DOUBTFUL and (earned == 1 or (earned and unread >= UNREAD_BESIDE_A_PART)):
        return "What is asked is there, and something that does not seem to hold; a person marks it."
    if wrong or earned == 1:
        return ""
    unnamed = bool(reader.topics) and not earned and not any(clause.topic for clause in clauses)
    much = unread >= (UNREAD_BESIDE_A_PART if earned else UNREAD) or (unnamed and _length(clauses) >= NAMELESS)
    if much or _is_unfamiliar(reader, clauses):
        return "The rubric does not know the terms of this answer; a person marks it."
    return ""


def _outcome(statement: Concept, windows: Windows) -> Outcome:
    found: Outcome = ""
    for passage in windows.passages(statement.within, statement.about):
        outcome = _first_affirmed(statement.any, passage)
        if not outcome or any(match(pattern, passage) == "affirmed" for pattern in statement.unless):
            continue
        if outcome == "affirmed":
            return "affirmed"
        found = "denied"
    return found


def _first_affirmed(patterns: tuple[Pattern, ...], passage: Passage) -> Outcome:
    """Affirmed when one of the patterns is; otherwise denied when one is denied."""
    found: Outcome = ""
    for pattern in patterns:
        outcome = match(pattern, passage)
        if outcome == "affirmed":
            return "affirmed"
        found = outcome or found
    return found


def _length(clauses: tuple[Clause, ...]) -> int:
    return sum(len(clause.tokens) for clause in clauses)


def _unread(reader: Reader, clauses: tuple[Clause, ...]) -> int:
    """How much the answer says: clauses, sentences, and the words that neither rubric nor question has."""
    said = (token for clause in clauses for token in clause.tokens if token.word not in FILLERS and not token.quantity)
    unknown = sum(token.stem not in reader.vocabulary and token.stem not in reader.asked for token in said)
    return OF_A_STATEMENT * (len(clauses) + len({clause.sentence for clause in clauses})) + unknown


def _is_unfamiliar(reader: Reader, clauses: tuple[Clause, ...]) -> bool:
    """Whether most of the longer words are neither common English nor the rubric's, nor near them."""
    longer = [
        token for clause in clauses for token in clause.tokens if len(token.word) >= LONGER and token.word.isalpha()
    ]
    unknown = [token for token in longer if token.word not in KNOWN_WORDS and token.stem not in reader.vocabulary]
    return len(unknown) >= 2 and len(unknown) > len(longer) / 2


@cache
def _reader(question: Question) -> Reader:
    rubric: Rubric = question.body
    known = _vocabulary(rubric)
    prompt = frozenset(re.findall(r"[a-z]{5,}", question.prompt.lower()))
    return Reader(
        topics={name: frozenset(stem(word) for word in names) for name, names in rubric.topics.items()},
        vocabulary=frozenset(stem(word) for word in known),
        asked=frozenset(stem(word) for word in re.findall(r"[a-z]+", normalise(question.prompt))),
        speller=Speller(known | PLAIN_VOCABULARY | prompt),
    )


def _vocabulary(rubric: Rubric) -> frozenset[str]:
    sources = [phrase for group in (rubric.groups, rubric.topics) for phrases in group.values() for phrase in phrases]
    sources += [
        pattern.source
        for one in (*rubric.concepts, *rubric.flaws, *rubric.doubts)
        for pattern in (*one.any, *one.unless)
    ]
    return frozenset(re.findall(r"(?<![@\w])[a-z]{3,}", " ".join(sources).lower()))
