"""Students are sorted into levels by what they reached, and each question has each level's mean."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labkit.classroom.heat_map import BANDS, HeatMap

scores = st.lists(st.lists(st.none() | st.floats(0, 1), min_size=3, max_size=3), max_size=30)


def test_the_best_level_comes_first():
    heat = HeatMap(2)
    heat.add([1.0, 1.0])
    heat.add([0.0, 1.0])
    heat.add([0.0, None])
    assert heat.means(0) == [1.0, None, 0.0, None, 0.0]
    assert heat.means(1) == [1.0, None, 1.0, None, None]
    assert heat.levels[0] == "80–100 % (1)" and heat.levels[-1] == "0–20 % (1)"


@given(scores)
def test_every_student_is_in_one_level_and_no_mean_leaves_the_scale(students):
    heat = HeatMap(3)
    for one in students:
        heat.add(one)
    assert sum(heat.students) == len(students) and len(heat.levels) == BANDS
    assert all(mean is None or 0 <= mean <= 1 for question in range(3) for mean in heat.means(question))
