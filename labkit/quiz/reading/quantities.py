"""Numbers with units: "15 minutes", "900 s", "a quarter of an hour" and "0.25 h" are one quantity."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from math import isclose

SECONDS = {
    "ms": 0.001, "msec": 0.001, "millisecond": 0.001, "s": 1, "sec": 1, "second": 1,
    "m": 60, "mn": 60, "min": 60, "minute": 60, "minut": 60, "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600,
    "d": 86_400, "day": 86_400, "week": 604_800, "month": 2_629_800, "year": 31_557_600,
}  # fmt: skip
MEGABYTES = {
    "kb": 1 / 1024, "kib": 1 / 1024, "mb": 1, "mib": 1, "megabyte": 1, "gb": 1024, "gib": 1024, "gigabyte": 1024,
    "tb": 1024**2,
}  # fmt: skip
UNITS = {name: ("time", size) for name, size in SECONDS.items()}
UNITS |= {name: ("memory", size) for name, size in MEGABYTES.items()} | {"%": ("percent", 1), "percent": ("percent", 1)}
UNITS |= {"$": ("money", 1), "usd": ("money", 1), "dollar": ("money", 1), "cent": ("money", 0.01)}
UNITS |= {"gbs": ("gigabyte-seconds", 1)}
SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
NUMBER_WORDS = frozenset({*SMALL, *TENS, *SCALES, "half", "quarter"})
UNIT_WORDS = frozenset(name for name in UNITS if name.isalpha())

ANY_UNIT = "|".join(
    sorted((re.escape(name) + ("s?" if len(name) > 2 else "") for name in UNITS), key=len, reverse=True)
)
LONG_TIME = r"(?:hours?|hr|h|minutes?|mins?|days?|weeks?|years?)"
NUMBER = r"(?<![\w.,/])(\d+(?:\.\d+)?|\.\d+)"
SPELT_ONE = rf"(?:{'|'.join([*SMALL, *TENS, *SCALES])})"
SPELT = re.compile(
    rf"\b(?:an? (?=hundred|thousand|million))?({SPELT_ONE}(?:(?:(?<=hundred) and|(?<=thousand) and)? {SPELT_ONE})*)\b"
)
WITH_UNIT = re.compile(rf"{NUMBER}\s*({ANY_UNIT})(?!\w|/\d)")
TOKEN = re.compile(r"\[(time|memory|percent|money|gigabyte-seconds|number):([\d.]+)\]")
ENGLISH_NUMBER = re.compile(r"\d+(?:[.,]\d+)+")
WELL_FORMED = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in its dimension's base unit: seconds, MB, percent, or a plain number."""

    dimension: str
    value: float

    def equals(self, other: Quantity) -> bool:
        """Whether both are the same amount of the same thing."""
        return self.dimension == other.dimension and isclose(self.value, other.value, rel_tol=1e-6)


def mark_up(text: str) -> str:
    """The normalised text with each number and its unit replaced by a token such as `[time:900]`."""
    text = re.sub(r"(?<=\d)[, \u202f](?=\d{3}(?!\d))", "", text)
    text = re.sub(r"[$]\s?(\d+(?:\.\d+)?|\.\d+)", r"\1 usd ", text)
    text = re.sub(r"\b(?:gb|gigabytes?)[- ]?(?:s|secs?|seconds?)\b", "gbs", text)
    text = re.sub(r"(?<=\d)'(?![\w'])", " minutes", text)
    text = re.sub(r"\b([1-9]\d?)\.(?=000\b)", r"\1", text)
    text = re.sub(r"\b10 ?(?:\^|\*\*) ?(\d)\b", lambda found: f"{10 ** int(found[1])}", text)
    text = re.sub(rf"\b({SPELT_ONE})\s?\((\d+)\)", r"\2", text)
    text = re.sub(rf"(\d)\s?\(\s?({ANY_UNIT})\s?\)", r"\1 \2", text)
    text = re.sub(
        rf"{NUMBER} (hundred|thousand|million)\b", lambda found: f"{float(found[1]) * SCALES[found[2]]:.10g}", text
    )
    text = _fractions(SPELT.sub(_spelt, text))
    text = re.sub(rf"{NUMBER}\s?k\b", lambda found: f"{1000 * float(found[1]):g}", text)
    text = re.sub(rf"{NUMBER}\s?(?:-|\.\.+)\s?(?=\d)", r"\1 to ", text)
    text = re.sub(r"\b(\d\d?):(\d\d):(\d\d)\b", lambda t: f"{3600 * int(t[1]) + 60 * int(t[2]) + int(t[3])} s", text)
    text = re.sub(r"\b(\d\d?):(\d\d)\b(?: ?min(?:ute)?s?)?", lambda t: f"{60 * int(t[1]) + int(t[2])} s", text)
    text = re.sub(rf"{NUMBER}(?= (?:to|or|and) (\d+(?:\.\d+)?)\s*({ANY_UNIT})(?!\w))", r"\1 \3", text)
    text = WITH_UNIT.sub(_with_unit, text)
    text = re.sub(rf"(?<!:){NUMBER}(?![\w:]|/\d)", lambda found: _token("number", float(found[1])), text)
    return re.sub(r"(\[time:[\d.]+\])(?: (?:and )?(\[time:[\d.]+\]))+", _sum_of_falling_units, text)


