"""The mock exam: how it is drawn, how its time runs, how it is scored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.facts import FACTS
from labkit.mistake import BadValue
from labkit.quiz.marking.choice import Choice, Option
from labkit.quiz.question import Explanation, Question
from labkit.quiz.study.exam import PASSES, QUESTIONS, TIME, WEIGHTS, Sitting, draw, result, shares, sittings
from labkit.quiz.study.progress import Progress

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)


def question(domain, number, parametrised=False):
    options = (Option("A", "right", True, "x"), Option("B", "wrong", False, "y"))
    return Question(
        f"exam-{domain}/{number}", "single", "?", Choice(options), Explanation("x"), domain, 1, "a", "b",
        parametrised=parametrised,
    )  # fmt: skip


POOL = [question(domain, number, number == 0) for domain in WEIGHTS for number in range(30)]


def test_the_numbers_are_those_of_the_fact():
    assert f"{QUESTIONS} questions" in FACTS["EXM-03"].value
    assert f"{TIME // timedelta(minutes=1)} min" in FACTS["EXM-03"].value
    assert PASSES == 720 and sum(WEIGHTS.values()) == 100


@given(st.integers(1, 200))
def test_each_domain_has_its_share(count):
    found = shares(count)
    assert sum(found.values()) == count
    assert all(abs(found[domain] - count * weight / 100) < 1 for domain, weight in WEIGHTS.items())


@given(st.integers(0, 50))
def test_an_exam_is_drawn_by_weight_without_a_question_twice(seed):
    ids = draw(POOL, seed)
    plain = [name.partition("#")[0] for name in ids]
    assert len(set(plain)) == QUESTIONS and draw(POOL, seed) == ids
    for domain, wanted in shares(QUESTIONS).items():
        assert sum(f"exam-{domain}/" in name for name in ids) == wanted
    assert all(("#" in name) == name.partition("#")[0].endswith("/0") for name in ids)


def test_a_pool_that_is_too_small_says_what_is_missing():
    with pytest.raises(BadValue, match="needs 19 of the domain 'secure'; the pool has 2"):
        draw([question("secure", 1), question("secure", 2)], 0)


@pytest.fixture
def sit(tmp_path):
    moment = [NINE]
    progress = Progress(tmp_path / "p.sqlite", lambda: moment[0])
    ids = [one.id for one in POOL[:4]]
    exam = progress.add("exam began", questions=ids)

    def act(kind, minutes=0, **content):
        moment[0] += timedelta(minutes=minutes)
        progress.add(kind, exam=exam, **content)
        return sittings(progress.events())[-1]

    return act


def test_answers_can_be_changed_and_questions_flagged(sit):
    sit("exam answered", question=POOL[0].id, answer="B")
    sit("exam flagged", question=POOL[1].id)
    sitting = sit("exam answered", question=POOL[0].id, answer="A")
    assert sitting.answers == {POOL[0].id: "A"} and sitting.flagged == {POOL[1].id}
    assert sit("exam flagged", question=POOL[1].id).flagged == frozenset()


def test_time_runs_on_and_late_answers_count_for_nothing(sit):
    sitting = sit("exam answered", minutes=129, question=POOL[0].id, answer="A")
    assert sitting.left(NINE + timedelta(minutes=129)) == timedelta(minutes=1)
    sitting = sit("exam answered", minutes=2, question=POOL[1].id, answer="A")
    assert list(sitting.answers) == [POOL[0].id] and sitting.is_over(NINE + timedelta(minutes=131))


def test_what_is_handed_in_stays_as_it_is(sit):
    sit("exam ended")
    sitting = sit("exam answered", question=POOL[0].id, answer="A")
    assert sitting.answers == {} and sitting.is_over(NINE)


@given(st.sets(st.sampled_from([one.id for one in POOL])))
def test_the_score_is_linear_and_each_domain_adds_up(right):
    sitting = Sitting(
        "x", tuple(one.id for one in POOL), NINE, {one.id: "A" if one.id in right else "B" for one in POOL}
    )
    found = result(sitting, POOL)
    assert (found.right, found.of) == (len(right), len(POOL)) and sum(part.right for part in found.parts) == len(right)
    assert found.score == round(100 + 900 * len(right) / len(POOL)) and found.passed == (found.score >= 720)
    assert all(bool(part.reread) == (part.right < part.of) for part in found.parts)
