"""An answer as clauses of tokens, each token with whether it is negated.

A negation reaches to the end of its clause: in "the caller does not wait, it goes on" only *wait* is denied.
What is said of others or of the past ("some people think", "it used to be") is not claimed and is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from labkit.quiz.reading.english import AUXILIARIES, FILLERS, NEGATORS
from labkit.quiz.reading.quantities import Quantity, mark_up, read_token
from labkit.quiz.reading.words import stem

EMPTY_WORDS = frozenset("<no> and or not one ones other others invocation invocations call calls mode modes type types difference yes".split())
NAMING_LEADS = frozenset(("when", "if", "(", "→"))
SUBJECTS = frozenset("you we they i it".split())
SUBJECT_NOUNS = SUBJECTS | frozenset("caller client user mean means".split())
ENDED_BY_A_SUBJECT = frozenset("without instead_of no".split())
SENTENCE_ENDS = frozenset(".;!?")
BREAKS = frozenset(",:()→") | SENTENCE_ENDS
CONTRASTS = frozenset("but whereas although though vs versus".split())
CONJUNCTIONS = CONTRASTS | frozenset(
    "because since so when whenever if unless until till which who whereas then therefore thus hence otherwise else meaning after now while".split()
)
UNCLAIMED = re.compile(
    r"\b(?:(?:some|many|most|a lot of)(?: of)? (?:people|folks|sources|sites|websites|blogs|tutorials|colleagues|others|guides) "
    r"|(?:people|they|others|someone|everyone|folks) (?:often |sometimes |may |might |usually |will )?"
    r"(?:say|says|think|thinks|thought|claim|believe|assume|told)"
    r"|commonly (?:thought|believed|confused)|used to be|previously|formerly|in the past|(?:years|long time) ago|before$"
    r"|a (?:common )?(?:myth|misconception|mistake)|(?:old|former|previous|original|earlier) (?:limit|maximum|max|value|cap)|back in \["
    r"|before (?:that|then)|was \[|contrary to|(?:not|no|never) (?:\w+ )?(?:know|remember|recall|idea|certain)|forgot|dunno|unsure)(?!\w)"
)
QUESTION = re.compile(
    r"(?:^|(?<=[.;!?]))\s*(?:what|which|why|how|where|when|who|does|do|can|could|should|is|are|difference)\b[^.;!?]*\?(?=.*\w)"
)
AT_MOST = re.compile(
    r"\b(?:not|never|neither|nothing|none|no(?= (?:lambda |single |aws |one )*(?:functions?|invocations?|executions?|code|more|longer|greater)\b))"
    r" ((?:(?!not|no|never)\w+ ){0,6}?)"
    r"(?:more than|longer than|exceed(?:ing)?|beyond|over|past|above|greater than|go over|further than|later than)\b"
)
PHRASES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in [
        (r"\b(?:not|no) (?:only|just|merely|simply|matter|doubt|problem|worries)\b", ""),
        (r"\b(?:increased|raised|extended|changed|went|bumped|moved) from \S+(?: [a-z]+)? to\b", "is"),
        (r"\b(?:instead|in place|in lieu) of\b|\brather than\b|\bas opposed to\b|\bunlike\b", ", instead_of"),
        (r"\b(?:is )?(?:just )?(?:the (?:opposite|reverse|other way a?round)|vice versa)\b", "does not"),
        (r"\b(?:it is |is )?(?:false|wrong|untrue|incorrect|a myth)(?: to (?:say|think))? that\b", "not"),
        (r"\bno longer\b|\bno need (?:for|to)\b|\b(?:lacks?|lacking|lack of|unable to|fails? to|refuses? to|neither|incapable of)\b", "not"),
        (r"\b(?:avoid|eliminat|remov)(?:e|es|s|ing) the need (?:for|to)\b|\bsaves? (?:you |it )?from\b", "not"),
        (r"\bnon\b", "non_"),
    ]
]  # fmt: skip
INTERJECTION = re.compile(
    r"^\W*(?:so |well |i think |i guess |i would say |short answer |answer |the answer is |ultimately |sadly |unfortunately )*"
    r"((?:certainly|definitely|absolutely|of course|sure|probably|most likely) not|no (?:chance|way)|not (?:really|directly|as is|at all)|"
    r"not (?:on its own|by itself|in one go|with \w+ alone|in a single \w+)|negative|no|nope|nah|"
    r"yes|yeah|yep|yup|sure|certainly|definitely|absolutely|of course)\b(?=\W*$|\W*[,.;:!→(\[]|\W*(?:it|lambda|you|we|i|"
    r"the|because|since|as|max\w*|not|this|that|only|use|there|aws|with|if|unless|but|can|just|in|for|at|would|will|must|should|due|"
    r"sir|way|by|using|via|need|go|choose|so|and|limit)\b)"
)
YES = frozenset("yes yeah yep yup sure certainly definitely absolutely of probably most".split())
CLAUSE_WIDE = frozenset("needed required necessary possible true involved used supported allowed cause reason answer option right correct".split())


@dataclass(frozen=True, slots=True)
class Token:
    """One word or quantity of an answer."""

    word: str
    stem: str
    quantity: Quantity | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of an answer without a break; `lead` is the conjunction or sign before it."""

    tokens: tuple[Token, ...]
    sentence: int
    lead: str = ""
    topic: str = ""


