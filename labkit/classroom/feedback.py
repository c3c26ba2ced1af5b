"""A student's page: the marks, and what of the own answer was right or wrong; nothing that the answer did not say.

What would have been right, the explanations and the reasons of options stay with the teacher.
"""

from __future__ import annotations

from typing import Any

from labkit.classroom.assignment import Assignment
from labkit.classroom.cohort import Student
from labkit.classroom.gradebook import Columns, number
from labkit.classroom.graded import Answer, Graded
from labkit.classroom.pages import page
from labkit.classroom.review import as_text
from labkit.quiz.mark import SIGNS, Mark
from labkit.quiz.marking.choice import Choice, chosen
from labkit.quiz.question import Question


def feedback(student: Student, graded: Graded | None, columns: Columns, assignment: Assignment) -> str:
    """The page of a student; without marks when no hand-in counts."""
    title = assignment.title
    if graded is None:
        return page("feedback.html", title=title, **_of(student), points="no", of=columns.points, questions=[], labs=[])
    questions = [
        _question(assignment.bank.get(assignment.own_id(name, student.id)), graded.answers.get(name))
        for name in columns.questions
    ]
    labs = [
        {"id": name, "score": number(lab.score), "problem": lab.problem, "criteria": lab.criteria}
        for name in columns.labs
        if (lab := graded.labs.get(name))
    ]
    points = number(columns.total(graded))
    return page(
        "feedback.html", title=title, **_of(student), points=points, of=columns.points, questions=questions, labs=labs
    )


def _of(student: Student) -> dict[str, Any]:
    """What the page says of a student; who else has the same answers is between the teacher and them."""
    waits = [] if student.digest else ["More than one file names you; your teacher decides which one counts"]
    return {"id": student.id, "name": student.name, "notes": waits}


def _question(question: Question, answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {"id": question.id, "sign": "no answer", "prompt": question.prompt, "given": None}
    mark = answer.mark
    points = "a person marks this" if mark.verdict == "review" else f"{mark.score:g} of 1"
    return {
        "id": question.id, "sign": f"{SIGNS[mark.verdict]} ({points})", "prompt": question.prompt,
        "given": _as_chosen(question, answer.given), **_found(question, mark),
        "missing": len(mark.missing), "comment": answer.comment or _why_unread(question, mark),
    }  # fmt: skip


def _as_chosen(question: Question, given: object) -> str:
    """An answer with the texts of the options that it names."""
    if not isinstance(question.body, Choice):
        return as_text(given)
    options, _ = chosen(question, given)
    return "\n".join(f"{option.letter}: {option.text}" for option in options) or as_text(given)


def _found(question: Question, mark: Mark) -> dict[str, tuple[str, ...]]:
    """What of the answer is right and wrong, in its own words; a rubric's words would say what is right."""
    if question.type != "text":
        return {"right": mark.matched, "wrong": mark.contradicted}
    right = tuple(f"Of what is asked, {len(mark.matched)} is there." for _ in mark.matched[:1])
    return {"right": right, "wrong": tuple("Something in it does not hold." for _ in mark.contradicted[:1])}


def _why_unread(question: Question, mark: Mark) -> str:
    """Why a text was not marked on its content; of other questions, such words tell what is right."""
    told = mark.matched or mark.missing or mark.contradicted
    return mark.feedback if question.type == "text" and not told else ""
