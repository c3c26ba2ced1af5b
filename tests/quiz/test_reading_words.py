"""One form for many spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.quiz.reading.words import Speller, normalise, stem

SPELLER = Speller(
    frozenset(
        [
            "synchronous",
            "asynchronous",
            "environment",
            "role",
            "provisioned",
            "concurrency",
            "cloudwatch",
            "execution",
            "queue",
        ]
    )
)


@pytest.mark.parametrize(
    "forms",
    [
        "initialise initialised initialising initialization initialize",
        "queue queues queued queuing queueing",
        "policy policies",
        "stay stays stayed staying",
        "copy copies copied copying",
        "run runs ran running",
        "build built builds",
        "response responses",
        "wait waits waiting waited",
        "log logs logging logged",
        "stop stopped stopping",
        "spin spun spins",
        "use used using uses",
    ],
)
def test_forms_of_a_word_share_their_stem(forms):
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    "different", ["user use", "role rule", "process processor", "aws aw", "synchronous asynchronous"]
)
def test_different_words_keep_different_stems(different):
    one, other = different.split()
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("syncronous", "synchronous"),
        ("asyncronous", "asynchronous"),
        ("a synchronous call", "a synchronous call"),
        ("enviroment", "environment"),
        ("rolle", "role"),
        ("rule", "rule"),
        ("user", "user"),
        ("provisoned", "provisioned"),
        ("cloud watch", "cloudwatch"),
        ("executionrole", "execution role"),
        ("qeue", "queue"),
        ("weather", "weather"),
    ],
)
def test_typing_mistakes_are_repaired_and_words_are_left_alone(typed, meant):
    assert SPELLER.repair(typed) == meant


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("can’t", "can not"),
        ("doesn't", "does not"),
        ("wont", "will not"),
        ("S3 -> Lambda", "s3 → lambda"),
        ("S3 → Lambda", "s3 → lambda"),
        ("fire-and-forget", "fire and forget"),
        ("sync & async", "sync and async"),
        ("w/o waiting", "without waiting"),
        ("**15** minutes", "15 minutes"),
        ("logs:*", "all_log_actions"),
        ("a  b", "a b"),
    ],
)
def test_one_form_of_writing(typed, plain):
    assert normalise(typed) == plain


@given(st.text(max_size=60))
def test_normalising_twice_is_normalising_once_in_its_words(text):
    once = normalise(text)
    assert "  " not in once and once == once.strip()


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=15))
def test_a_stem_is_never_empty_and_the_speller_is_stable(word):
    assert stem(word)
    assert SPELLER.repair(SPELLER.repair(word)) == SPELLER.repair(word)


def test_synonyms_have_one_stem_and_other_words_their_own():
    assert stem("tiny") == stem("little") == stem("small")
    assert stem("altered") == stem("changing") == stem("modifies")
    assert stem("small") != stem("large")


@pytest.mark.parametrize("word", ["sits", "arrives", "spike", "oven", "served", "standing"])
def test_plain_english_is_no_typing_mistake(word):
    assert Speller(frozenset(["side", "active", "spin", "over", "server", "start"])).repair(word) == word
