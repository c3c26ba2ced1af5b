"""IAM's evaluation logic: (policy, request, decision) cases from the IAM User Guide, and what holds for any policy."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from decision_tables import (
    ALL,
    BASIC,
    BUCKET,
    CONDITIONS,
    FAMILIES,
    GET,
    KEY,
    KEYS,
    LIST,
    PUT,
    RESOURCES,
    TABLE,
    allow,
    deny,
)
from hypothesis import given, settings
from test_limiting_policies import CASES as LIMITS
from test_resource_policies import EXCEPTED, ROLES, SERVICE

from labkit.identity import Context, Policy, Requirement, evaluate
from labkit.identity.conditions import OPERATORS


def decide(statements, action=GET, resource=KEY, version="2012-10-17"):
    policy = Policy.parse({"Version": version, "Statement": statements})
    return evaluate([policy], Requirement(action, resource), Context(KEYS))


@pytest.mark.parametrize(("statements", "action", "resource", "allowed"), BASIC)
def test_effects_and_actions(statements, action, resource, allowed):
    assert decide(statements, action, resource).allowed is allowed


@pytest.mark.parametrize(("pattern", "resource", "matched"), RESOURCES)
def test_resource_patterns(pattern, resource, matched):
    assert decide([allow(GET, pattern)], GET, resource).allowed is matched
    assert decide([ALL, deny(GET, pattern)], GET, resource).allowed is not matched
    not_resource = {"Effect": "Allow", "Action": GET, "NotResource": pattern}
    assert decide([not_resource], GET, resource).allowed is not matched


@pytest.mark.parametrize(("operator", "key", "values", "met"), [*CONDITIONS, *FAMILIES])
def test_conditions(operator, key, values, met):
    condition = {operator: {key: values}}
    assert decide([allow(Condition=condition)]).allowed is met
    assert decide([ALL, deny(Condition=condition)]).allowed is not met


def test_all_operators_and_keys_of_a_condition_block_must_be_met():
    met, unmet = {"s3:prefix": "home/"}, {"aws:RequestedRegion": "eu-west-1"}
    assert decide([allow(Condition={"StringEquals": met})]).allowed
    assert not decide([allow(Condition={"StringEquals": met | unmet})]).allowed
    assert not decide([allow(Condition={"StringEquals": met, "StringLike": unmet})]).allowed


def test_a_policy_of_the_old_version_takes_a_variable_as_plain_text():
    statement = allow(GET, "arn:aws:s3:::${aws:PrincipalTag/team}/*")
    assert not decide([statement], GET, "arn:aws:s3:::blue/k", version="2008-10-17").allowed
    assert decide([statement], GET, "arn:aws:s3:::${aws:PrincipalTag/team}/k", version="2008-10-17").allowed


def test_a_deny_in_one_policy_wins_over_an_allow_in_another():
    policies = [Policy.parse({"Statement": s}, name) for s, name in ((ALL, "admin"), (deny(), "guard"))]
    decision = evaluate(policies, Requirement(GET, KEY), Context(KEYS))
    assert not decision.allowed
    assert decision.statement.name == "guard, statement 1"
    assert decision.reason == "with an explicit deny in an identity-based policy"


def test_a_decision_names_the_statement_that_allows():
    decision = decide([deny(PUT), allow(Sid="ReadPhotos")])
    assert decision.allowed and decision.statement.name == "the policy, statement 2 (ReadPhotos)"


UNKNOWN = [
    ({"StringEqual": {"s3:prefix": "home/"}}, "condition operator StringEqual; did you mean StringEquals?"),
    ({"NullIfExists": {"s3:prefix": "true"}}, "condition operator NullIfExists; did you mean Null?"),
    ({"Regex": {"s3:prefix": "home/"}}, "condition operator Regex"),
    ({"StringEquals": {"dynamodb:LeadingKeys": "a"}}, "condition key dynamodb:LeadingKeys"),
    ({"Null": {"dynamodb:LeadingKeys": "true"}}, "condition key dynamodb:LeadingKeys"),
    ({"StringEquals": {"s3:prefix": "${aws:PrincipalTag/none}"}}, "condition key aws:PrincipalTag/none"),
]


@pytest.mark.parametrize(("condition", "named"), UNKNOWN)
def test_what_the_kit_does_not_know_never_allows_and_always_denies(condition, named):
    allowing, denying = decide([allow(Condition=condition)]), decide([ALL, deny(Condition=condition)])
    assert not allowing.allowed and not denying.allowed
    assert allowing.unknown == (f"the policy, statement 1: the kit does not know {named}",)
    assert denying.unknown == (f"the policy, statement 2: the kit does not know {named}",)


def test_what_the_kit_does_not_know_does_not_matter_where_the_statement_fails_anyway():
    unknown = {"StringEquals": {"dynamodb:LeadingKeys": "a", "s3:prefix": "elsewhere/"}}
    assert decide([ALL, deny(Condition=unknown)]).allowed
    assert decide([ALL, deny(PUT, Condition=unknown)]).unknown == ()
    resources = ["arn:aws:s3:::${aws:PrincipalTag/none}/*", f"{BUCKET}/*"]
    assert decide([allow(GET, resources)]).allowed
    assert not decide([allow(GET, resources)], GET, "arn:aws:s3:::other/k").allowed


patterns = st.sampled_from(["*", "s3:*", "s3:Get*", "s3:?etObject", GET, PUT, "dynamodb:*", "dynamodb:PutItem"])
targets = st.sampled_from(
    ["*", BUCKET, f"{BUCKET}/*", KEY, TABLE, "arn:aws:dynamodb:*", "arn:aws:s3:::${aws:username}/*"]
)
conditions = st.sampled_from([
    {}, {"Bool": {"aws:SecureTransport": "true"}}, {"StringLike": {"s3:prefix": "other*"}},
    {"StringEquals": {"kit:Unheard": "x"}}, {"Unheard": {"s3:prefix": "x"}},
])  # fmt: skip
statements = st.builds(
    lambda effect, no_action, action, no_resource, resource, condition: {
        "Effect": effect, "Not" * no_action + "Action": action, "Not" * no_resource + "Resource": resource,
        "Condition": condition,
    },
    st.sampled_from(["Allow", "Deny"]), st.booleans(), patterns, st.booleans(), targets, conditions,
)  # fmt: skip
policies = st.lists(statements, min_size=1, max_size=5)
requests = st.sampled_from(
    [(GET, KEY), (PUT, KEY), (LIST, BUCKET), ("dynamodb:PutItem", TABLE), ("s3:ListAllMyBuckets", "*")]
)


@given(policies, statements, requests)
def test_one_deny_more_never_allows_more(listed, added, request):
    if decide([*listed, added | {"Effect": "Deny"}], *request).allowed:
        assert decide(listed, *request).allowed


@given(policies, statements, requests)
def test_one_allow_more_never_allows_less(listed, added, request):
    if decide(listed, *request).allowed:
        assert decide([*listed, added | {"Effect": "Allow"}], *request).allowed


@given(policies.flatmap(lambda listed: st.tuples(st.just(listed), st.permutations(listed))), requests)
def test_the_order_of_statements_and_policies_does_not_matter(both, request):
    listed, shuffled = both
    one = decide(listed, *request).allowed
    assert one == decide(shuffled, *request).allowed
    apart = [Policy.parse({"Version": "2012-10-17", "Statement": statement}) for statement in shuffled]
    assert one == evaluate(apart, Requirement(*request), Context(KEYS)).allowed


@settings(max_examples=50)
@given(st.from_regex(r"[a-z0-9-]{2,12}:[A-Z][A-Za-z]{1,20}", fullmatch=True), st.text(max_size=40))
def test_allow_all_allows_everything(action, resource):
    assert decide([ALL], action, resource).allowed


@given(policies, requests)
def test_allow_all_is_stopped_by_a_deny_only(listed, request):
    denied = any(decide([ALL, statement], *request).allowed is False for statement in listed)
    assert decide([ALL, *listed], *request).allowed is not denied


@given(st.text(alphabet="ab*?:/.", min_size=1, max_size=12))
def test_a_pattern_without_wildcards_fits_itself_alone(name):
    arn = f"arn:aws:s3:::b/{name}"
    escaped = name.replace("?", "${?}").replace("*", "${*}")
    assert decide([allow(GET, f"arn:aws:s3:::b/{escaped}")], GET, arn).allowed
    assert not decide([allow(GET, f"arn:aws:s3:::b/{escaped}")], GET, arn + "x").allowed


def test_the_tables_hold_two_hundred_cases_and_every_operator():
    tables = [BASIC, RESOURCES, CONDITIONS, FAMILIES, SERVICE, ROLES, EXCEPTED, LIMITS]
    assert sum(map(len, tables)) >= 300
    named = {operator.partition(":")[2] or operator for operator, *_ in [*CONDITIONS, *FAMILIES]}
    assert {name.removesuffix("IfExists") for name in named} == set(OPERATORS)