def read_clauses(text: str) -> tuple[Clause, ...]:
    """The claims of a normalised, repaired text; questions and what others say are left out."""
    text = AT_MOST.sub(r"\1 at most ", QUESTION.sub(" . ", text))
    text = INTERJECTION.sub(_interjection, text)
    for pattern, replacement in PHRASES:
        text = pattern.sub(replacement, text)
    text = mark_up(text)
    pieces = re.findall(r"\[\w+:[\d.e+-]+\]|<\w+>|(?<![\w\]])/[\w.<>{}$/\[\]-]+|[^\W_][\w@']*|non_|[.,;:!?()→]", text)
    return tuple(_clauses(pieces))


def joined(clauses: tuple[Clause, ...]) -> tuple[tuple[Token, ...], ...]:
    """The tokens of the clauses, one run for each sentence."""
    numbers = dict.fromkeys(clause.sentence for clause in clauses)
    return tuple(tuple(token for c in clauses if c.sentence == number for token in c.tokens) for number in numbers)


def _interjection(found: re.Match[str]) -> str:
    agrees = found[1].split()[0] in YES and not found[1].endswith(" not")
    return f" {'<yes>' if agrees else '<no>'} , "


def _clauses(pieces: list[str]) -> list[Clause]:
    clauses: list[Clause] = []
    words: list[str] = []
    sentence, lead = 0, ""
    for piece in [*pieces, "."]:
        if piece not in BREAKS and piece not in CONJUNCTIONS:
            words.append(piece)
            continue
        if words and not UNCLAIMED.search(" ".join(words) + " "):
            clauses.append(Clause(tuple(_negated(words)), sentence, lead))
        lead = piece if words else f"{lead} {piece}"
        sentence += piece in SENTENCE_ENDS or piece in CONTRASTS
        words = []
    return clauses


def _negated(words: list[str]) -> list[Token]:
    tokens: list[Token] = []
    negated, next_only, negator = False, False, ""
    for position, word in enumerate(words):
        if word in NEGATORS:
            negator = word
            negated, next_only = (not negated or word != "without"), word == "non_"
            if any(later in CLAUSE_WIDE for later in words[position + 1 : position + 4]):
                tokens = [replace(token, negated=True) for token in tokens]
            if position == len(words) - 1:
                tokens.append(Token("<no>", "<no>"))
            continue
        if (word == "and" and "nor" not in words) or (word in SUBJECTS and negator in ENDED_BY_A_SUBJECT):
            negated = False
        tokens.append(Token(word, stem(word), read_token(word), negated))
        negated, next_only = negated and not next_only, False
    return tokens


