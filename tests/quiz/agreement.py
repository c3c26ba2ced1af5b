"""How well marks of free text agree with people: `python tests/quiz/agreement.py [--show]`.

`answers/` holds answers by people who saw the questions and the mark scheme, never a rubric. `development.yaml` may be
looked at while rubrics are written; `test.yaml` came after the last change to a rubric, and `untuned.yaml` belongs to
questions whose rubrics were written without looking at any answer: nobody looks at these. Once somebody does, they are
development answers, and new ones are asked for. `--show` lists the disagreements of the development answers only.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

from labkit import quiz
from labkit.quiz.mark import Mark

ANSWERS = Path(__file__).parent / "answers"
SETS = ("development", "test", "untuned")
REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer with the label a person gave it and the mark it got."""

    question: str
    answer: str
    label: float | str
    mark: Mark

    @property
    def given(self) -> float | str:
        """The mark as a label."""
        return REVIEW if self.mark.verdict == "review" else self.mark.score


def judged(name: str) -> list[Judged]:
    """The answers of a set, marked."""
    rows = yaml.safe_load((ANSWERS / f"{name}.yaml").read_text(encoding="utf-8"))
    return [
        Judged(row["question"], str(row["answer"]), row["score"], quiz.mark(row["question"], row["answer"]))
        for row in rows
    ]


def decided(rows: list[Judged]) -> list[Judged]:
    """Those that were not left to a person, unless they had to be."""
    return [row for row in rows if row.given != REVIEW or row.label == REVIEW]


def kappa(rows: list[Judged]) -> float:
    """Cohen's kappa between people's labels and the marks; for review is a label of its own."""
    observed = sum(row.label == row.given for row in rows) / len(rows)
    labels, given = Counter(row.label for row in rows), Counter(row.given for row in rows)
    expected = sum(labels[label] * given[label] for label in labels) / len(rows) ** 2
    return (observed - expected) / (1 - expected)


def share(rows: list[Judged], label: float, given: float) -> float:
    """Of the answers with this label, the share that got this mark."""
    of_label = [row for row in rows if row.label == label]
    return sum(row.given == given for row in of_label) / len(of_label)


def main() -> None:
    """Print the table, and with `--show` where the development answers disagree."""
    print(
        f"{'set':<12} {'answers':>7} {'left to a person':>17} {'kappa':>6} {'wrong, full marks':>18} "
        f"{'right, no marks':>16}"
    )
    for name in SETS:
        rows = judged(name)
        marked = decided(rows)
        print(
            f"{name:<12} {len(rows):>7} {1 - len(marked) / len(rows):>17.1%} {kappa(marked):>6.3f} "
            f"{share(rows, 0, 1):>18.1%} {share(rows, 1, 0):>16.1%}"
        )
    if "--show" in sys.argv:
        for row in judged("development"):
            if row.label != row.given:
                print(f"{row.question} is {row.label}, got {row.given}: {row.answer!r}\n    {row.mark.feedback}")


if __name__ == "__main__":
    main()
