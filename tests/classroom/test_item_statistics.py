"""Facility, discrimination and distractors agree with their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.classroom.items import Item

shares = st.integers(0, 20).map(lambda value: value / 20)


def item_of(pairs):
    item = Item()
    for score, rest in pairs:
        item.add(score, rest)
    return item


@given(st.lists(st.tuples(shares, shares), min_size=3, max_size=30))
def test_discrimination_is_the_correlation_with_the_rest(pairs):
    scores, rests = np.array(pairs).T
    found = item_of(pairs).discrimination
    if scores.std() < 1e-6 or rests.std() < 1e-6:
        assert found is None
    else:
        assert found == pytest.approx(np.corrcoef(scores, rests)[0, 1], abs=1e-6)


@given(st.lists(st.tuples(shares, shares), min_size=1, max_size=30))
def test_facility_is_the_mean_of_those_who_answered(pairs):
    assert item_of(pairs).facility == pytest.approx(np.mean([score for score, _ in pairs]))


def test_nothing_is_said_of_too_few():
    assert (Item().facility, Item().discrimination, Item().chosen("A")) == (None, None, (0, None))
    assert item_of([(0, 0), (1, 1)]).discrimination is None


def test_an_option_knows_who_chose_it():
    item = Item()
    item.add(1, 0.8, ("A",))
    item.add(0, 0.4, ("B", "C"))
    item.add(0, 0.2, ("B",))
    assert item.chosen("A") == (1, 0.8)
    assert item.chosen("B") == (2, pytest.approx(0.3))
