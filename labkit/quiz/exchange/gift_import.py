"""From GIFT to a file of the bank: `labkit quiz convert`. What GIFT does not know is left for its author to fill in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from labkit.mistake import Mistake
from labkit.quiz.exchange.parts import LeftOut

MARKUP = re.compile(r"^\s*\[(?:html|moodle|plain|markdown)\]\s*")
TITLE = re.compile(r"^::((?:\\.|[^:\\]|:(?!:))*)::", re.DOTALL)
UNIT = re.compile(r"\s*\[in ([^\]]+)\]$")
WEIGHT = re.compile(r"^%(-?[\d.]+)%")
TRUE_FALSE = {"T": True, "TRUE": True, "F": False, "FALSE": False}


class GiftError(Mistake, ValueError):
    """A GIFT file can't be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a GIFT question; `weight` in percent."""

    text: str
    weight: float
    feedback: str = ""

    @property
    def right(self) -> bool:
        """Whether it earns anything."""
        return self.weight > 0


@dataclass(frozen=True, slots=True)
class Block:
    """A GIFT question's text, the line on which it begins, and what is between its braces."""

    line: int
    prompt: str
    body: str
    title: str = ""


def from_gift(text: str) -> tuple[str, tuple[LeftOut, ...]]:
    """A file of the bank with the questions of a GIFT text, and those that have no place in it.

    `GiftError` names the line of what can't be read.
    """
    entries, left_out, used = [], [], set[str]()
    for block in _blocks(text):
        entry = _entry(block)
        name = _slug(block.title or block.prompt, used)
        if isinstance(entry, str):
            left_out.append(LeftOut(f"line {block.line}", entry))
        else:
            entries.append({"id": name, **entry})
    if not entries:
        raise GiftError("There is no question in this text that could be taken; a GIFT question has answers in braces.")
    return yaml.safe_dump({"questions": entries}, sort_keys=False, allow_unicode=True, width=110), tuple(left_out)


# From the text to blocks.


def _blocks(text: str) -> Iterator[Block]:
    lines: list[str] = []
    start = 0
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        if line.strip().startswith(("//", "$CATEGORY:")):
            continue
        if line.strip():
            start = start if lines else number
            lines.append(line.strip())
        elif lines:
            yield _block("\n".join(lines), start)
            lines = []


def _block(source: str, line: int) -> Block:
    title = TITLE.match(source)
    rest = source[title.end() :] if title else source
    opening, closing = _brace("{", rest, line), _brace("}", rest, line)
    if closing < opening:
        raise GiftError(f"line {line}: a }} stands before the {{; write \\}} for a brace that is only text")
    before, after = rest[:opening], rest[closing + 1 :].strip()
    prompt = f"{before.strip()} _____ {after}" if after else before
    return Block(
        line, _plain(MARKUP.sub("", prompt)), rest[opening + 1 : closing].strip(), _plain(title[1] if title else "")
    )


def _brace(sign: str, text: str, line: int) -> int:
    found = _places(re.escape(sign), text)
    if len(found) != 1:
        raise GiftError(
            f"line {line}: the question has {len(found)} times {sign}, where one belongs; write \\{sign} for a brace "
            "that is only text, and an empty line between questions"
        )
    return found[0]


def _places(pattern: str, text: str) -> list[int]:
    """Where the pattern stands without a backslash before it."""
    return [found.start(1) for found in re.finditer(rf"\\.|({pattern})", text, re.DOTALL) if found[1]]


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], " ".join(text.split("\n"))).strip()


# From a block to an entry of the bank.


def _entry(block: Block) -> dict[str, Any] | str:
    """The entry, or why there is none."""
    body, _, general = _split_at(block.body, "####")
    told = {"explanation": {"exam": _plain(general)}} if general.strip() else {}
    unit = UNIT.search(block.prompt)
    prompt = {"prompt": UNIT.sub("", block.prompt)}
    if not body.strip():
        return "an essay has no answer to mark it by; write a rubric for it"
    if body.startswith("#"):
        return {"type": "numeric", **prompt, **_numeric(body[1:], unit[1] if unit else "", block.line), **told}
    if (sign := body.partition("#")[0].strip().upper()) in TRUE_FALSE:
        return {"type": "single", **prompt, **_true_false(TRUE_FALSE[sign], body), **told}
    answers = _answers(body, block.line)
    if all(" -> " in answer.text or answer.text.startswith("-> ") for answer in answers):
        return {"type": "matching", **prompt, **_matching(answers), **told}
    kind, fields = _choice_or_text(answers, body)
    return {"type": kind, **prompt, **fields, **told}


