"""`docs/questions.md` shows questions that work: the bank reads each of them and its examples get their marks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labkit.quiz.bank.lint import lint
from labkit.quiz.bank.schema import load_topic
from labkit.quiz.marking import TYPES

PAGE = (Path(__file__).parents[2] / "docs" / "questions.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def written(tmp_path):
    paths = []
    for number, text in enumerate(SHOWN):
        paths.append(tmp_path / f"page-{number}.yaml")
        paths[-1].write_text(text, encoding="utf-8")
    return paths


def test_what_the_page_shows_has_no_mistakes(written):
    assert [mistake for path in written for mistake in lint(path)] == []


def test_the_page_shows_every_type(written):
    topics = [load_topic(path) for path in written]
    assert {topic.question(each).type for topic in topics for each in topic.entries} == set(TYPES)
