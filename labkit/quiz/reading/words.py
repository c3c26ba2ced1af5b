"""Spelling: one form for the many ways to type a word, stems, and repair of typing mistakes."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from rapidfuzz.distance import OSA

from labkit.quiz.reading.english import KNOWN_WORDS, words
from labkit.quiz.reading.quantities import NUMBER_WORDS, UNIT_WORDS

NOT = re.compile(r"\b(do|does|did|ca|wo|is|are|was|were|could|should|would|has|have|had|need|must)n'?t\b")
FULL_FORMS = {"ca": "can", "wo": "will"}
REWRITES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in [
        (r"\bcannot\b", "can not"),
        (r"\b(\w+)'(?:s|re|ll|ve|d|m)\b", r"\1"),
        (r"\bi\.?\s?e\b\.?|\be\.?\s?g\b\.?", " for example "),
        (r"\b(vs|etc|approx|max|min|sec|secs|mins|hrs?)\.(?=\s|$)", r"\1 "),
        (r"\bb/c\b|\b(?:cuz|coz|bc)\b", "because"),
        (r"\bw/o\b", "without"),
        (r"\bw/", "with "),
        (r"!=|≠", " is not "),
        (r"<=|≤", " at most "),
        (r"[-=]+>|[→⇒➜➔➡»]|>+", " → "),
        (r"logs:\*", "all_log_actions"),
        (r"[“”\"*#~|•▪●`]|(?<!\w)_+|_+(?!\w)", " "),
        (r"(?<=\w)\.(?=(?:js|net)\b)", ""),
        (r"&|\s\+\s", " and "),
        (r"\s=\s|(?<=[a-z])=(?=[a-z])", " is "),
        (r"(?<=[^\W\d])[-‐‑](?=\w)|(?<=\d)[-‐‑](?=[^\W\d])", " "),
        (r"\s[-–—]+\s|[–—]+", " , "),
        (r"(?:^|\n)\s*(?:\(?[1-9a-h][.)]|-)\s+", " ; "),
        (r"\n", " ; "),
    ]
]
SUFFIXES = ("isation", "ation", "ies", "ing", "ed", "es", "s", "ly", "e")
KEPT_OF_SUFFIX = {"isation": "is", "ation": "at", "ies": "i"}
IRREGULAR = dict(
    pair.split(":")
    for pair in words("""
        built:build spun:spin made:make ran:run sent:send got:get kept:keep took:take taken:take began:begin wrote:write
        written:write gave:give given:give done:do gone:go went:go goes:go broke:break broken:break came:come held:hold
        brought:bring thrown:throw shrunk:shrink used:use uses:use using:use chose:choose chosen:choose
    """)
)
SHORTEST_STEM = 3
SHORTEST_REPAIRED = 4
SHORTEST_JOINED = 6
PLAIN_VOCABULARY = NUMBER_WORDS | UNIT_WORDS | words("minutes seconds hours because instead without maximum default")


def normalise(text: str) -> str:
    """Lower case, and one form for quotes, arrows, dashes, contractions and the usual abbreviations."""
    text = re.sub(r"[‘’´ʼ]", "'", unicodedata.normalize("NFKC", text).lower())
    text = NOT.sub(lambda found: f"{FULL_FORMS.get(found[1], found[1])} not", text)
    for pattern, replacement in REWRITES:
        text = pattern.sub(replacement, text)
    return " ".join(text.split())


@cache
def stem(word: str) -> str:
    """What a word's forms and synonyms share: initialise, initializing and initialisation give `initialis`."""
    base = _base(word)
    return SYNONYMS.get(base, base)


def _base(word: str) -> str:
    word = re.sub(r"([iy])z(?=[eia])", r"\1s", IRREGULAR.get(word, word))
    for suffix in SUFFIXES:
        base = word.removesuffix(suffix)
        if base == word or len(base) < SHORTEST_STEM or (suffix == "s" and base[-1] in "su"):
            continue
        if suffix in ("ing", "ed") and len(base) > SHORTEST_STEM and base[-1] == base[-2] and base[-1] not in "slz":
            base = base[:-1]
        return _final(base + KEPT_OF_SUFFIX.get(suffix, ""))
    return _final(word)


def _final(base: str) -> str:
    if len(base) <= SHORTEST_STEM:
        return base
    return re.sub(r"(?<=[^aeiou])y$", "i", base.removesuffix("e"))


# Of the words of a line, all mean the first.
SYNONYMS = {
    _base(word): _base(line.split()[0])
    for line in (Path(__file__).parent / "synonyms.txt").read_text(encoding="utf-8").splitlines()
    for word in line.split()
}
KNOWN_STEMS = frozenset(map(stem, KNOWN_WORDS))


class Speller:
    """Repairs typing mistakes towards a vocabulary, and joins words typed apart (`cloud watch`)."""

    def __init__(self, vocabulary: frozenset[str]):
        self._vocabulary = vocabulary
        self._stems = frozenset(map(stem, vocabulary))
        self._by_letter: dict[str, list[str]] = {}
        for word in sorted(vocabulary):
            if len(word) >= SHORTEST_REPAIRED:
                self._by_letter.setdefault(word[0], []).append(word)

    def repair(self, text: str) -> str:
        """The text with each unknown word replaced by the nearest of the vocabulary, if one is near enough."""
        joined = re.sub(r"\b([a-z]{3,}) (?=([a-z]+)\b)", self._join, text)
        return re.sub(r"(?<![\w/])[a-z]{4,}(?![\w/])", lambda found: self._nearest(found[0]), joined)

    def _join(self, pair: re.Match[str]) -> str:
        whole = pair[1] + pair[2]
        return pair[1] if len(whole) >= SHORTEST_JOINED and whole in self._vocabulary else pair[0]

    def _nearest(self, word: str) -> str:
        if word in KNOWN_WORDS or word in self._vocabulary or stem(word) in self._stems or _is_form_of_known(word):
            return word
        allowed = 1 if len(word) < 7 else 2
        candidates = self._by_letter.get(word[0], [])
        distance, best = min(((_distance(word, other), other) for other in candidates), default=(allowed + 1, word))
        return best if distance <= allowed and len(best) > distance + 2 else self._split(word)

    def _split(self, word: str) -> str:
        """Two words of the vocabulary typed as one (`executionrole`)."""
        places = [i for i in range(SHORTEST_STEM, len(word) - 2) if {word[:i], word[i:]} <= self._vocabulary]
        return f"{word[: places[0]]} {word[places[0] :]}" if places else word


def _is_form_of_known(word: str) -> bool:
    return word[-1] in "sdgy" and stem(word) in KNOWN_STEMS


def _distance(one: str, other: str) -> int:
    return min(OSA.distance(one, other), OSA.distance(stem(one), stem(other)))
