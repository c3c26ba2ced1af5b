"""What a student gets of an assignment: the questions with the own numbers, and nothing that tells what is right."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.classroom.assignment import Assignment
from labkit.classroom.texts import as_id
from labkit.mistake import BadValue
from labkit.quiz.question import Explanation, Question

FORMAT = "labkit paper 1"
LARGEST = 5_000_000  # bytes
IDS = ("student", "SIS Login ID", "ID number", "Username", "Email address")  # columns of a list of students


@dataclass(frozen=True, slots=True)
class Choosable:
    """A text with its letter."""

    letter: str
    text: str


@dataclass(frozen=True, slots=True)
class Numbered:
    """An item of a matching question."""

    number: int
    item: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to choose from, put in order or match; what a question of its type needs to be asked."""

    options: tuple[Choosable, ...] = ()
    shown: tuple[Choosable, ...] = ()
    pairs: tuple[Numbered, ...] = ()
    texts: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A student's questions; they can be asked, and not be marked."""

    title: str
    student: str
    questions: tuple[Question, ...]


def paper_of(assignment: Assignment, student: str) -> str:
    """The content of a student's file; `BadValue` when the assignment names no questions."""
    if not assignment.questions:
        raise BadValue("the assignment names no questions; give it `exam: FILE` or `questions: [TOPIC, …]`")
    asked = [assignment.bank.get(assignment.own_id(plain, student)) for plain in assignment.questions]
    questions = [_without_key(question) for question in asked if question.type != "lab"]
    content = {"format": FORMAT, "title": assignment.title, "student": student, "questions": questions}
    return json.dumps(content, indent=1, ensure_ascii=False)


def read_paper(path: Path) -> Paper:
    """The paper in a file; `BadValue` when it is none."""
    try:
        with open(path, "rb") as file:
            given = json.loads(file.read(LARGEST))
        if given["format"] != FORMAT:
            raise ValueError(given["format"])
        return Paper(given["title"], given["student"], tuple(map(_question, given["questions"])))
    except OSError as error:
        raise BadValue(f"the paper {path} can't be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadValue(f"{path} is no paper; give the file that your teacher has made for you") from None


def students_in(path: Path) -> tuple[str, ...]:
    """The ids in a CSV file, such as a gradebook of Canvas or Moodle; `BadValue` names the columns they may be in."""
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadValue(f"the students in {path} can't be read: {error}") from None
    column = next((name for name in IDS if rows and name in rows[0]), None)
    if column is None:
        raise BadValue(f"{path} has no column with students' ids; name one of its columns {', '.join(IDS)}")
    return tuple(dict.fromkeys(found for row in rows if (found := as_id(row[column] or ""))))


def _without_key(question: Question) -> dict[str, Any]:
    """Only what is named here leaves the teacher's machine."""
    body = question.body
    return {
        "id": question.id,
        "type": question.type,
        "prompt": question.prompt,
        "options": [[option.letter, option.text] for option in getattr(body, "options", ())],
        "steps": [[step.letter, step.text] for step in getattr(body, "shown", ())],
        "items": [[pair.number, pair.item] for pair in getattr(body, "pairs", ())],
        "texts": dict(getattr(body, "texts", {})),
    }


def _question(given: Mapping[str, Any]) -> Question:
    options, steps = ([Choosable(*one) for one in given[name]] for name in ("options", "steps"))
    items = tuple(Numbered(*one) for one in given["items"])
    body = Shown(tuple(options), tuple(steps), items, given["texts"])
    return Question(given["id"], given["type"], given["prompt"], body, Explanation(""), "", 1, "", "")
