"""A hand-in with its marks, and how it is kept as a line of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from labkit.classroom.texts import digest_of_text
from labkit.quiz.mark import Mark


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question that counts, and its mark. `question` has the seed of a question with parameters.

    `contested` is the learner's reason for doubting the mark, None where there is no doubt; `attempts` are all that
    were made, `at` is the time of this one, `comment` what a person says who has decided the mark.
    """

    question: str
    given: Any
    mark: Mark
    at: str
    attempts: int
    contested: str | None = None
    comment: str = ""

    @property
    def is_doubtful(self) -> bool:
        """Whether a person has to look at the mark."""
        return self.mark.verdict == "review" or self.contested is not None


@dataclass(frozen=True, slots=True)
class LabSeen:
    """One thing that a lab asks for."""

    asked: str
    met: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Lab:
    """What was seen of a lab when its functions ran; `problem` is why nothing was, empty when all is well.

    `ran` says whether its code was run at all, `decided` is the score that a person gave, if any.
    """

    criteria: tuple[LabSeen, ...] = ()
    problem: str = ""
    ran: bool = True
    decided: float | None = None

    @property
    def score(self) -> float:
        """The share of what it asks for that is met, 0 to 1, or what a person has decided."""
        if self.decided is not None:
            return self.decided
        return sum(one.met for one in self.criteria) / len(self.criteria) if self.criteria else 0.0


@dataclass(frozen=True, slots=True)
class Graded:
    """A hand-in's marks: `answers` by question id without a seed, `labs` by id; `events` stand for all its events."""

    digest: str
    student: str
    name: str
    made_at: str
    answers: Mapping[str, Answer] = field(default_factory=dict)
    labs: Mapping[str, Lab] = field(default_factory=dict)
    events: tuple[str, ...] = ()

    def as_line(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self), separators=(",", ":"))


def graded_in(line: str) -> Graded:
    """What `as_line` wrote; `ValueError`, `KeyError` or `TypeError` for anything else."""
    kept = json.loads(line)
    return Graded(**{
        **kept,
        "answers": {question: _answer(one) for question, one in kept["answers"].items()},
        "labs": {lab: _lab(one) for lab, one in kept["labs"].items()},
        "events": tuple(kept["events"]),
    })  # fmt: skip


def key_of(student: str, what: str, given: object) -> str:
    """What stands for a student's answer in the review queue, whichever file it came in."""
    return f"q{digest_of_text(json.dumps([student, what, given], sort_keys=True))[:15]}"  # which is no number for Excel


def _answer(kept: dict[str, Any]) -> Answer:
    mark = kept["mark"]
    lists = {key: tuple(mark[key]) for key in ("matched", "missing", "contradicted")}
    return Answer(**{**kept, "mark": Mark(**{**mark, **lists})})


def _lab(kept: dict[str, Any]) -> Lab:
    return Lab(tuple(LabSeen(**one) for one in kept["criteria"]), kept["problem"], kept["ran"])
