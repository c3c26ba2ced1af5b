"""Texts that are the same, or the same but for some words, are found; what many people write is not."""

from __future__ import annotations

import itertools
from collections import defaultdict
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from labkit.classroom.likeness import COMMON, Likeness

ANSWERS = Path(__file__).parent.parent / "quiz" / "answers" / "development.yaml"
TEXT = "a new environment is made when no other is free and then its code outside the handler runs once"
CHANGED = TEXT.replace("made", "built").replace("runs once", "is run")
words = st.lists(st.sampled_from(TEXT.split()), min_size=1, max_size=20).map(" ".join)


def of(**texts):
    likeness = Likeness()
    for author, text in texts.items():
        likeness.add(author, text)
    return likeness


def test_the_same_words_are_found_whatever_their_signs():
    likeness = of(
        ada=TEXT, bob=f"{TEXT.upper()}!", eve="nothing of the kind, I think it is the memory that matters most"
    )
    assert list(likeness.same()) == [["ada", "bob"]]
    assert not list(likeness.nearly())


def test_a_sentence_with_some_words_changed_is_found():
    ((one, other, alike),) = of(ada=TEXT, bob=CHANGED).nearly()
    assert {one, other} == {"ada", "bob"} and 0.5 <= alike < 1


def test_short_answers_are_not_compared():
    likeness = of(ada="fifteen minutes", bob="fifteen minutes")
    assert not list(likeness.same()) and not list(likeness.nearly())


def test_what_a_whole_class_writes_tells_nothing():
    likeness = Likeness()
    for number in range(COMMON + 1):
        likeness.add(f"s{number}", f"{TEXT} says student number {number} of them")
    assert not list(likeness.nearly())


def test_answers_of_people_who_do_not_know_each_other_are_not_alike():
    """At most one pair of ten thousand, of more than fifty thousand pairs."""
    answers = defaultdict(list)
    for number, row in enumerate(yaml.safe_load(ANSWERS.read_text(encoding="utf-8"))):
        answers[row["question"]].append((str(number), str(row["answer"])))
    pairs = sum(len(list(itertools.combinations(texts, 2))) for texts in answers.values())
    found = sum(len(list(of(**dict(texts)).nearly())) for texts in answers.values())
    assert pairs > 50_000 and found <= pairs / 10_000


@given(words, words)
def test_who_is_alike_does_not_depend_on_who_comes_first(one, other):
    shares = [
        [alike for *_, alike in of(**texts).nearly()] for texts in ({"a": one, "b": other}, {"b": other, "a": one})
    ]
    assert shares[0] == shares[1]
