"""What people have decided of marks: kept beside the bank, where each decision is a test of its question."""

from __future__ import annotations

from pathlib import Path

import yaml

from labkit.quiz.bank.lint import DECISIONS
from labkit.quiz.study.history import Attempt, plain_id, topic_of


def keep_decision(quizzes: Path, attempt: Attempt, score: float) -> None:
    """Add an answer and the score that a person gave to `decisions/TOPIC.yaml`, which `labkit quiz lint` reads."""
    path = quizzes / DECISIONS / f"{topic_of(attempt.question.id)}.yaml"
    path.parent.mkdir(exist_ok=True)
    entry = {"question": plain_id(attempt.question.id).partition("/")[2], "answer": str(attempt.answer), "score": score}
    with open(path, "a", encoding="utf-8") as file:
        yaml.safe_dump([entry], file, allow_unicode=True, sort_keys=False)
