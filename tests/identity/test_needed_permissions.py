"""The policy proposed from the permissions used, and what is broader in those there are."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from labkit.identity import Context, Policy, Requirement, evaluate
from labkit.identity.least_privilege import Use, least_privilege

ROLE = "arn:aws:iam::123456789012:role/worker"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/Orders"
GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f"
GET, PUT = "dynamodb:GetItem", "dynamodb:PutItem"


def use(action, resource=TABLE, allowed=True):
    return Use(ROLE, "f", Requirement(action, resource), allowed)


def proposed(*uses, statements=()):
    policies = [Policy.parse({"Version": "2012-10-17", "Statement": list(statements)}, "P")] if statements else []
    return least_privilege("f", uses, policies)


def allow(action, resource, **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def excess(*uses, **statement):
    return [str(each) for each in proposed(*uses, statements=[{"Effect": "Allow", **statement}]).excess]


def test_actions_on_the_same_resources_share_a_statement():
    found = proposed(use(PUT), use(GET), use("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:jobs"), use(GET))
    assert found.policy["Version"] == "2012-10-17"
    assert found.policy["Statement"] == [
        allow([GET, PUT], [TABLE]),
        allow(["sqs:SendMessage"], ["arn:aws:sqs:us-east-1:123456789012:jobs"]),
    ]


def test_a_log_group_stands_for_its_streams():
    streams = [use("logs:PutLogEvents", f"{GROUP}:log-stream:{number}") for number in range(3)]
    assert proposed(*streams).policy["Statement"] == [allow(["logs:PutLogEvents"], [f"{GROUP}:*"])]


def test_of_many_resources_a_pattern_is_made_and_what_is_no_arn_is_any():
    keys = [use("s3:GetObject", f"arn:aws:s3:::photos/in/{number}.jpg") for number in range(6)]
    calls = [*keys[:5], use("sns:Publish", "+358401234567")]
    few, everywhere = proposed(*calls).policy["Statement"]
    assert len(few["Resource"]) == 5 and everywhere["Resource"] == ["*"]
    assert proposed(*keys).policy["Statement"] == [allow(["s3:GetObject"], ["arn:aws:s3:::photos/in/*"])]


def test_what_was_refused_is_proposed_and_said():
    found = proposed(use(GET), use(PUT, allowed=False))
    assert found.refused == (Requirement(PUT, TABLE),)
    assert found.policy["Statement"] == [allow([GET, PUT], [TABLE])]
    assert f"Refused so far: {PUT} on {TABLE}" in repr(found)


def test_each_statement_tells_what_is_unused_and_what_is_wide():
    assert excess(use(GET), Action=GET, Resource=TABLE) == []
    assert excess(use(GET), Action=[GET, PUT], Resource=TABLE) == [f"P, statement 1: {PUT} is not used"]
    assert excess(use(GET), Action="dynamodb:*", Resource="*") == [
        f"P, statement 1: dynamodb:* is used for {GET} only; * is used for {TABLE} only"
    ]
    assert excess(use(GET), Action="s3:*", Resource="*") == ["P, statement 1: s3:* is not used"]
    assert excess(use(GET), Action=GET, Resource=[TABLE, f"{TABLE}2"]) == [f"P, statement 1: {TABLE}2 is not used"]
    assert excess(use(GET), NotAction="iam:*", Resource=TABLE) == [
        f"P, statement 1: NotAction iam:* is used for {GET} only"
    ]
    assert excess(use(GET), Effect="Deny", Action="s3:*", Resource="*") == []
    streams = use("logs:PutLogEvents", f"{GROUP}:log-stream:1")
    assert excess(streams, Action="logs:PutLogEvents", Resource=f"{GROUP}:*") == []


def test_it_reads_as_text_and_as_html():
    found = proposed(use(GET), statements=[allow("dynamodb:*", TABLE)])
    assert '"dynamodb:GetItem"' in repr(found) and "Broader than needed: P, statement 1: dynamodb:*" in repr(found)
    assert "<pre>" in found._repr_html_() and "&quot;dynamodb:GetItem&quot;" in found._repr_html_()
    assert "Nothing in its role's policies is broader" in repr(proposed(use(GET), statements=[allow(GET, TABLE)]))


letters = st.text(alphabet="ab/*?${}:.", min_size=1, max_size=8)
requirements = st.builds(
    Requirement, st.sampled_from([GET, PUT, "s3:GetObject"]), letters.map(lambda key: f"arn:aws:s3:::b/{key}")
)


@given(st.lists(requirements, min_size=1, max_size=12))
def test_the_proposal_allows_every_call_that_was_made_and_is_not_broader_than_itself(needed):
    found = proposed(*(use(each.action, each.resource) for each in needed))
    policy = Policy.parse(found.policy)
    assert all(evaluate([policy], each, Context()).allowed for each in needed)
    assert not evaluate([policy], Requirement("s3:DeleteObject", needed[0].resource), Context()).allowed
    assert least_privilege("f", [use(each.action, each.resource) for each in needed], [policy]).excess == ()
