"""The class report: what was answered worst, how well each question tells students apart, and who chose what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from labkit.classroom.cohort import Student
from labkit.classroom.folder import File
from labkit.classroom.gradebook import Columns
from labkit.classroom.graded import Graded
from labkit.classroom.items import Item
from labkit.classroom.pages import page
from labkit.classroom.questions import Questions
from labkit.classroom.texts import as_line
from labkit.quiz.marking.choice import Choice, chosen


class ClassReport:
    """Gathers one hand-in after the other."""

    def __init__(self, columns: Columns, bank: Questions):
        self._columns = columns
        self._bank = bank
        self._items = {name: Item() for name in (*columns.questions, *columns.labs)}
        self._points = 0.0
        self._count = 0

    def add(self, graded: Graded) -> None:
        """A student's hand-in."""
        scores = self._columns.scores(graded)
        total = sum(filter(None, scores))
        self._points += total
        self._count += 1
        for (name, item), score in zip(self._items.items(), scores, strict=True):
            if score is not None:
                rest = (total - score) / max(len(scores) - 1, 1)
                item.add(score, rest, self._chosen(graded, name))

    def as_page(self, title: str, students: Iterable[Student], refused: Sequence[File], waiting: int) -> str:
        """The page, for the teacher: it names what is right."""
        listed = list(students)
        worst = sorted(self._items.items(), key=lambda pair: (pair[1].facility is None, pair[1].facility, pair[0]))
        return page(
            "report.html",
            title=f"{title}: class report",
            students=len(listed),
            of=self._columns.points,
            mean=f"{self._points / self._count:.2f}" if self._count else None,
            waiting=waiting,
            refused=[{"name": as_line(file.name), "refused": file.refused} for file in refused],
            noted=[{"id": as_line(student.id), "notes": student.notes} for student in listed if student.notes],
            items=[self._item(name, item) for name, item in worst],
        )

    def _item(self, name: str, item: Item) -> dict[str, Any]:
        is_question = name in self._columns.questions
        return {
            "id": name,
            "answered": item.answered,
            "facility": _share(item.facility),
            "discrimination": _share(item.discrimination),
            "prompt": self._bank.get(name).prompt if is_question else "lab",
            "options": self._options(name, item) if is_question else [],
        }

    def _chosen(self, graded: Graded, name: str) -> tuple[str, ...]:
        answer = graded.answers.get(name)
        if answer is None or not isinstance((question := self._bank.get(answer.question)).body, Choice):
            return ()
        options, _ = chosen(question, answer.given)
        return tuple(option.letter for option in options)

    def _options(self, name: str, item: Item) -> list[dict[str, Any]]:
        question = self._bank.get(name)
        if not isinstance(question.body, Choice):
            return []
        found = []
        for option in question.body.options:
            count, mean = item.chosen(option.letter)
            told = {"letter": option.letter, "right": option.right, "text": option.text}
            found.append({**told, "count": count, "mean": _share(mean)})
        return found


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
