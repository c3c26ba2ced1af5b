"""The language of the rubrics."""

from __future__ import annotations

import pytest

from labkit.quiz.reading.clauses import read_clauses
from labkit.quiz.reading.patterns import PatternError, parse
from labkit.quiz.reading.search import Passage, match
from labkit.quiz.reading.words import normalise

GROUPS = {
    "caller": ("caller", "client"),
    "environment": ("environment", "execution environment"),
    "new": ("new", "fresh"),
    "endless": ("endless", "never ends"),
}


def outcome(pattern, text):
    (clause,) = read_clauses(normalise(text))
    return match(parse(pattern, GROUPS), Passage(clause.tokens))


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("wait", "the caller waits", "affirmed"),
        ("wait", "the caller does not wait", "denied"),
        ("wait", "the caller goes on", ""),
        ("not wait", "the caller does not wait", "affirmed"),
        ("not wait", "the caller waits", ""),
        ("not? wait", "it does not wait", "affirmed"),
        ("@caller + wait", "waiting is for the client", "affirmed"),
        ("@caller .. wait", "waiting is for the client", ""),
        ("@new .. @environment", "a fresh Lambda execution environment", "affirmed"),
        ("@new > @environment", "a fresh Lambda environment", ""),
        ("@new > @environment", "a new, an environment"[:3] + " environment", ""),
        ("@new > @environment", "fresh execution environment", "affirmed"),
        ("not warm > environment", "no warm environment", "affirmed"),
        ("15 minutes", "at most 900 s", "affirmed"),
        ("15 minutes", "at most 15 s", ""),
        ("<time not 15 minutes>", "at most 15 s", "affirmed"),
        ("<time not 15 minutes>", "at most 15 minutes", ""),
        ("<number not 15, 900>", "it is 900", ""),
        ("15", "it is 15", "affirmed"),
        ("/aws/lambda", "in /aws/lambda/orders", "affirmed"),
        ("execution role", "its execution of a role", "affirmed"),
        ("never ends", "a loop that never ends", "affirmed"),
        ("never ends", "a loop that ends", "denied"),
        ("@endless .. environment", "it never ends in this environment", "affirmed"),
        ("@endless .. environment", "an endless environment", "affirmed"),
        ("nothing .. lost", "nothing is lost", "affirmed"),
        ("without .. route", "a subnet without any route", "affirmed"),
    ],
)
def test_a_pattern(pattern, text, expected):
    assert outcome(pattern, text) == expected


def test_the_conjunction_of_a_clause_can_be_looked_for():
    *_, clause = read_clauses(normalise("it is kept until somebody deletes it"))
    assert match(parse("until .. delete", GROUPS), Passage(clause.with_lead)) == "affirmed"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("@callers + wait", "names the group @callers"),
        ("wait + not ", "empty part"),
        ("", "empty"),
        ("never", "only denies"),
    ],
)
def test_a_pattern_that_cannot_be_read(pattern, reason):
    with pytest.raises(PatternError, match=reason):
        parse(pattern, GROUPS)
