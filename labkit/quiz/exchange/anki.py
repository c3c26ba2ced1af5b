"""Questions as an Anki package, a deck for each topic: recall on the front, the reasons on the back."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from labkit.facts import FACTS
from labkit.mistake import Mistake
from labkit.quiz.exchange.parts import LeftOut, explanation_of, in_base_unit, unplaced
from labkit.quiz.question import Question

NAME = "labkit question"
FIELDS = ("Id", "Question", "Answer", "Why", "Explanation", "Source")
FRONT = "{{Question}}"
BACK = (
    "{{FrontSide}}<hr id=answer><p><b>{{Answer}}</b></p>{{Why}}<p>{{Explanation}}</p><p><small>{{Source}}</small></p>"
)


class NoAnki(Mistake, ImportError):
    """The library that writes Anki packages is not installed; the message says how to get it."""


def write_anki(topics: Mapping[str, tuple[str, Sequence[Question]]], path: Path) -> tuple[LeftOut, ...]:
    """Write the questions of `topics` (title and questions by name) to a package; hands-on work is left out.

    A note keeps its id from export to export, so that importing again changes notes and doubles none. `NoAnki` when
    genanki is missing.
    """
    try:
        import genanki
    except ImportError:
        raise NoAnki("Anki packages need genanki; install it with: pip install -e '.[export]'") from None
    model = genanki.Model(
        _number(NAME),
        NAME,
        fields=[{"name": field} for field in FIELDS],
        templates=[{"name": "Recall", "qfmt": FRONT, "afmt": BACK}],
    )
    decks = []
    for name, (title, questions) in topics.items():
        deck = genanki.Deck(_number(f"labkit/{name}"), f"labkit::{title}")
        for question in questions:
            if question.type != "lab":
                deck.add_note(_note(genanki, model, question))
        decks.append(deck)
    genanki.Package(decks).write_to_file(str(path))
    labs = [question for _, questions in topics.values() for question in questions if question.type == "lab"]
    return unplaced(labs, "Anki asks what you recall; this is hands-on work")


def _note(genanki: Any, model: Any, question: Question) -> Any:
    shown, answer, why = _sides(question)
    front = f"<p>{html.escape(question.prompt)}</p>{_list(shown)}"
    source = f"{question.source}, {question.as_of}. {' '.join(_fact(fact) for fact in question.facts)}"
    fields = [question.id, front, html.escape(answer), _list(why), explanation_of(question), source]
    escaped = [html.escape(fields[0]), *fields[1:4], *map(html.escape, fields[4:])]
    tags = [question.domain, f"difficulty-{question.difficulty}"]
    return genanki.Note(model=model, fields=escaped, tags=tags, guid=genanki.guid_for("labkit", question.id))


def _sides(question: Question) -> tuple[list[str], str, list[str]]:
    """What the front lists, the answer, and the reasons."""
    body = question.body
    match question.type:
        case "single" | "multiple":
            shown = [f"{option.letter}. {option.text}" for option in body.options]
            answer = "; ".join(f"{option.letter}. {option.text}" for option in body.right)
            return shown, answer, [f"{option.letter}: {option.why}" for option in body.options]
        case "numeric":
            value, unit = in_base_unit(body.value)
            return [], f"{value:,.10g} {unit}".strip(), [slip.why for slip in body.slips]
        case "ordering":
            return (
                [step.text for step in body.shown],
                " → ".join(s.text for s in body.steps),
                [s.why for s in body.steps],
            )
        case "matching":
            shown = [f"{pair.number}. {pair.item}" for pair in body.pairs]
            shown += [f"{letter}. {text}" for letter, text in body.texts.items()]
            answer = "; ".join(f"{pair.item}: {body.texts[pair.letter]}" for pair in body.pairs)
            return shown, answer, [f"{pair.item}: {pair.why}" for pair in body.pairs]
    return [], "; ".join(concept.says for concept in body.concepts), []


def _fact(fact: str) -> str:
    return f"{fact} ({FACTS[fact].as_of})." if fact in FACTS else f"{fact}."


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _number(name: str) -> int:
    """An id for Anki that stays the same for a name: 31 bits of its hash."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") >> 1
