"""Which answers in free text are alike, word for word or nearly so.

Two texts are compared by the runs of three words that both have, as tools against plagiarism do (Schleimer, Wilkerson,
Aiken: Winnowing, SIGMOD 2003). That finds a sentence with some words changed, and no shared opinion.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from labkit.classroom.texts import digest_of_text

SENTENCE = 10  # words, from which on a text is compared at all
RUN = 3  # words
NEARLY = 0.5  # of the runs that either has, both have; two of twenty words may differ
COMMON = 40  # texts with the same run, from which on it is a phrase of the subject that tells nothing
Runs = frozenset[str]


@dataclass(slots=True)
class Likeness:
    """The texts of one question's answers, added one by one; the same text of many is kept once."""

    _authors: dict[Runs, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, author: str, text: str) -> None:
        """An answer; one of less than a sentence is not compared."""
        words = re.findall(r"\w+", text.lower())
        if len(words) >= SENTENCE:
            self._authors[_runs(words)].add(author)

    def same(self) -> Iterator[list[str]]:
        """The authors, by name, of each text that several have in the very words."""
        for authors in self._authors.values():
            if len(authors) > 1:
                yield sorted(authors)

    def nearly(self) -> Iterator[tuple[str, str, float]]:
        """Two authors whose texts are nearly the same, and how much of their runs is shared, 0 to 1."""
        texts = list(self._authors)
        for one, other, shared in _shared(texts):
            alike = shared / (len(texts[one]) + len(texts[other]) - shared)
            if alike >= NEARLY:
                for author in self._authors[texts[one]]:
                    yield from ((author, also, alike) for also in self._authors[texts[other]] if also != author)


def _runs(words: list[str]) -> Runs:
    runs = (" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1))
    return frozenset(digest_of_text(run)[:16] for run in runs)


def _shared(texts: list[Runs]) -> Iterator[tuple[int, int, int]]:
    """Two texts by their places, and how many runs they share, for those that share any which is not common."""
    having: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        for run in text:
            having[run].append(place)
    for place, text in enumerate(texts):
        others = Counter(other for run in text if len(having[run]) <= COMMON for other in having[run] if other > place)
        for other in others:
            yield place, other, len(text & texts[other])
