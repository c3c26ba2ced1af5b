"""What each clause speaks of: "sync waits, async does not" makes one statement about each of two topics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from labkit.quiz.reading.clauses import SUBJECTS, Clause, Token
from labkit.quiz.reading.english import AUXILIARIES, FILLERS, words

EMPTY_WORDS = words(
    "<no> and or not one ones other others invocation invocations call calls mode modes type types difference yes"
)
SUBJECT_NOUNS = SUBJECTS | words("caller client user mean means")
# "One waits, the other does not": where no topic is named, they are meant in the question's order.
ORDINALS = (words("first former"), words("other second latter"))
NAMING_LEADS = words("when if ( → so thus hence therefore")
# "The caller waits vs it does not": so are the question's two topics.
OPPOSING_LEADS = words("vs versus /")

Topics = Mapping[str, frozenset[str]]


def with_topics(clauses: tuple[Clause, ...], topics: Topics) -> tuple[Clause, ...]:
    """The clauses, each with its topic; one that names several is cut, one that names none keeps the last.

    `topics` maps each topic to the stems that name it, in the order of the question.
    """
    named = any(_named(clause, topics) for clause in clauses)
    if not named:
        topics = dict(zip(topics, ORDINALS, strict=False))
    cut = [part for clause in clauses for part in _cut(clause, topics)]
    found: list[Clause] = []
    topic = _first_topic(cut, topics) if named else _first_in_order(cut, topics)
    for part in cut:
        names = _named(part, topics) or _the_other(part, topic, topics)
        if names and not _content(part, topics) and NAMING_LEADS & words(part.lead):
            _name_those_before(found, names[0], topics)
        topic = next(iter(names), topic)
        found.append(replace(_with_ellipsis(part, found, topics), topic=topic))
    return tuple(found)


def _first_in_order(clauses: list[Clause], topics: Topics) -> str:
    """The question's first topic, where the answer only says which part is about the second."""
    tells = any(_named(clause, topics) or _opposes(clause) for clause in clauses)
    return next(iter(topics), "") if tells else ""


def _opposes(clause: Clause) -> bool:
    return bool(OPPOSING_LEADS & words(clause.lead))


def _the_other(clause: Clause, topic: str, topics: Topics) -> list[str]:
    """ "Sync waits, in the other case it goes on": the topic, of two, that was not spoken of before."""
    rest = [name for name in topics if name != topic]
    opens = _opposes(clause) or ORDINALS[1] & {token.word for token in clause.tokens[:4]}
    return rest if topic and opens and len(rest) == 1 else []


def _first_topic(clauses: list[Clause], topics: Topics) -> str:
    """What the clauses before the first name speak of: of that topic, if its name comes last in its clause."""
    first = next((clause for clause in clauses if _named(clause, topics)), None)
    if first is None:
        return ""
    start = replace(first, tokens=first.tokens[:1])
    opens = _named(replace(first, tokens=first.tokens[:3]), topics) and not _content(start, topics)
    return "" if opens else _named(first, topics)[0]


def _name_those_before(found: list[Clause], topic: str, topics: Topics) -> None:
    """The name belongs to what precedes: "the caller waits when synchronous", "waits (sync)", "S3, SNS → async"."""
    for position in range(len(found) - 1, -1, -1):
        clause = found[position]
        if _named(clause, topics) or not _content(clause, topics) or clause.sentence != found[-1].sentence:
            return
        found[position] = replace(clause, topic=topic)


def _cut(clause: Clause, topics: Topics) -> list[Clause]:
    """Cut between two topics: before a name when the clause opens with one, after it when the name comes last."""
    if parts := _cut_after_a_condition(clause, topics):
        return parts
    if len(set(_named(clause, topics))) < 2:
        return [clause]
    places = [i for i, token in enumerate(clause.tokens) if any(token.stem in stems for stems in topics.values())]
    before = _content(replace(clause, tokens=clause.tokens[: places[0]]), topics)
    after = _content(replace(clause, tokens=clause.tokens[places[-1] :]), topics)
    names_come_last = len(before) > 1 or (before and not after)
    ends = [place + 1 for place in places[:-1]] if names_come_last else places[1:]
    bounds = [0, *ends, len(clause.tokens)]
    return [replace(clause, tokens=clause.tokens[a:b]) for a, b in pairwise(bounds) if a < b]


def _cut_after_a_condition(clause: Clause, topics: Topics) -> list[Clause]:
    """ "(blocks) when synchronous and goes on (when asynchronous)": what follows the `and` has its own name."""
    words_before = [token.word for token in clause.tokens]
    if clause.lead not in ("when", "if") or "and" not in words_before:
        return []
    place = words_before.index("and")
    head = replace(clause, tokens=clause.tokens[:place])
    if not _named(head, topics) or _content(head, topics):
        return []
    return [head, *_cut(replace(clause, tokens=clause.tokens[place:], lead="and"), topics)]


def _with_ellipsis(clause: Clause, earlier: list[Clause], topics: Topics) -> Clause:
    """ "Sync waits, async does not": the second clause takes the first one's words, denied."""
    denied = any(token.negated or token.word == "<no>" for token in clause.tokens)
    elliptic = denied or clause.tokens[-1].word in AUXILIARIES | {"yes"}
    headed = bool(earlier) and not _content(earlier[-1], topics)
    says_more = any(token.word not in SUBJECT_NOUNS for token in _content(clause, topics))
    if not elliptic or says_more or not (headed or _opposes(clause) or _named(clause, topics)):
        return clause
    copied = next((content for content in (_content(c, topics) for c in reversed(earlier)) if content), [])
    return replace(clause, tokens=clause.tokens + tuple(replace(token, negated=denied) for token in copied))


def _named(clause: Clause, topics: Topics) -> list[str]:
    return [name for token in clause.tokens for name, stems in topics.items() if token.stem in stems]


def _content(clause: Clause, topics: Topics) -> list[Token]:
    names = frozenset[str]().union(*topics.values())
    return [t for t in clause.tokens if t.stem not in names and t.word not in FILLERS and t.word not in EMPTY_WORDS]
