"""Make the hand-ins of a class that does not exist: `python docs/example_class.py` writes examples/hand-ins/.

Who knows more answers right more often, by chance with a seed. Texts are such as people have written to these
questions.
"""

from __future__ import annotations

import datetime
import random
import tempfile
from pathlib import Path
from typing import Any

import yaml

from labkit import quiz
from labkit.classroom.collecting import versions
from labkit.classroom.submission import KINDS, Submission
from labkit.quiz.study.progress import Progress

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "examples" / "hand-ins"
WRITTEN = ROOT / "tests" / "quiz" / "answers" / "development.yaml"
NAMES = (
    "Ada",
    "Alan",
    "Barbara",
    "Donald",
    "Edsger",
    "Frances",
    "Grace",
    "John",
    "Katherine",
    "Linus",
    "Margaret",
    "Tim",
)
CHOICES = (
    "cold-starts/1",
    "invocation-types/who-waits",
    "limits/default-timeout",
    "scenarios/starved",
    "scenarios/bursts",
)
TEXTS = "self-quiz/1", "self-quiz/2", "self-quiz/5"
BEGUN = datetime.datetime(2026, 11, 27, 10, tzinfo=datetime.UTC)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    draw = random.Random(2026)
    for number, name in enumerate(NAMES):
        knows = (number + 1) / len(NAMES)
        made = _hand_in(f"s{100 + number}", name, knows, draw)
        (FOLDER / f"submission-{made.student}.json").write_text(made.as_text(), encoding="utf-8")


def _hand_in(student: str, name: str, knows: float, draw: random.Random) -> Submission:
    now = BEGUN
    with tempfile.TemporaryDirectory() as folder:
        kept = Progress(Path(folder) / "kept.sqlite", lambda: now)
        for question in (*CHOICES, *TEXTS):
            now += datetime.timedelta(seconds=draw.randrange(20, 180))
            answer = _answer(question, draw.random() < knows, draw)
            kept.add("answered", question=question, answer=answer, mode="question")
        return Submission(student, name, now.isoformat(), versions(), kept.events(*KINDS), {})


def _answer(question: str, right: bool, draw: random.Random) -> Any:
    if question in TEXTS:
        rows = yaml.safe_load(WRITTEN.read_text(encoding="utf-8"))
        fitting = [
            row["answer"]
            for row in rows
            if row["question"] == question and row["score"] in ((1,) if right else (0, 0.5))
        ]
        return str(draw.choice(fitting))
    wanted = [one for one in "ABCD" if (quiz.mark(question, one).score == 1) == right]
    return draw.choice(wanted)


if __name__ == "__main__":
    main()
