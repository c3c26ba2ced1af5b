"""The computed sentence, and whether a prediction held."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from labkit.notebook.say import say


@pytest.fixture
def shown(monkeypatch):
    sentences = []
    monkeypatch.setattr("labkit.notebook.say.display", lambda markdown: sentences.append(markdown.data))
    return sentences


@pytest.mark.parametrize(
    "choice, happened, verdict",
    [
        (None, "3", ""),
        ("3", None, ""),
        ("3", "3", " ✔ Your prediction held."),
        ("3", 3, " ✔ Your prediction held."),
        ("1", 3, " ✘ Your prediction was “1”."),
    ],
    ids=["none was made", "none fits", "held", "held, as text", "did not hold"],
)
def test_a_prediction_is_judged_only_when_one_was_made(shown, choice, happened, verdict):
    say("It was 3.", SimpleNamespace(choice=choice), happened)
    assert shown == ["It was 3." + verdict]


def test_a_sentence_alone(shown):
    say("It was 3.")
    assert shown == ["It was 3."]
