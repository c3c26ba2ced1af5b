"""The tables agree with themselves: ids, dates, and numbers that stand in two units."""

from __future__ import annotations

import dataclasses
import html
import math
import re
import subprocess
import sys
from datetime import date

import pytest

from labkit import facts

DATED = re.compile(r"(19|20)\d\d(-\d\d(-\d\d)?)?( to 20\d\d(-\d\d)?)?")
MIB = 1024 * 1024


def test_every_fact_has_what_a_learner_needs():
    assert len(facts.FACTS) == 174
    for id, fact in facts.FACTS.items():
        assert fact.id == id and re.fullmatch(r"[A-Z0-9]+-\d\d", id)
        assert fact.statement and fact.subject and fact.source, id
        assert DATED.fullmatch(fact.as_of), (id, fact.as_of)
        assert fact.confidence in ("high", "medium")
        assert fact.notes in ("agrees", "imprecise", "outdated", "not in the notes")


def test_a_fact_that_the_study_notes_mention_says_what_they_expect():
    assert all(fact.exam for fact in facts.FACTS.values() if fact.notes != "not in the notes")
    assert facts.get("NOTES-13").differs and facts.get("NOTES-13").exam == "Use Lambda SnapStart (Java only)."
    assert not facts.get("NOTES-23").differs


def test_every_fact_that_a_fact_refers_to_exists():
    for fact in facts.FACTS.values():
        for id in re.findall(r"\b(?:NOTES|LIM|LIFE|ESM|URL|PRC)-\d\d\b", fact.statement):
            assert id in facts.FACTS, f"{fact.id} refers to {id}"


@pytest.mark.parametrize("name", facts.QUOTAS)
def test_a_quota_s_bounds_are_in_order_and_its_fact_exists(name):
    quota = facts.QUOTAS[name]
    assert quota.fact in facts.FACTS and quota.unit
    assert quota.minimum <= quota.maximum
    assert quota.default is None or quota.allows(quota.default)
    assert quota.managed_maximum is None or quota.managed_maximum > quota.maximum


@pytest.mark.parametrize(
    ("name", "factor"),
    {
        "timeout": 1, "memory": 1, "ephemeral_storage": 1, "layers": 1, "concurrency": 1, "streamed_response": 1,
        "image": 1, "event_age": 1, "async_retries": 1, "code_storage": 1, "init": 1, "restore": 1, "rest_timeout": 1,
        "scaling": 1,
        "zip_direct": MIB, "unzipped": MIB, "sync_request": MIB, "async_request": MIB, "sqs_message": MIB,
        "environment": 1024, "resource_policy": 1024, "image_settings": 1024,
    }.items(),
)  # fmt: skip
def test_a_quota_is_the_number_its_fact_states(name, factor):
    quota = facts.QUOTAS[name]
    assert quota.maximum == facts.get(quota.fact).value * factor


@pytest.mark.parametrize(
    ("id", "names"),
    [
        ("LIM-02", ["timeout"]),
        ("LIM-16", ["function_name", "handler", "description"]),
        ("LIM-17", ["subnets", "security_groups"]),
        ("ESM-01", ["sqs_start", "sqs_per_minute", "sqs_concurrency"]),
        ("ESM-02", ["sqs_maximum_concurrency"]),
        ("ESM-08", ["parallelization"]),
        ("SCH-02", ["flexible_window"]),
        ("SCH-04", ["scheduler_retries", "scheduler_event_age"]),
        ("API-02", ["http_api_timeout", "websocket_timeout"]),
        ("NOTES-26", ["free_requests", "free_duration"]),
        ("NOTES-24", ["ephemeral_storage"]),
        ("ASY-02", ["event_age"]),
    ],
)
def test_quotas_are_the_numbers_their_fact_s_words_state(id, names):
    fact = facts.get(id)
    stated = {int(number) for number in re.findall(r"\d+", f"{fact.value} {fact.statement}".replace(",", ""))}
    for name in names:
        quota = facts.QUOTAS[name]
        bounds = {quota.minimum, quota.maximum, quota.default} - {0, 1, None, math.inf}
        assert bounds <= stated, f"{name}: {bounds} against {stated}"


def test_the_response_limit_lambda_enforces_has_a_margin_of_100_bytes():
    assert facts.QUOTAS["sync_response_enforced"].maximum == facts.QUOTAS["sync_response"].maximum + 100


@pytest.mark.parametrize("name", facts.PRICES)
def test_a_price_is_positive_dated_and_falls_from_tier_to_tier(name):
    price = facts.PRICES[name]
    bounds, usd = zip(*price.tiers, strict=True)
    assert price.fact in facts.FACTS and DATED.fullmatch(price.as_of)
    assert all(value > 0 for value in usd) and list(usd) == sorted(usd, reverse=True)
    assert list(bounds) == sorted(bounds) and bounds[-1] == math.inf


@pytest.mark.parametrize("name", facts.PRICES)
def test_the_first_tier_is_the_price_its_fact_states(name):
    price = facts.PRICES[name]
    fact = facts.get(price.fact)
    stated = fact.value if isinstance(fact.value, tuple) else (fact.value,)
    in_words = [float(number) for number in re.findall(r"\d\.\d+", fact.statement)]
    assert any(price.tiers[0][1] == pytest.approx(value, rel=1e-5) for value in [*stated, *in_words])


