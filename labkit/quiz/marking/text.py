"""Free text, marked by a rubric of concepts: which does the answer state, which does it lack, what does it get wrong?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from labkit.quiz.mark import Mark, for_review, scored
from labkit.quiz.marking.guards import guard, without_the_question
from labkit.quiz.question import Concept, Question, Rubric
from labkit.quiz.reading.clauses import Clause, Token, joined, read_clauses, with_topics
from labkit.quiz.reading.english import AUXILIARIES, FILLERS, NEGATORS
from labkit.quiz.reading.patterns import Outcome, Pattern, match, parse
from labkit.quiz.reading.words import PLAIN_VOCABULARY, Speller, normalise, stem

LONG_ANSWER = 9
ON_TOPIC = 4
LIST_LENGTH = 4
LONGEST_TERM = 2.5
CLAIMING = AUXILIARIES | NEGATORS | frozenset(
    "by with to for when because if via per from into after each every so then it you i they that which who as use mean means".split()
)
CLAIMING_FORM = re.compile(
    r"(?:wait|return|queue|create|spin|start|trigger|write|store|save|resize|generate|run|call|block|respond|scale|add|load|download|keep"
    r"|invoke|assume|get|cause|send|continue|launch|put|use|reduce|happen|need|upload|read|place|make|give|go|cop)(?:s|es|ed|d|ies|ing)"
)


@dataclass(frozen=True, slots=True)
class Recogniser:
    """A concept or flaw with its patterns read."""

    statement: Concept
    any: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """All that marking one question needs, made once."""

    concepts: tuple[Recogniser, ...]
    flaws: tuple[Recogniser, ...]
    topics: dict[str, frozenset[str]]
    vocabulary: frozenset[str]
    speller: Speller


def mark(question: Question, answer: object) -> Mark:
    """The mark the rubric gives; for review when the answer is in another language or speaks of the subject in unknown terms."""
    given = "" if answer is None else str(answer)
    rubric = question.rubric
    assert rubric is not None
    if refused := guard(question, given):
        return refused
    reader = _reader(question)
    text = reader.speller.repair(without_the_question(question, normalise(given)))
    if not rubric.names_suffice and is_bare_list(text):
        return scored(0.0, "This is a list of terms; say what they do.")
    return _judge(rubric, reader, with_topics(read_clauses(text), reader.topics))


def is_bare_list(text: str) -> bool:
    """Whether a normalised text only strings terms together and claims nothing of them."""
    words = re.findall(r"[^\W_][\w@']*", text)
    items = [item for item in re.split(r"[,;./]|\band\b", text) if item.strip()]
    if "→" in text or any(word in CLAIMING for word in words):
        return False
    forms = sum(bool(CLAIMING_FORM.fullmatch(word)) for word in words)
    if len(items) == 1:
        return not FILLERS & set(words) and len(words) > (LIST_LENGTH if not forms else 2 * LIST_LENGTH - forms)
    return not forms and len(items) >= LIST_LENGTH and len(words) <= LONGEST_TERM * len(items)


def _judge(rubric: Rubric, reader: Reader, clauses: tuple[Clause, ...]) -> Mark:
    outcomes = {one.statement.name: _outcome(one, clauses) for one in reader.concepts}
    flaws = [one.statement for one in reader.flaws if _outcome(one, clauses) == "affirmed"]
    stated = frozenset(name for name, outcome in outcomes.items() if outcome == "affirmed")
    denied = [one.statement for one in reader.concepts if outcomes[one.statement.name] == "denied"]
    earned = next((score for score, ways in rubric.scores if any(way <= stated for way in ways)), 0.0)
    score = min([earned, *(getattr(flaw, "at_most", 0.0) for flaw in flaws), *(0.0 for _ in denied)])
    if not stated and not flaws and not denied and _speaks_of(reader, clauses):
        return for_review("The answer speaks of the subject in terms that the rubric does not know; a person marks it.")
    wanted = rubric.scores[0][1]
    best = max(wanted, key=lambda way: len(way & stated))
    says = {one.statement.name: one.statement.says for one in reader.concepts}
    return scored(
        score,
        matched=tuple(says[name] for name in says if name in stated),
        missing=tuple(says[name] for name in says if name in best - stated),
        contradicted=(*(f"not: {concept.says}" for concept in denied), *(flaw.says for flaw in flaws)),
    )


def _outcome(recogniser: Recogniser, clauses: tuple[Clause, ...]) -> Outcome:
    found: Outcome = ""
    for window in _windows(recogniser.statement, clauses):
        if any(match(pattern, window) == "affirmed" for pattern in recogniser.unless):
            continue
        outcomes = [match(pattern, window) for pattern in recogniser.any]
        if "affirmed" in outcomes:
            return "affirmed"
        found = "denied" if "denied" in outcomes else found
    return found


def _windows(statement: Concept, clauses: tuple[Clause, ...]) -> Iterable[tuple[Token, ...]]:
    spoken = tuple(clause for clause in clauses if not statement.about or clause.topic == statement.about)
    if statement.within == "clause":
        return [clause.tokens for clause in spoken]
    if statement.within == "sentence":
        return joined(spoken)
    return [tuple(token for clause in spoken for token in clause.tokens)]


def _speaks_of(reader: Reader, clauses: tuple[Clause, ...]) -> bool:
    words = [token for clause in clauses for token in clause.tokens if token.word not in FILLERS]
    return len(words) >= LONG_ANSWER and len({token.stem for token in words} & reader.vocabulary) >= ON_TOPIC


@cache
def _reader(question: Question) -> Reader:
    rubric = question.rubric
    assert rubric is not None
    concepts = tuple(_recogniser(concept, rubric) for concept in rubric.concepts)
    flaws = tuple(_recogniser(flaw, rubric) for flaw in rubric.flaws)
    sources = [phrase for group in (rubric.groups, rubric.topics) for phrases in group.values() for phrase in phrases]
    sources += [pattern for one in (*rubric.concepts, *rubric.flaws) for pattern in (*one.any, *one.unless)]
    words = frozenset(re.findall(r"(?<![@\w])[a-z]{3,}", " ".join(sources).lower())) | PLAIN_VOCABULARY
    topics = {name: frozenset(stem(word) for word in names) for name, names in rubric.topics.items()}
    prompt = frozenset(re.findall(r"[a-z]{5,}", question.prompt.lower()))
    return Reader(concepts, flaws, topics, frozenset(stem(word) for word in words if len(word) > 3), Speller(words | prompt))


def _recogniser(statement: Concept, rubric: Rubric) -> Recogniser:
    return Recogniser(
        statement,
        tuple(parse(pattern, rubric.groups) for pattern in statement.any),
        tuple(parse(pattern, rubric.groups) for pattern in statement.unless),
    )
