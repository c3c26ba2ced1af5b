"""`labkit quiz lint`: the bank is whole, and a mistake is named with file, line and entry."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from labkit.cli import main
from labkit.quiz.bank.lint import lint
from labkit.quiz.bank.topics import QUIZZES

GOOD = """
source: a page
as_of: 2026-10
questions:
  - id: limit
    type: numeric
    prompt: For how long may it run?
    value: 900 s
    hint: A quarter.
    facts: [NOTES-03]
    explanation: {exam: 15 minutes}
    domain: resilient
    difficulty: 1
    examples:
      - {answer: 15 minutes, score: 1}
      - {answer: 5 minutes, score: 0}
"""


@pytest.mark.parametrize("path", sorted(QUIZZES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_bank_is_whole(path):
    assert lint(path) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "5 minutes, score: 0",
            "5 minutes, score: 1",
            "t.yaml, line 16, question limit, examples 2, answer",
        ),
        (
            "NOTES-03",
            "NOTE-03",
            "line 5, question limit: there is no fact 'NOTE-03'; did you mean 'NOTES-03'?",
        ),
        (
            "exam: 15 minutes",
            "exam: 16 minutes",
            "none of its facts states a number in '16 minutes'",
        ),
        ("    hint: A quarter.\n", "", "t.yaml, line 5, question limit: `hint` is missing"),
        ("900 s", "soon", "t.yaml, line 8, question limit, value: 'soon' is not one quantity"),
        ("domain: resilient", "domain: resilent", "line 12, question limit, domain: 'resilent' is not known here"),
    ],
)
def test_a_mistake_is_named_on_the_command_line(tmp_path, old, new, message):
    path = tmp_path / "t.yaml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    outcome = CliRunner().invoke(main, ["quiz", "lint", str(path)])
    assert outcome.exit_code == 1 and message in outcome.output


def test_all_mistakes_are_named_at_once(tmp_path):
    path = tmp_path / "t.yaml"
    path.write_text(
        GOOD.replace("facts: [NOTES-03]", "facts: [NOTES-03, NOPE]").replace("score: 0", "score: 0.5"), encoding="utf-8"
    )
    assert len(lint(path)) == 2


def test_a_whole_file_says_so(tmp_path):
    path = tmp_path / "t.yaml"
    path.write_text(GOOD, encoding="utf-8")
    outcome = CliRunner().invoke(main, ["quiz", "lint", str(path)])
    assert outcome.exit_code == 0 and "1 question" in outcome.output
