"""Formulas of the bank: arithmetic over the parameters and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import facts
from labkit.quiz.bank.formula import FormulaError, filled, value_of


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("-rate", -50),
        ("rate * duration / 1000", 12.5),
        ("ceil(rate * duration / 1000)", 13),
        ("max(rate, duration) // 7 % 10", 5),
        ('quota("timeout")', facts.QUOTAS["timeout"].maximum),
        ('price("requests") * 1000000', 0.2),
    ],
)
def test_a_formula_is_worked_out(formula, value):
    assert value_of(formula, {"rate": 50, "duration": 250}) == pytest.approx(value)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("rte * 2", r"no parameter 'rte'; did you mean 'rate'\?"),
        ("rate *", "neither a number nor a formula"),
        ("1 / 0", "division by zero"),
        ("rate.real", "'rate.real' is not allowed"),
        ("__import__('os')", "is not allowed"),
        ("rate ** 99999999", "is not allowed"),
        ("'a' * 1000000000", "text where a number belongs"),
        ("[x for x in rate]", "is not allowed"),
        ("quota('timeut')", "timeut"),
        ("1 +" * 200, "too long"),
        ("runtime", "text where a number belongs"),
    ],
)
def test_what_is_no_formula_is_refused_by_name(formula, message):
    with pytest.raises(FormulaError, match=message):
        value_of(formula, {"rate": 50, "runtime": "python3.13"})


@given(st.text(max_size=60))
def test_any_text_is_a_formula_or_a_clear_refusal(text):
    try:
        assert isinstance(value_of(text, {"rate": 1}), int | float | complex)
    except FormulaError as error:
        assert str(error)


def test_a_text_shows_values_as_people_write_them():
    values = {"rate": 5000.0, "cost": 0.1 + 0.2, "runtime": "python3.13"}
    text = "{rate:,}/s on {runtime} costs {cost:.2f} and {cost}, twice {rate * 2:,}"
    assert filled(text, values) == "5,000/s on python3.13 costs 0.30 and 0.3, twice 10,000"
