"""Questions as Moodle XML (https://docs.moodle.org/en/Moodle_XML_format)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from xml.etree import ElementTree as xml
from xml.etree.ElementTree import Element, SubElement

from labkit.quiz.exchange.parts import Exported, explanation_of, in_base_unit, shares, topic_of, unplaced
from labkit.quiz.question import Question

NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TYPES = {
    "single": "multichoice", "multiple": "multichoice", "numeric": "numerical", "matching": "matching",
    "ordering": "ordering", "text": "essay",
}  # fmt: skip


def as_moodle_xml(questions: Sequence[Question]) -> Exported:
    """The questions as Moodle XML, a category for each topic. Questions of ordering need Moodle 4.4 or later."""
    quiz, category = Element("quiz"), ""
    for question in questions:
        if question.type not in TYPES:
            continue
        if topic_of(question) != category:
            category = topic_of(question)
            _text(SubElement(SubElement(quiz, "question", type="category"), "category"), f"$course$/labkit/{category}")
        quiz.append(_question(question))
    xml.indent(quiz)
    labs = [question for question in questions if question.type not in TYPES]
    text = xml.tostring(quiz, encoding="unicode", xml_declaration=True)
    return Exported(text, unplaced(labs, "Moodle has no hands-on work of this kind"))


def _question(question: Question) -> Element:
    element = Element("question", type=TYPES[question.type])
    _text(SubElement(element, "name"), question.id)
    _text(SubElement(element, "questiontext", format="plain_text"), question.prompt)
    _text(SubElement(element, "generalfeedback", format="plain_text"), explanation_of(question))
    SubElement(element, "defaultgrade").text = "1"
    if question.hint:
        _text(SubElement(element, "hint", format="plain_text"), question.hint)
    FILL[question.type](element, question)
    tags = SubElement(element, "tags")
    for tag in (question.domain, f"difficulty {question.difficulty}", *question.facts):
        _text(SubElement(tags, "tag"), tag)
    return element


def _choice(element: Element, question: Question) -> None:
    several = question.type == "multiple"
    SubElement(element, "single").text = str(not several).lower()
    SubElement(element, "shuffleanswers").text = "true"
    SubElement(element, "answernumbering").text = "ABCD"
    share = shares(len(question.body.right))
    for option in question.body.options:
        _answer(element, share if option.right else -share * several, option.text, option.why)


def _numeric(element: Element, question: Question) -> None:
    value, unit = in_base_unit(question.body.value)
    right = _answer(element, 100, f"{value:.15g}", "")
    SubElement(right, "tolerance").text = f"{question.body.tolerance:.15g}"
    for slip in question.body.slips:
        SubElement(_answer(element, 0, f"{in_base_unit(slip.value)[0]:.15g}", slip.why), "tolerance").text = "0"
    if unit:
        one = SubElement(SubElement(element, "units"), "unit")
        SubElement(one, "multiplier").text = "1"
        SubElement(one, "unit_name").text = unit


def _matching(element: Element, question: Question) -> None:
    SubElement(element, "shuffleanswers").text = "true"
    body = question.body
    for item, text in [*((pair.item, body.texts[pair.letter]) for pair in body.pairs), *_others(body)]:
        part = SubElement(element, "subquestion", format="plain_text")
        _text(part, item)
        _text(SubElement(part, "answer"), text)


def _others(body: object) -> list[tuple[str, str]]:
    return [("", body.texts[letter]) for letter in body.why_not]  # type: ignore[attr-defined]  # of a matching


def _ordering(element: Element, question: Question) -> None:
    for name, value in (("layouttype", "VERTICAL"), ("selecttype", "ALL"), ("selectcount", "0")):
        SubElement(element, name).text = value
    SubElement(element, "gradingtype").text = "RELATIVE_NEXT_EXCLUDE_LAST"
    for place, step in enumerate(question.body.steps, start=1):
        _answer(element, place, step.text, step.why)


def _essay(element: Element, question: Question) -> None:
    SubElement(element, "responseformat").text = "plain"
    _text(SubElement(element, "graderinfo", format="plain_text"), explanation_of(question))


def _answer(element: Element, fraction: float, text: str, why: str) -> Element:
    answer = SubElement(element, "answer", fraction=f"{fraction:g}", format="plain_text")
    _text(answer, text)
    _text(SubElement(answer, "feedback", format="plain_text"), why)
    return answer


def _text(element: Element, text: str) -> None:
    SubElement(element, "text").text = NOT_IN_XML.sub("", text)


FILL: dict[str, Callable[[Element, Question], None]] = {
    "single": _choice,
    "multiple": _choice,
    "numeric": _numeric,
    "matching": _matching,
    "ordering": _ordering,
    "text": _essay,
}
