"""The marks of a class as CSV: for a spreadsheet, for Canvas and for Moodle. What students wrote arrives as text.

https://community.canvaslms.com/t5/Instructor-Guide/How-do-I-import-grades-in-the-Gradebook/ta-p/807 has Canvas's form,
https://docs.moodle.org/en/Grade_import Moodle's, in which the columns are mapped by hand.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labkit.classroom.cohort import Student
from labkit.classroom.graded import Graded
from labkit.classroom.texts import as_cell, as_line


@dataclass(frozen=True, slots=True)
class Columns:
    """What counts: ids of questions and labs, each worth a point."""

    questions: tuple[str, ...]
    labs: tuple[str, ...]

    @property
    def points(self) -> int:
        """The points that there are."""
        return len(self.questions) + len(self.labs)

    def scores(self, graded: Graded) -> list[float | None]:
        """Of each question and lab, 0 to 1; None where nothing was handed in."""
        answers = [graded.answers[name].mark.score if name in graded.answers else None for name in self.questions]
        return [*answers, *(graded.labs[name].score if name in graded.labs else None for name in self.labs)]

    def total(self, graded: Graded) -> float:
        """The points of a hand-in."""
        return sum(filter(None, self.scores(graded)))


@dataclass(frozen=True, slots=True)
class Row:
    """A student's scores; None for those of whom no hand-in counts."""

    student: Student
    scores: Sequence[float | None] | None

    @property
    def total(self) -> float | None:
        """The points."""
        return None if self.scores is None else sum(filter(None, self.scores))


def gradebook(rows: Iterable[Row], columns: Columns) -> str:
    """Everything, a column for each question and lab."""
    head = ["student", "name", "handed in", "points", "of", "percent", "note", *columns.questions, *columns.labs]
    return _csv([head, *(_gradebook_row(row, columns) for row in rows)])


def canvas(rows: Iterable[Row], columns: Columns, title: str) -> str:
    """What Canvas's gradebook imports; students are known by their SIS login."""
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", as_cell(as_line(title))]
    possible = ["Points Possible", "", "", "", "", str(columns.points)]
    return _csv([head, possible, *([*_names(row), number(row.total)] for row in rows)])


def moodle(rows: Iterable[Row], title: str) -> str:
    """What Moodle's gradebook imports; students are known by their ID number."""
    head = ["ID number", "Full name", as_cell(as_line(title))]
    return _csv([head, *([_id(row), _name(row), number(row.total)] for row in rows)])


def number(value: float | None) -> str:
    """A number in at most four decimals; empty for None."""
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


def _gradebook_row(row: Row, columns: Columns) -> list[str]:
    percent = None if row.total is None or not columns.points else 100 * row.total / columns.points
    scores = [None] * columns.points if row.scores is None else row.scores
    told = [_id(row), _name(row), row.student.made_at, number(row.total), str(columns.points)]
    return [*told, "" if percent is None else f"{percent:.1f}", _note(row), *map(number, scores)]


def _names(row: Row) -> list[str]:
    return [_name(row) or _id(row), "", "", _id(row), ""]


def _id(row: Row) -> str:
    return as_cell(as_line(row.student.id))


def _name(row: Row) -> str:
    return as_cell(as_line(row.student.name))


def _note(row: Row) -> str:
    return as_cell("; ".join(row.student.notes))


def _csv(rows: Iterable[Sequence[str]]) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows(rows)
    return made.getvalue()
