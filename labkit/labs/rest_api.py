"""Lab: a REST API for notes, which answers what is wrong with a request instead of failing."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import boto3

from labkit.labs.deployed import when_deployed
from labkit.labs.front import Answer, Front, in_front_of
from labkit.labs.report import Criterion
from labkit.labs.surroundings import table

NAME = "notes"
TABLE = COLLECTION = "notes"
WORDS = ("tea", "für zwei", '"now"', "a\\b", "100 %")
NOT_JSON = ("tea", '{"text": ', None)  # bodies; None is none at all
Note = dict[str, str]

ONE = "GET of one note answers 200 with its id and text."
ALL = "GET of /notes answers 200 with the list of all notes."
STORED = "PUT stores a note, also over an older one, and answers 200."
UNKNOWN = "GET of a note that does not exist answers 404."
NO_JSON = "PUT with a body that is no JSON, or without one, answers 400."
ASKED = (ONE, ALL, STORED, UNKNOWN, NO_JSON)


@when_deployed(NAME, *ASKED)
def criteria(draw: random.Random) -> tuple[Criterion, ...]:
    """Whether notes that were not shown are read, listed and stored over HTTP, and bad requests refused."""
    notes = [_note(draw, number) for number in draw.sample(range(10_000, 100_000), 5)]
    *there, new, unknown = notes
    with table(TABLE), _stored_first(there, new), in_front_of(NAME, COLLECTION) as front:
        return (
            _one(front, there[0]),
            _all(front, there),
            _stored(front, new, there[1] | {"text": "newer"}),
            _judged(UNKNOWN, front.ask("GET", f"/{COLLECTION}/{unknown['id']}"), 404),
            _no_json(front, there[2]),
        )


def _note(draw: random.Random, number: int) -> Note:
    return {"id": f"note-{number}", "text": f"{draw.randrange(1, 100)} {draw.choice(WORDS)}"}


def _one(front: Front, note: Note) -> Criterion:
    answer = front.ask("GET", f"/{COLLECTION}/{note['id']}")
    return _judged(ONE, answer, 200, answer.json() == note, f"{json.dumps(note)} is right")


def _all(front: Front, notes: list[Note]) -> Criterion:
    answer = front.ask("GET", f"/{COLLECTION}")
    listed = answer.json()
    met = isinstance(listed, list) and all(note in listed for note in notes)
    return _judged(ALL, answer, 200, met, f"among others, {json.dumps(notes[0])} is to be in a list")


def _stored(front: Front, *notes: Note) -> Criterion:
    for note in notes:
        answer = front.ask("PUT", f"/{COLLECTION}/{note['id']}", json.dumps({"text": note["text"]}))
        found = _stored_note(note["id"])
        told = _judged(STORED, answer, 200, found == note, f"the table then has {json.dumps(found)}")
        if not told.met:
            break
    return told


def _no_json(front: Front, note: Note) -> Criterion:
    for body in NOT_JSON:
        told = _judged(NO_JSON, front.ask("PUT", f"/{COLLECTION}/{note['id']}", body), 400)
        if not told.met:
            break
    return told


def _judged(asked: str, answer: Answer, status: int, right: bool = True, wanted: str = "") -> Criterion:
    if answer.status != status:
        reason = f", since {answer.why}" if answer.why else ""
        return Criterion(asked, False, f"{answer.request} was answered {answer.status}, not {status}{reason}.")
    if not right:
        return Criterion(asked, False, f"{answer.request} was answered {answer.text or 'nothing'}; {wanted}.")
    return Criterion(asked, True, f"{answer.request} was answered {status}.")


@contextmanager
def _stored_first(notes: Iterable[Note], new: Note) -> Iterator[None]:
    """The table has these notes meanwhile; neither they nor a new one stay."""
    stored = boto3.resource("dynamodb").Table(TABLE)
    for note in notes:
        stored.put_item(Item=note)
    try:
        yield
    finally:
        for note in (*notes, new):
            stored.delete_item(Key={"id": note["id"]})


def _stored_note(note_id: str) -> Note | None:
    found: Note | None = boto3.resource("dynamodb").Table(TABLE).get_item(Key={"id": note_id}).get("Item")
    return found
