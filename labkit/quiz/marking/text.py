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
from labkit.quiz.reading.search import Outcome, match
from labkit.quiz.reading.topics import with_topics
from labkit.quiz.reading.windows import Windows
from labkit.quiz.reading.words import PLAIN_VOCABULARY, Speller, normalise, stem

LONG_ANSWER = 9  # words
ON_TOPIC = 4  # words of the rubric
DOUBTFUL = 14  # words, from where one thing that seems wrong may be the rubric's mistake
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
    return _judge(rubric, reader, with_topics(clauses, reader.topics))


def is_bare_list(text: str) -> bool:
    """Whether a normalised text only strings terms together and claims nothing of them."""
    found = re.findall(r"[^\W_][\w@']*", text)
    if "→" in text or CLAIMING & set(found):
        return False
    items = [item for item in re.split(r"[,;./]|\band\b", text) if item.strip()]
    forms = sum(bool(CLAIMING_FORM.fullmatch(word)) for word in found)
    if len(items) == 1:
        return not FILLERS & set(found) and len(found) > (2 * LIST_LENGTH - forms if forms else LIST_LENGTH)
    return not forms and len(items) >= LIST_LENGTH and len(found) <= LONGEST_TERM * len(items)


def _judge(rubric: Rubric, reader: Reader, clauses: tuple[Clause, ...]) -> Mark:
    windows = Windows(clauses)
    outcomes = [(concept, _outcome(concept, windows)) for concept in rubric.concepts]
    flaws = [flaw for flaw in rubric.flaws if _outcome(flaw, windows) == "affirmed"]
    denied = [concept for concept, outcome in outcomes if outcome == "denied"]
    stated = frozenset(concept.name for concept, outcome in outcomes if outcome == "affirmed")
    if not (stated or flaws or denied) and (_speaks_of(reader, clauses) or _is_unfamiliar(reader, clauses)):
        return for_review("The rubric does not know the terms of this answer; a person marks it.")
    earned = next((score for score, ways in rubric.scores if any(way <= stated for way in ways)), 0.0)
    wrong = sum(not flaw.at_most for flaw in flaws) + len(denied)
    if (earned == 1 or wrong == 1) and wrong and earned and _is_long(clauses):
        return for_review("What is asked is there, and something that does not seem to hold; a person marks it.")
    nearest = max(rubric.scores[0][1], key=lambda way: len(way & stated))
    return scored(
        min([earned, *(flaw.at_most for flaw in flaws), *(0.0 for _ in denied)]),
        matched=tuple(concept.says for concept in rubric.concepts if concept.name in stated),
        missing=tuple(concept.says for concept in rubric.concepts if concept.name in nearest - stated),
        contradicted=(*(f"the opposite of “{concept.says}”" for concept in denied), *(flaw.says for flaw in flaws)),
    )


def _outcome(statement: Concept, windows: Windows) -> Outcome:
    found: Outcome = ""
    for passage in windows.passages(statement.within, statement.about):
        outcomes = [match(pattern, passage) for pattern in statement.any]
        if not any(outcomes) or any(match(pattern, passage) == "affirmed" for pattern in statement.unless):
            continue
        if "affirmed" in outcomes:
            return "affirmed"
        found = "denied"
    return found


def _is_long(clauses: tuple[Clause, ...]) -> bool:
    return sum(len(clause.tokens) for clause in clauses) >= DOUBTFUL


def _speaks_of(reader: Reader, clauses: tuple[Clause, ...]) -> bool:
    content = [token.stem for clause in clauses for token in clause.tokens if token.word not in FILLERS]
    return len(content) >= LONG_ANSWER and len(set(content) & reader.vocabulary) >= ON_TOPIC


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
        speller=Speller(known | PLAIN_VOCABULARY | prompt),
    )


def _vocabulary(rubric: Rubric) -> frozenset[str]:
    sources = [phrase for group in (rubric.groups, rubric.topics) for phrases in group.values() for phrase in phrases]
    sources += [pattern.source for one in (*rubric.concepts, *rubric.flaws) for pattern in (*one.any, *one.unless)]
    return frozenset(re.findall(r"(?<![@\w])[a-z]{3,}", " ".join(sources).lower()))