def _choice_or_text(answers: list[Answer], body: str) -> tuple[str, dict[str, Any]]:
    if not _places("~", body):
        return "text", _short_answer(answers)
    kind = "multiple" if sum(answer.right for answer in answers) > 1 else "single"
    return kind, {"options": [_option(answer) for answer in answers]}


def _option(answer: Answer) -> dict[str, Any]:
    right = {"right": True} if answer.right else {}
    why = {"why": answer.feedback} if answer.feedback else {}
    return {"text": answer.text, **right, **why}


def _true_false(right: bool, body: str) -> dict[str, Any]:
    _, _, feedback = _split_at(body, "#")
    whys = [_plain(one) for one in _split_at(feedback, "#")[::2]]  # for a wrong answer, then for a right one
    texts = {"True": right, "False": not right}
    ordered = dict(zip((False, True), whys, strict=True))
    return {"options": [_option(Answer(text, 100.0 * is_right, ordered[is_right])) for text, is_right in texts.items()]}


def _numeric(body: str, unit: str, line: int) -> dict[str, Any]:
    answers = _answers(body, line) if body.lstrip()[:1] in ("=", "~") else [_answer(body, 100)]
    right = [answer for answer in answers if answer.right]
    if len(right) != 1:
        raise GiftError(f"line {line}: {len(right)} numbers are right, where one belongs")
    value, tolerance = _value_and_tolerance(right[0].text, line)
    slips = [(_value_and_tolerance(answer.text, line)[0], answer.feedback) for answer in answers if not answer.right]
    return {
        "value": _with_unit(value, unit),
        **({"tolerance": _with_unit(tolerance, unit)} if tolerance else {}),
        **({"mistakes": [{"value": _with_unit(wrong, unit), "why": why} for wrong, why in slips]} if slips else {}),
    }


def _value_and_tolerance(text: str, line: int) -> tuple[float, float]:
    try:
        if ".." in text:
            low, high = (float(end) for end in text.split(".."))
            return (low + high) / 2, (high - low) / 2
        value, _, tolerance = text.partition(":")
        return float(value), float(tolerance or 0)
    except ValueError:
        raise GiftError(f"line {line}: {text!r} is no number; write 900, 900:1 or 899..901") from None


def _with_unit(value: float, unit: str) -> str:
    return f"{value:.15g} {unit}".strip()


def _matching(answers: list[Answer]) -> dict[str, Any]:
    pairs, others = [], []
    for answer in answers:
        item, _, match = (part.strip() for part in answer.text.partition("->"))
        if item:
            pairs.append({"item": item, "match": match})
        else:
            others.append({"text": match})
    return {"pairs": pairs, **({"others": others} if others else {})}


def _short_answer(answers: list[Answer]) -> dict[str, Any]:
    full = [answer.text for answer in answers if answer.weight >= 100]
    concept = {"says": full[0] if full else answers[0].text, "any": full or [answers[0].text]}
    return {"rubric": {"names_suffice": True, "concepts": {"answer": concept}, "scores": {1: ["answer"]}}}


def _answers(body: str, line: int) -> list[Answer]:
    starts = _places("[=~]", body)
    if not starts or body[: starts[0]].strip():
        raise GiftError(f"line {line}: {body[:40]!r} is no list of answers; each begins with = (right) or ~ (wrong)")
    ends = [*starts[1:], len(body)]
    return [_answer(body[a + 1 : b], 100 if body[a] == "=" else 0) for a, b in zip(starts, ends, strict=True)]


def _answer(source: str, weight: float) -> Answer:
    source = source.strip()
    if found := WEIGHT.match(source):
        source, weight = source[found.end() :], float(found[1])
    text, _, feedback = _split_at(source, "#")
    return Answer(_plain(MARKUP.sub("", text)), weight, _plain(feedback))


def _split_at(text: str, sign: str) -> tuple[str, str, str]:
    """Cut at the first `sign` that is not escaped."""
    places = _places(re.escape(sign), text)
    return (text[: places[0]], sign, text[places[0] + len(sign) :]) if places else (text, "", "")


def _slug(title: str, used: set[str]) -> str:
    """A short id of the title, other than those used."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.rpartition("/")[2].lower()).strip("-")[:40].strip("-") or "question"
    numbered = (f"{plain}-{number}" for number in range(2, len(used) + 2))
    name = next(one for one in (plain, *numbered) if one not in used)
    used.add(name)
    return name
