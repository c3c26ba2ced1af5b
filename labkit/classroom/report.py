"""The class report: what was answered worst, how well each question tells students apart, and who chose what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from labkit.classroom.cohort import Student
from labkit.classroom.folder import File
from labkit.classroom.gradebook import Columns
from labkit.classroom.graded import Graded
from labkit.classroom.heat_map import HeatMap
from labkit.classroom.items import Item
from labkit.classroom.pages import page
from labkit.classroom.questions import Questions
from labkit.classroom.texts import as_line
from labkit.classroom.times import Times, seconds_on
from labkit.quiz.marking.choice import Choice, chosen

DARKEST = 0.45  # how opaque the cell of a full score is; its number stays readable on it


class ClassReport:
    """Gathers one hand-in after the other."""

    def __init__(self, columns: Columns, bank: Questions):
        self._columns = columns
        self._bank = bank
        self._items = {name: Item() for name in (*columns.questions, *columns.labs)}
        self._times = {name: Times() for name in columns.questions}
        self._heat = HeatMap(len(self._items))
        self._points = 0.0
        self._count = 0

    def add(self, graded: Graded) -> None:
        """A student's hand-in."""
        scores = self._columns.scores(graded)
        total = sum(filter(None, scores))
        self._points += total
        self._count += 1
        self._heat.add(scores)
        for name, seconds in seconds_on(graded.answers).items():
            if name in self._times:
                self._times[name].add(seconds)
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
            levels=self._heat.levels,
            heat=[{"id": name, "cells": self._cells(at)} for at, name in enumerate(self._items)],
        )

    def _item(self, name: str, item: Item) -> dict[str, Any]:
        is_question = name in self._columns.questions
        return {
            "id": name,
            "answered": item.answered,
            "facility": _share(item.facility),
            "discrimination": _share(item.discrimination),
            "minutes": _minutes(self._times[name].median) if is_question else "–",
            "prompt": self._bank.get(name).prompt if is_question else "lab",
            "options": self._options(name, item) if is_question else [],
        }

    def _cells(self, question: int) -> list[dict[str, Any]]:
        """The mean of each level in words, and how dark its cell is, 0 to 1."""
        return [{"mean": _share(mean), "shade": f"{(mean or 0) * DARKEST:.2f}"} for mean in self._heat.means(question)]

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


def _minutes(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds / 60:.1f}"
