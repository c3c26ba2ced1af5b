"""The stretches of an answer within which a statement must stand: a clause, a sentence or the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from labkit.quiz.reading.clauses import Clause, Token, joined
from labkit.quiz.reading.search import Passage

Window = Literal["clause", "sentence", "answer"]


class Windows:
    """The passages of an answer, each made once, when it is first asked for."""

    def __init__(self, clauses: tuple[Clause, ...]):
        self.clauses = clauses
        self._made: dict[tuple[Window, str], tuple[Passage, ...]] = {}

    def passages(self, within: Window, about: str) -> tuple[Passage, ...]:
        """The passages of this size; with a topic, of the clauses that speak of it only."""
        if (within, about) not in self._made:
            spoken = tuple(clause for clause in self.clauses if not about or clause.topic == about)
            self._made[within, about] = tuple(map(Passage, _stretches(within, spoken)))
        return self._made[within, about]


def _stretches(within: Window, clauses: tuple[Clause, ...]) -> Iterable[tuple[Token, ...]]:
    if within == "clause":
        return [clause.with_lead for clause in clauses]
    if within == "sentence":
        return joined(clauses)
    return [tuple(token for clause in clauses for token in clause.with_lead)]
