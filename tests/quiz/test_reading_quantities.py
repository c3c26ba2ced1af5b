"""Numbers with units, in all the ways a learner writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.quiz.reading.quantities import NUMBER_WORDS, Quantity, quantities_in
from labkit.quiz.reading.words import normalise

QUARTER = Quantity("time", 900)


@pytest.mark.parametrize(
    "text",
    [
        "15 minutes",
        "15 min.",
        "15min",
        "15 mins",
        "15m",
        "15'",
        "15-minute",
        "900 s",
        "900s",
        "900 seconds",
        "900 (seconds)",
        "a quarter of an hour",
        "quarter hour",
        "one quarter of an hour",
        "¼ h",
        "1/4 hour",
        "0.25 h",
        ".25 hours",
        "fifteen minutes",
        "fifteen (15) minutes",
        "nine hundred seconds",
        "900,000 ms",
        "900 000 ms",
        "15:00",
        "00:15:00",
        "14 minutes and 60 seconds",
        "15 minuts",
    ],
)
def test_a_quarter_of_an_hour(text):
    assert quantities_in(normalise(text)) == [QUARTER]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("10-15 minutes", [600, 900]),
        ("between ten and fifteen minutes", [600, 900]),
        ("5 or 15 minutes", [300, 900]),
        ("15 minutes (900 seconds)", [900, 900]),
        ("an hour and a half", [5400]),
        ("1 h 15 min", [4500]),
        ("two and a half hours", [9000]),
        ("half an hour", [1800]),
        ("three quarters of an hour", [2700]),
        ("twenty-five minutes", [1500]),
        ("a second bucket", []),
        ("5 minutes 10 minutes", [300, 600]),
    ],
)
def test_several_and_compound_times(text, values):
    assert quantities_in(normalise(text)) == [Quantity("time", value) for value in values]


@pytest.mark.parametrize(
    "text", ["1000", "1,000", "1 000", "1.000", "1k", "one thousand", "a thousand", "1 thousand", "10 hundred"]
)
def test_a_thousand(text):
    assert quantities_in(normalise(text)) == [Quantity("number", 1000)]


@pytest.mark.parametrize("text", ["s3 ec2 x86", "a new one", "python3", "the first one", "no number"])
def test_a_name_is_no_number(text):
    assert quantities_in(normalise(text)) == []


def test_memory_counts_in_megabytes():
    assert quantities_in("10 gb") == [Quantity("memory", 10_240)] == quantities_in("10240mb")


@given(
    st.integers(0, 10**6), st.sampled_from([("s", 1), (" seconds", 1), (" min", 60), ("h", 3600), (" days", 86_400)])
)
def test_a_number_and_a_unit_are_one_quantity(number, unit):
    name, seconds = unit
    (found,) = quantities_in(f"{number}{name}")
    assert found.equals(Quantity("time", number * seconds))


@given(st.text(alphabet=st.sampled_from("0123456789.,:/ -ahmsk'"), max_size=20))
def test_no_text_breaks_the_reading(text):
    assert all(one.value >= 0 for one in quantities_in(normalise(text)))


def test_number_words_are_known_to_the_speller():
    assert {"fifteen", "thousand", "quarter", "ninety"} <= NUMBER_WORDS
