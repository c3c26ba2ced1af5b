"""The queue of doubtful marks: a CSV file in which a teacher fills in scores, which the next run takes over."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from labkit.classroom.graded import Answer, Graded, Lab, key_of
from labkit.classroom.questions import Questions
from labkit.classroom.texts import BYTE_ORDER_MARK, as_cell, put
from labkit.mistake import BadValue
from labkit.quiz.mark import scored

FILE = "review.csv"
COLUMNS = ("key", "student", "question", "asked", "answer", "doubt", "score", "comment")
DECIDED = "A person has decided this mark."


@dataclass(frozen=True, slots=True)
class Decision:
    """A score from 0 to 1 that a person gave, and a comment for the learner."""

    score: float
    comment: str


class Queue:
    """What waits for a person and what was decided; the file at `path` is read now, `write` is its new content."""

    def __init__(self, path: Path, bank: Questions):
        self._bank = bank
        rows = _rows(path) if path.exists() else {}
        self._decisions = {key: one for key, row in rows.items() if (one := _decision(path, row)) is not None}
        self._decided = {key: row for key, row in rows.items() if key in self._decisions}
        self._current: dict[str, dict[str, str]] = {}

    @property
    def waiting(self) -> int:
        """How many marks no person has decided yet."""
        return len(self._current.keys() - self._decisions.keys())

    def decided(self, graded: Graded) -> Graded:
        """The hand-in with what was decided of its marks; what is doubtful is noted for the file."""
        answers = {name: self._answer(graded.student, name, one) for name, one in graded.answers.items()}
        labs = {name: self._lab(graded, name, one) for name, one in graded.labs.items()}
        return replace(graded, answers=answers, labs=labs)

    def write(self) -> str:
        """The content of the file: what is doubtful, with the scores so far; no decision is lost."""
        return _content({**self._decided, **self._current}.values())

    def _answer(self, student: str, name: str, answer: Answer) -> Answer:
        if not answer.is_doubtful:
            return answer
        key = key_of(student, name, answer.given)
        doubt = answer.mark.feedback if answer.contested is None else f"The learner says: {answer.contested or '…'}"
        self._note(key, student, answer.question, self._bank.get(answer.question).prompt, as_text(answer.given), doubt)
        decision = self._decisions.get(key)
        if decision is None:
            return answer
        comment = decision.comment or DECIDED
        return replace(answer, mark=scored(decision.score, comment), contested=None, comment=comment)

    def _lab(self, graded: Graded, name: str, lab: Lab) -> Lab:
        if not lab.problem:
            return lab
        key = key_of(graded.student, name, graded.digest)
        self._note(
            key, graded.student, name, f"Lab {name}", f"the functions in hand-in {graded.digest[:12]}", lab.problem
        )
        decision = self._decisions.get(key)
        return lab if decision is None else replace(lab, problem="", decided=decision.score)

    def _note(self, key: str, *cells: str) -> None:
        row = dict(zip(COLUMNS, (key, *map(as_cell, cells), "", ""), strict=True))
        if key in self._decisions:
            row |= {column: self._decided[key][column] for column in ("score", "comment")}
        self._current[key] = row


def decide(path: Path, ask: Callable[[Mapping[str, str]], Decision | None]) -> None:
    """Have a person asked for each mark that waits; every answer is in the file before the next question."""
    rows = _rows(path)
    for row in [one for one in rows.values() if _decision(path, one) is None]:
        if (decided := ask(row)) is not None:
            row |= {"score": f"{decided.score:g}", "comment": as_cell(decided.comment)}
            put(path, _content(rows.values()))


def as_text(given: object) -> str:
    """An answer as a person reads it."""
    match given:
        case None:
            return ""
        case list():
            return ", ".join(map(str, given))
        case dict():
            return ", ".join(f"{key} {value}" for key, value in given.items())
    return str(given)


def _content(rows: Iterable[Mapping[str, str]]) -> str:
    made = io.StringIO()
    writer = csv.DictWriter(made, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: (row["student"], row["question"], row["key"])))
    return BYTE_ORDER_MARK + made.getvalue()


def _rows(path: Path) -> dict[str, dict[str, str]]:
    """The rows of the file by their keys, whichever program has saved it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadValue(f"{path} can't be read ({error}); save it as CSV in UTF-8") from None
    if rows and not set(COLUMNS) <= rows[0].keys():
        raise BadValue(f"{path} lacks columns; it has {', '.join(COLUMNS)} when labkit grade writes it")
    return {row["key"]: {column: row[column] or "" for column in COLUMNS} for row in rows}


def _decision(path: Path, row: Mapping[str, str]) -> Decision | None:
    given = row["score"].strip()
    if not given:
        return None
    try:
        score = float(given.replace(",", "."))
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise BadValue(
            f"{path}: {given!r} is no score for {row['student']}, {row['question']}; give 0 to 1, such as 0.5"
        )
    return Decision(score, row["comment"])