def test_a_price_is_charged_tier_by_tier():
    price = facts.PRICES["duration_x86_64"]
    first, second = (bound for bound, _ in price.tiers[:2])
    a, b, c = (usd for _, usd in price.tiers)
    assert price.cost(0) == 0
    assert price.cost(first) == pytest.approx(first * a)
    assert price.cost(second + 10) == pytest.approx(first * a + (second - first) * b + 10 * c)
    with pytest.raises(ValueError, match="-1"):
        price.cost(-1)


def test_the_worked_example_of_the_pricing_page_comes_out():
    free_requests, free_duration = (facts.QUOTAS[name].maximum for name in ("free_requests", "free_duration"))
    usd = facts.PRICES["requests"].cost(3_000_000 - free_requests)
    usd += facts.PRICES["duration_x86_64"].cost(3_000_000 * 0.120 * 1536 / 1024 - free_duration)
    assert round(usd, 2) == facts.get("PRC-15").value


def test_keep_alive_presets_are_dated_and_ascend():
    assert len(facts.KEEP_ALIVE) == 3
    for preset in facts.KEEP_ALIVE.values():
        shares, seconds = zip(*preset.gone, strict=True)
        assert list(shares) == sorted(set(shares)) and list(seconds) == sorted(seconds)
        assert DATED.fullmatch(preset.as_of) and preset.fact in facts.FACTS


def test_managed_policies_have_documents_and_the_ones_the_facts_name():
    basic = facts.MANAGED_POLICIES["AWSLambdaBasicExecutionRole"]
    assert tuple(basic.document["Statement"][0]["Action"]) == facts.get("NOTES-28").value
    assert basic.arn == "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    assert set(facts.get("IAM-01").value) <= set(facts.MANAGED_POLICIES)
    for policy in facts.MANAGED_POLICIES.values():
        assert policy.document["Statement"] and policy.path.startswith("/") and policy.path.endswith("/")


def test_the_runtimes_that_aws_lists_are_open_to_new_functions():
    listed = facts.listed_runtimes()
    assert len(set(listed)) == len(listed) == 25
    assert all(facts.RUNTIMES[name].create_block > date(2026, 1, 31) for name in listed)


def test_runtimes_hold_the_sdk_s_list_and_dates_in_order():
    assert set(facts.get("RT-01").value) <= set(facts.RUNTIMES)
    assert facts.RUNTIMES["python3.12"].deprecated == date.fromisoformat(facts.get("NOTES-33").value)
    for runtime in facts.RUNTIMES.values():
        assert runtime.successor is None or runtime.successor in facts.RUNTIMES
        if runtime.create_block and runtime.update_block:
            assert runtime.create_block <= runtime.update_block


@pytest.mark.parametrize("words", facts.get("RT-03").value)
def test_the_runtimes_that_a_fact_calls_deprecated_are(words):
    name, day = re.fullmatch(r"(\S+) \((\S+)\)", words).groups()
    assert facts.RUNTIMES[name].deprecated == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("runtime", "works"),
    {"java11": True, "java8.al2": False, "java25": True, "python3.11": False, "python3.12": True, "dotnet6": False,
     "dotnet8": True, "dotnetcore3.1": False, "nodejs22.x": False, "ruby3.4": False, "provided.al2023": False}.items(),
)  # fmt: skip
def test_snapstart_runtimes(runtime, works):
    assert facts.RUNTIMES[runtime].snapstart is works


@pytest.mark.parametrize(
    ("ask", "near"),
    [
        (lambda: facts.get("NOTES-3"), "NOTES-03"),
        (lambda: facts.get("notes-03"), "NOTES-03"),
        (lambda: facts.topic("limit"), "limits"),
        (lambda: facts.QUOTAS["timeouts"], "timeout"),
        (lambda: facts.RUNTIMES["python3.21"], "python3.12"),
        (lambda: facts.MANAGED_POLICIES["AWSLambdaBasicExecution"], "AWSLambdaBasicExecutionRole"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(ask, near):
    with pytest.raises(KeyError) as error:
        ask()
    assert near in str(error.value) and "did you mean" in str(error.value)


def test_a_name_like_no_other_is_answered_with_all():
    with pytest.raises(KeyError, match="pricing"):
        facts.topic("?")


def test_a_topic_holds_its_facts():
    assert {fact.topic for fact in facts.topic("limits")} == {"limits"}
    assert facts.get("NOTES-03") in facts.topic("limits")


def test_a_fact_can_t_be_changed_and_shows_both_sides_and_its_date():
    fact = facts.get("NOTES-13")
    with pytest.raises(dataclasses.FrozenInstanceError):
        fact.value = 1
    for shown in (str(fact), html.unescape(fact._repr_html_())):
        assert fact.statement in shown and fact.exam in shown and fact.as_of in shown


def test_importing_reads_no_table():
    code = "import sys; from labkit import facts; assert 'difflib' not in sys.modules; print(len(vars(facts.QUOTAS)))"
    unread = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(unread) == 2  # its kind and its loader, no rows
