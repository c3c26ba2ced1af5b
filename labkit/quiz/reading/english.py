"""The words that are English as they stand, so that none of them is taken for a typing mistake."""

from __future__ import annotations

from pathlib import Path

NEGATORS = frozenset("not no never without nothing neither nor hardly none nobody instead_of non_".split())
AUXILIARIES = frozenset(
    "is are was were be been being am do does did has have had can could will would shall should may might must need".split()
)
ARTICLES = frozenset("a an the its your our my their of aws amazon is are be been being".split())
FILLERS = AUXILIARIES | frozenset(
    "a an the of its it this that these those own your my our their his her to by for in on at as so just only also simply "
    "really very actually basically aws amazon s which with".split()
)
KNOWN_WORDS = frozenset((Path(__file__).parent / "english.txt").read_text(encoding="utf-8").split()) | NEGATORS | FILLERS
