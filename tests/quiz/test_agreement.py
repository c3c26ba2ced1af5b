"""The marks of written answers agree with people's labels, on answers that no rubric was written for."""

from __future__ import annotations

from functools import cache

import pytest
from agreement import SETS, judged, kappa, share

LEAST_KAPPA = 0.85
WIDEST_GAP = 0.05  # between the development half and the test half: more would mean that phrases are memorised
MOST_FALSE_FULL = 0.01
MOST_FALSE_ZERO = {"development": 0.02, "test": 0.02, "untuned": 0.04}

answers = cache(judged)


@pytest.mark.parametrize("name", SETS)
def test_marks_agree_with_people(name):
    rows = answers(name)
    assert kappa(rows) >= LEAST_KAPPA
    assert share(rows, 0, 1) <= MOST_FALSE_FULL
    assert share(rows, 1, 0) <= MOST_FALSE_ZERO[name]


def test_the_rubrics_do_not_memorise_phrases():
    assert kappa(answers("test")) >= kappa(answers("development")) - WIDEST_GAP


def test_kappa_is_nought_for_marks_by_chance_and_one_for_the_same():
    from agreement import Judged

    from labkit.quiz.mark import scored

    same = [Judged("q", "a", score, scored(score)) for score in (0.0, 1.0)]
    crossed = [Judged("q", "a", label, scored(score)) for label in (0.0, 1.0) for score in (0.0, 1.0)]
    assert kappa(same) == 1
    assert kappa(crossed) == 0
