"""Small words of English by their work in a sentence, and the words that are no typing mistakes as they stand."""

from __future__ import annotations

from pathlib import Path


def words(text: str) -> frozenset[str]:
    """The set of the words of a text."""
    return frozenset(text.split())


NEGATORS = words("not no never without nothing neither nor hardly none nobody instead_of non_")
AUXILIARIES = words(
    "is are was were be been being am do does did has have had can could will would shall should may might must need"
)
ARTICLES = words("a an the its it your our my their of aws amazon is are be been being")
FILLERS = (
    AUXILIARIES
    | ARTICLES
    | words(
        "this that these those own his her to by for in on at as so just only also simply really very actually "
        "basically s which with"
    )
)
KNOWN_WORDS = words((Path(__file__).parent / "english.txt").read_text(encoding="utf-8")) | NEGATORS | FILLERS