def number_styles(text: str) -> list[str]:
    """The text as English writes numbers, and as the continent does (`1.500,25`), where both can be read so."""
    swapped = re.sub(r"(?<=\d)['’](?=\d{3}(?!\d))", "", text)
    swapped = ENGLISH_NUMBER.sub(lambda found: found[0].translate(str.maketrans(".,", ",.")), swapped)
    return [one for one in dict.fromkeys([text, swapped]) if _is_well_formed(one)] or [text]


def _is_well_formed(text: str) -> bool:
    return all(WELL_FORMED.fullmatch(number) for number in ENGLISH_NUMBER.findall(text))


def read_token(text: str) -> Quantity | None:
    """The quantity of a token that `mark_up` made; None for any other word."""
    found = TOKEN.fullmatch(text)
    return Quantity(found[1], float(found[2])) if found else None


def quantities_in(text: str) -> list[Quantity]:
    """All quantities of a normalised text, in order."""
    return [Quantity(found[1], float(found[2])) for found in TOKEN.finditer(mark_up(text))]


def _token(dimension: str, value: float) -> str:
    return f"[{dimension}:{value:.6f}".rstrip("0").rstrip(".") + "]"


def _with_unit(found: re.Match[str]) -> str:
    name = found[2] if found[2] in UNITS else found[2].removesuffix("s")
    dimension, size = UNITS[name]
    return _token(dimension, float(found[1]) * size)


def _spelt(found: re.Match[str]) -> str:
    words = [word for word in found[1].split() if word != "and"]
    if words == ["one"] and not re.match(rf"[ ](?:{ANY_UNIT})\b", found.string[found.end() :]):
        return found[0]
    total, group = 0, 0
    for word in words:
        if word == "hundred":
            group = (group or 1) * 100
        elif word in SCALES:
            total, group = total + (group or 1) * SCALES[word], 0
        else:
            group += SMALL.get(word, TENS.get(word, 0))
    return str(total + group)


def _fractions(text: str) -> str:
    text = re.sub(rf"\b(an?|1) ({LONG_TIME}) and (?:a )?(half|quarter)\b", lambda t: f"1{_decimals(t[3])} {t[2]}", text)
    text = re.sub(rf"\b(\d+) and a (half|quarter) ({LONG_TIME})\b", lambda t: f"{t[1]}{_decimals(t[2])} {t[3]}", text)
    text = re.sub(rf"\b(?:3|three) quarters of an ({LONG_TIME})\b", r"0.75 \1", text)
    part = rf"\b(?:a |an |1 |one )?(half|quarter|fourth)(?: of)?(?: an?| 1| one)? ({LONG_TIME})\b"
    text = re.sub(part, lambda t: f"0{_decimals(t[1])} {t[2]}", text)
    text = re.sub(rf"\b(\d+)\s?[/⁄]\s?(\d+)(?: of)?(?: an?)? ({LONG_TIME})\b", _slash, text)
    return re.sub(rf"\ban? ({LONG_TIME})\b", r"1 \1", text)


def _decimals(fraction: str) -> str:
    return ".5" if fraction == "half" else ".25"


def _slash(found: re.Match[str]) -> str:
    return f"{int(found[1]) / (int(found[2]) or 1):.10g} {found[3]}"


def _sum_of_falling_units(found: re.Match[str]) -> str:
    """ "14 minutes and 60 seconds" is one duration; "15 minutes and 900 seconds" names it twice."""
    values = [float(value) for _, value in TOKEN.findall(found[0])]
    falling = all(_continues(first, later) for first, later in pairwise(values))
    return _token("time", sum(values)) if falling else found[0]


def _continues(first: float, later: float) -> bool:
    return (first % 60 == 0 and later <= 60) or (first % 3600 == 0 and later <= 3600)
