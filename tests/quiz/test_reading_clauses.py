"""What a sentence claims, what it denies, and of what it speaks."""

from __future__ import annotations

import pytest

from labkit.quiz.reading.clauses import read_clauses
from labkit.quiz.reading.topics import with_topics
from labkit.quiz.reading.words import normalise, stem

TOPICS = {"sync": frozenset({"sync"}), "async": frozenset({"async"})}


def denied(text):
    return {token.word for clause in read_clauses(normalise(text)) for token in clause.tokens if token.negated}


def claimed(text):
    return {token.word for clause in read_clauses(normalise(text)) for token in clause.tokens if not token.negated}


def said_of(topic, text):
    clauses = with_topics(read_clauses(normalise(text)), TOPICS)
    return {("not " if t.negated else "") + t.word for c in clauses if c.topic == topic for t in c.tokens}


@pytest.mark.parametrize(
    ("text", "word", "is_denied"),
    [
        ("it does not wait", "wait", True),
        ("it does not wait, it runs", "runs", False),
        ("use a role instead of a user", "user", True),
        ("instead of keys you use a role", "role", False),
        ("a role, not a user", "user", True),
        ("not a user but a role", "role", False),
        ("neither a user nor a group", "group", True),
        ("keys are not needed", "keys", True),
        ("without waiting", "waiting", True),
        ("not only the role", "role", False),
        ("it runs without a warm environment it must make one", "make", False),
        ("it is wrong that it waits", "waits", True),
        ("non-blocking", "blocking", True),
        ("no user or group", "group", True),
    ],
)
def test_a_negation_reaches_to_the_end_of_its_clause(text, word, is_denied):
    assert (word in denied(text), word in claimed(text)) == (is_denied, not is_denied)


@pytest.mark.parametrize(
    "text",
    [
        "It cannot exceed 15 minutes",
        "Nothing runs longer than 15 minutes",
        "no more than 15 minutes",
        "never beyond 15 minutes",
    ],
)
def test_a_denied_more_is_an_upper_bound(text):
    assert "[time:900]" in claimed(text)


@pytest.mark.parametrize(
    "text",
    [
        "Some people say 5 minutes, but it is 15 minutes",
        "It used to be 5 minutes, now it is 15 minutes",
        "It was 5 minutes before, it is 15 minutes",
        "I don't remember 5 minutes; 15 minutes",
    ],
)
def test_what_others_think_and_what_was_is_not_claimed(text):
    assert "[time:300]" not in claimed(text) and "[time:900]" in claimed(text)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("No, it stops", "<no>"),
        ("Nope it stops", "<no>"),
        ("Absolutely not", "<no>"),
        ("Yes", "<yes>"),
        ("Of course", "<yes>"),
        ("no environment is free", "environment"),
    ],
)
def test_an_opening_yes_or_no(text, first):
    assert read_clauses(normalise(text))[0].tokens[0].word == first


@pytest.mark.parametrize(
    "text",
    [
        "sync waits, async does not",
        "Sync waits, async doesn't.",
        "sync: waits; async: does not wait",
        "async does not wait while sync does",
        "it waits in sync, but not in async",
        "It waits when sync and does not wait when async",
        "waits (sync) vs does not wait (async)",
        "sync waits async doesn't wait",
        "Whether it waits: sync yes, async no",
    ],
)
def test_each_topic_gets_what_is_said_of_it(text):
    waits = {stem(word) for word in said_of("sync", text)}
    does_not = {stem(word.removeprefix("not ")) for word in said_of("async", text) if word.startswith("not ")}
    assert "wait" in waits and "wait" in does_not
    assert not {"not waits", "not wait"} & said_of("sync", text)


@pytest.mark.parametrize(
    "text",
    [
        "it waits vs it does not",
        "it waits / it does not",
        "sync waits, in the other case it does not wait",
        "API Gateway waits, so sync. S3 does not wait, so async",
    ],
)
def test_two_topics_are_told_apart_by_their_order_or_by_what_follows(text):
    assert "waits" in said_of("sync", text) and not {"wait", "waits"} & said_of("async", text)


def test_what_nothing_goes_without_is_needed():
    assert "role" in claimed("Without the role you see nothing there")
    assert "role" in denied("It works without the role")
