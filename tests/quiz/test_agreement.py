"""The marks of written answers agree with people's labels, on answers that no rubric was written for."""

from __future__ import annotations

from functools import cache

import pytest
from agreement import SETS, decided, judged, kappa, share

LEAST_KAPPA = {"development": 0.9, "test": 0.85, "untuned": 0.85}
WIDEST_GAP = 0.05  # between the development half and the test half: more would mean that phrases are memorised
# A rubric that nobody has held against answers knows too few wrong statements: one in a hundred is the aim.
MOST_FALSE_FULL = {"development": 0.01, "test": 0.01, "untuned": 0.07}
MOST_FALSE_ZERO = {"development": 0.02, "test": 0.03, "untuned": 0.02}  # two in a hundred is the aim
MOST_LEFT = {"development": 0.08, "test": 0.15, "untuned": 0.18}  # to a person

answers = cache(judged)


@pytest.mark.parametrize("name", SETS)
def test_marks_agree_with_people(name):
    rows = answers(name)
    assert kappa(decided(rows)) >= LEAST_KAPPA[name]
    assert share(rows, 0, 1) <= MOST_FALSE_FULL[name]
    assert share(rows, 1, 0) <= MOST_FALSE_ZERO[name]
    assert len(decided(rows)) >= (1 - MOST_LEFT[name]) * len(rows)


def test_the_rubrics_do_not_memorise_phrases():
    assert kappa(decided(answers("test"))) >= kappa(decided(answers("development"))) - WIDEST_GAP


def test_kappa_is_nought_for_marks_by_chance_and_one_for_the_same():
    from agreement import Judged

    from labkit.quiz.mark import scored

    same = [Judged("q", "a", score, scored(score)) for score in (0.0, 1.0)]
    crossed = [Judged("q", "a", label, scored(score)) for label in (0.0, 1.0) for score in (0.0, 1.0)]
    assert kappa(same) == 1
    assert kappa(crossed) == 0
