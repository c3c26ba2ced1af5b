"""An answer as clauses of tokens, each token with whether it is negated.

A negation reaches to the end of its clause: in "the caller does not wait, it goes on" only *wait* is denied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from labkit.quiz.reading.english import NEGATORS, words
from labkit.quiz.reading.phrases import in_plain_form, is_claimed
from labkit.quiz.reading.quantities import Quantity, mark_up, read_token
from labkit.quiz.reading.words import stem

PIECES = re.compile(r"\[\w+:[\d.]+\]|<\w+>|(?<![\w\]])/[\w.<>{}$/\[\]-]+|[^\W_](?:[\w@']*\w)?|[.,;:!?()→]|(?<= )/(?= )")
SENTENCE_ENDS = frozenset(".;!?")
BREAKS = frozenset(",:()→/") | SENTENCE_ENDS
CONTRASTS = words("but whereas although though vs versus")
CONJUNCTIONS = CONTRASTS | words(
    "because since so when whenever if unless until till which who then therefore thus hence otherwise else meaning "
    "after now while"
)
SUBJECTS = words("you we they i it he she")
ENDED_BY_A_SUBJECT = words("without instead_of no")
# "Keys are not needed" denies what stands before the negation as well.
CLAUSE_WIDE = words(
    "limited needed required necessary possible true involved used supported allowed cause reason answer option right "
    "correct"
)
REACH = 3


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

    @property
    def with_lead(self) -> tuple[Token, ...]:
        """The tokens after the conjunction that opens the clause."""
        return (*(Token(word, stem(word)) for word in self.lead.split() if word in CONJUNCTIONS), *self.tokens)


def read_clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a normalised, repaired text that claim something."""
    marked = mark_up(in_plain_form(text)).replace("[number:1]", "one")
    clauses: list[Clause] = []
    found: list[str] = []
    sentence, lead = 0, ""
    for piece in [*PIECES.findall(marked), "."]:
        if piece not in BREAKS and piece not in CONJUNCTIONS:
            found.append(piece)
            continue
        if found and is_claimed(" ".join(found)):
            clauses.append(Clause(tuple(_tokens(found)), sentence, lead))
        lead = piece if found else f"{lead} {piece}"
        sentence += piece in SENTENCE_ENDS or piece in CONTRASTS
        found = []
    return tuple(clauses)


def joined(clauses: tuple[Clause, ...]) -> tuple[tuple[Token, ...], ...]:
    """The tokens of the clauses, one run for each sentence."""
    numbers = dict.fromkeys(clause.sentence for clause in clauses)
    return tuple(tuple(token for c in clauses if c.sentence == number for token in c.with_lead) for number in numbers)


def _tokens(found: list[str]) -> list[Token]:
    tokens: list[Token] = []
    negated, negator = False, ""
    for position, word in enumerate(found):
        if word in NEGATORS:
            negated, negator = (not negated or word != "without"), word
            if CLAUSE_WIDE & set(found[position + 1 : position + 1 + REACH]):
                tokens = [replace(token, negated=True) for token in tokens]
            if position == len(found) - 1:
                tokens.append(Token("<no>", "<no>"))
            continue
        if (word == "and" and "nor" not in found) or (word in SUBJECTS and negator in ENDED_BY_A_SUBJECT):
            negated = False
        tokens.append(Token(word, stem(word), read_token(word), negated))
        negated = negated and negator != "non_"
    return tokens