def with_topics(clauses: tuple[Clause, ...], topics: dict[str, frozenset[str]]) -> tuple[Clause, ...]:
    """The clauses, each with the topic it speaks of; one that names several is cut, one that names none keeps the last.

    `topics` maps each topic to the stems that name it.
    """
    cut = [part for clause in clauses for part in _cut(clause, topics)]
    found: list[Clause] = []
    topic = next((name for part in cut for name in _named(part, topics)), "")
    for part in cut:
        names = _named(part, topics)
        if names and not _content(part, topics) and part.lead in NAMING_LEADS:
            _name_those_before(found, names[0], topics)
        topic = next(iter(names), topic)
        found.append(replace(_with_ellipsis(part, found, topics), topic=topic))
    return tuple(found)


def _name_those_before(found: list[Clause], topic: str, topics: dict[str, frozenset[str]]) -> None:
    """"The caller waits when synchronous", "waits (sync)", "S3, SNS → async": the name tells what the words before it speak of."""
    for position in range(len(found) - 1, -1, -1):
        if _named(found[position], topics) or not _content(found[position], topics):
            return
        if found[position].sentence != found[-1].sentence:
            return
        found[position] = replace(found[position], topic=topic)


def _named(clause: Clause, topics: dict[str, frozenset[str]]) -> list[str]:
    return [name for token in clause.tokens for name, stems in topics.items() if token.stem in stems]


def _cut(clause: Clause, topics: dict[str, frozenset[str]]) -> list[Clause]:
    """Cut between two topics: before a topic's name when the clause opens with one, after it when the name comes last."""
    if clause.lead in ("when", "if") and (ands := [i for i, token in enumerate(clause.tokens) if token.word == "and"]):
        head, rest = clause.tokens[: ands[0]], clause.tokens[ands[0] :]
        if head and _named(Clause(head, 0), topics) and not _content(Clause(head, 0), topics):
            return [replace(clause, tokens=head), *_cut(replace(clause, tokens=rest, lead="and"), topics)]
    if len(set(_named(clause, topics))) < 2:
        return [clause]
    places = [i for i, token in enumerate(clause.tokens) if any(token.stem in stems for stems in topics.values())]
    content_before = [t for t in clause.tokens[: places[0]] if t.word not in FILLERS and t.word not in EMPTY_WORDS]
    ends = [place + 1 for place in places[:-1]] if len(content_before) > 1 else places[1:]
    bounds = [0, *ends, len(clause.tokens)]
    return [replace(clause, tokens=clause.tokens[a:b]) for a, b in zip(bounds, bounds[1:], strict=False) if a < b]


def _with_ellipsis(clause: Clause, earlier: list[Clause], topics: dict[str, frozenset[str]]) -> Clause:
    """"Sync waits, async does not": the second clause takes the first one's words, denied."""
    denied = any(token.negated or token.word == "<no>" for token in clause.tokens)
    elliptic = denied or clause.tokens[-1].word in AUXILIARIES | {"yes"}
    headed = bool(earlier) and not _content(earlier[-1], topics)
    if not elliptic or not (headed or _named(clause, topics)) or any(t.word not in SUBJECT_NOUNS for t in _content(clause, topics)):
        return clause
    words = next((words for words in (_content(c, topics) for c in reversed(earlier)) if words), [])
    return replace(clause, tokens=clause.tokens + tuple(replace(token, negated=denied) for token in words))


def _content(clause: Clause, topics: dict[str, frozenset[str]]) -> list[Token]:
    names = frozenset[str]().union(*topics.values())
    return [t for t in clause.tokens if t.stem not in names and t.word not in FILLERS and t.word not in EMPTY_WORDS]
