"""IAM's evaluation logic: (policy, request, decision) cases from the IAM User Guide, and what holds for any policy."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from labkit.identity import Context, Policy, Requirement, evaluate

ACCOUNT = "123456789012"
GET, PUT, DELETE, LIST = "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"
BUCKET, KEY = "arn:aws:s3:::photos", "arn:aws:s3:::photos/a.jpg"
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/Orders"
INDEX = f"{TABLE}/index/by-day"
STREAM = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/f:log-stream:2026/[$LATEST]ab"
GROUP = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/f:log-stream:"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:resize"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db"
CALLER = f"arn:aws:iam::{ACCOUNT}:role/worker"
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}

KEYS = {
    "aws:PrincipalArn": CALLER, "aws:username": None, "aws:userid": "AROAEXAMPLE:session", "aws:SecureTransport": True,
    "aws:MultiFactorAuthPresent": None, "aws:CurrentTime": "2026-03-01T12:00:00Z", "aws:EpochTime": 1772366400,
    "aws:SourceIp": "203.0.113.7", "aws:RequestedRegion": "us-east-1", "aws:PrincipalTag/team": "blue",
    "aws:PrincipalTag/odd": "a*", "aws:TagKeys": ["env", "team"], "s3:prefix": "home/", "s3:max-keys": "10",
}  # fmt: skip


def allow(action=GET, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action=GET, resource="*", **more):
    return allow(action, resource, **more) | {"Effect": "Deny"}


def decide(statements, action=GET, resource=KEY, version="2012-10-17"):
    policy = Policy.parse({"Version": version, "Statement": statements})
    return evaluate([policy], Requirement(action, resource), Context(KEYS))


# statements, action, resource, allowed
BASIC = [
    ([deny(DELETE)], GET, KEY, False),  # nothing allows it
    (allow(), GET, KEY, True),  # one statement need not be a list
    ([allow()], PUT, KEY, False),
    ([allow([GET, PUT])], PUT, KEY, True),
    ([allow("*")], "iam:CreateUser", "*", True),
    ([allow("s3:*")], DELETE, KEY, True),
    ([allow("s3:*")], "dynamodb:PutItem", TABLE, False),
    ([allow("s3:Get*")], GET, KEY, True),
    ([allow("s3:Get*")], "s3:GetObjectVersion", KEY, True),
    ([allow("s3:Get*")], PUT, KEY, False),
    ([allow("s3:*Object")], PUT, KEY, True),
    ([allow("s3:*Object")], "s3:PutObjectAcl", KEY, False),
    ([allow("s3:?etObject")], GET, KEY, True),
    ([allow("s3:?etObject")], PUT, KEY, False),
    ([allow("S3:getobject")], GET, KEY, True),  # actions in any letters
    ([allow("s3:GETOBJECT")], GET, KEY, True),
    ([allow("*:GetObject")], GET, KEY, True),
    ([allow("s3:GetObjec")], GET, KEY, False),
    ([allow(), deny()], GET, KEY, False),
    ([deny(), allow()], GET, KEY, False),
    ([allow(), deny(PUT)], GET, KEY, True),
    ([ALL, deny("s3:*")], GET, KEY, False),
    ([ALL, deny("s3:Delete*")], GET, KEY, True),
    ([ALL, deny("s3:Delete*")], DELETE, KEY, False),
    ([deny("*")], GET, KEY, False),
    ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], GET, KEY, True),
    ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "iam:CreateUser", "*", False),
    ([{"Effect": "Allow", "NotAction": "IAM:*", "Resource": "*"}], "iam:CreateUser", "*", False),
    ([{"Effect": "Allow", "NotAction": [GET, PUT], "Resource": "*"}], DELETE, KEY, True),
    ([{"Effect": "Allow", "NotAction": [GET, PUT], "Resource": "*"}], PUT, KEY, False),
    ([ALL, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], GET, KEY, True),
    ([ALL, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], "dynamodb:PutItem", TABLE, False),
]  # fmt: skip

# pattern, resource, matched
RESOURCES = [
    ("*", KEY, True),
    ("*", "*", True),
    (KEY, KEY, True),
    (KEY, "*", False),  # an action without a resource is allowed on * only
    ("arn:aws:s3:::*", "*", False),
    (BUCKET, KEY, False),  # a bucket is not its objects
    (f"{BUCKET}/*", KEY, True),
    (f"{BUCKET}/*", BUCKET, False),  # nor objects their bucket
    (f"{BUCKET}*", KEY, True),
    (f"{BUCKET}*", BUCKET, True),
    (f"{BUCKET}*", "arn:aws:s3:::photos-private/a", True),
    (f"{BUCKET}/*/test/*", f"{BUCKET}/1/test/object.jpg", True),
    (f"{BUCKET}/*/test/*", f"{BUCKET}/1/2/test/3/object.jpg", True),
    (f"{BUCKET}/*/test/*", f"{BUCKET}//test/object.jpg", True),
    (f"{BUCKET}/*/test/*", f"{BUCKET}/1-test/object.jpg", False),
    (f"{BUCKET}/*/test/*", f"{BUCKET}/test/object.jpg", False),
    (f"{BUCKET}/*.jpg", f"{BUCKET}/12:30.jpg", True),  # a key may contain colons
    (f"{BUCKET}/?.jpg", KEY, True),
    (f"{BUCKET}/?.jpg", f"{BUCKET}/ab.jpg", False),
    (f"{BUCKET}/A.jpg", KEY, False),  # resources in these letters only
    ("arn:aws:s3:::Photos/*", KEY, False),
    (TABLE, INDEX, False),  # a table is not its index
    (f"{TABLE}/index/*", INDEX, True),
    (f"{TABLE}/index/*", TABLE, False),
    (f"{TABLE}*", INDEX, True),
    ("arn:aws:dynamodb:us-east-1:*:table/Orders", TABLE, True),
    ("arn:aws:dynamodb:*:*:table/Orders", TABLE, True),
    ("arn:aws:dynamodb:eu-*:*:table/Orders", TABLE, False),
    ("arn:aws:dynamodb:us-????-1:*:table/Orders", TABLE, True),
    ("arn:aws:dynamodb:us-*-1:*:table/Orders", TABLE, True),
    ("arn:*:dynamodb:us-east-1:*:table/Orders", TABLE, True),
    ("arn:aws:dynamodb:*", TABLE, True),  # a * that ends its segment runs over colons
    ("arn:aws:dynamodb:us-*", TABLE, True),
    ("arn:aws:dynamodb:us-*1:table/Orders", TABLE, False),  # one inside a segment does not
    ("arn:aws:dynamodb:us-east-1::table/Orders", TABLE, False),
    (f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/Order?", TABLE, True),
    ("arn:aws:logs:*:*:*", STREAM, True),
    (f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/f:*", STREAM, True),
    (f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/f:*", GROUP, True),
    (f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/f", GROUP, False),  # Logs wants the :*
    (f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/*", STREAM, True),
    ("arn:aws:logs:*:*:log-group:/aws/lambda/*:log-stream:*", STREAM, True),
    ("arn:aws:logs:*:*:log-group:/aws/lambda-insights:*", STREAM, False),
    (FUNCTION, f"{FUNCTION}:live", False),
    (f"{FUNCTION}:*", f"{FUNCTION}:live", True),
    (f"{FUNCTION}:*", FUNCTION, False),
    (f"{FUNCTION}*", f"{FUNCTION}:live", True),
    (f"{SECRET}-??????", f"{SECRET}-a1B2c3", True),
    (f"{SECRET}-??????", f"{SECRET}-user-a1B2c3", False),
    (f"{SECRET}-*", f"{SECRET}-??????", True),  # asked for by name
    (f"{SECRET}-??????", f"{SECRET}-??????", True),
    (f"{SECRET}-a1B2c3", f"{SECRET}-??????", True),
    (f"{SECRET}-a1B2c3", f"{SECRET}-zzzzzz", False),
    (SECRET, f"{SECRET}-??????", False),
    (f"{SECRET}2-a1B2c3", f"{SECRET}-??????", False),
    ("arn:aws:s3:::a.c/*", "arn:aws:s3:::abc/k", False),  # other signs are themselves
    ("arn:aws:s3:::a[bc]/*", "arn:aws:s3:::ab/k", False),
    ("arn:aws:s3:::${aws:PrincipalTag/team}/*", "arn:aws:s3:::blue/k", True),
    ("arn:aws:s3:::${aws:principaltag/TEAM}/*", "arn:aws:s3:::blue/k", True),
    ("arn:aws:s3:::${aws:PrincipalTag/team}/*", "arn:aws:s3:::red/k", False),
    ("arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::anyone/k", False),  # a role has no user name
    ("arn:aws:s3:::${aws:username, 'shared'}/*", "arn:aws:s3:::shared/k", True),
    ("arn:aws:s3:::x/${aws:userid}/*", "arn:aws:s3:::x/AROAEXAMPLE:session/k", True),
    ("arn:aws:s3:::${aws:PrincipalTag/odd}/*", "arn:aws:s3:::abc/k", False),  # a * in a value is no wildcard
    ("arn:aws:s3:::${aws:PrincipalTag/odd}/*", "arn:aws:s3:::a*/k", True),
    ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", True),
    ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", False),
    ("arn:aws:s3:::b/${?}", "arn:aws:s3:::b/?", True),
    ("arn:aws:s3:::b/${$}", "arn:aws:s3:::b/$", True),
    ("arn:aws:s3:::${aws:TagKeys}/*", "arn:aws:s3:::env/k", False),  # a key with several values is no variable
]  # fmt: skip

# operator, key, values, met
CONDITIONS = [
    ("StringEquals", "s3:prefix", "home/", True),
    ("StringEquals", "s3:prefix", "HOME/", False),
    ("StringEquals", "S3:Prefix", "home/", True),
    ("StringEquals", "s3:prefix", ["", "home/"], True),
    ("StringEquals", "s3:prefix", [], False),
    ("StringEquals", "s3:prefix", "home*", False),
    ("StringEquals", "aws:username", "ann", False),
    ("StringNotEquals", "s3:prefix", "home/", False),
    ("StringNotEquals", "s3:prefix", ["home/", "other/"], False),
    ("StringNotEquals", "s3:prefix", ["x", "y"], True),
    ("StringNotEquals", "aws:username", "ann", True),  # a missing key differs from any value
    ("StringEqualsIgnoreCase", "s3:prefix", "HOME/", True),
    ("StringNotEqualsIgnoreCase", "s3:prefix", "HOME/", False),
    ("StringLike", "s3:prefix", "home*", True),
    ("StringLike", "s3:prefix", "h?me/", True),
    ("StringLike", "s3:prefix", "Home*", False),
    ("StringLike", "aws:userid", "*:session", True),
    ("StringLike", "aws:userid", "AROAEXAMPLE:*", True),
    ("StringNotLike", "s3:prefix", "home*", False),
    ("StringEquals", "aws:PrincipalTag/team", "${aws:PrincipalTag/team}", True),
    ("StringEquals", "aws:PrincipalTag/odd", "${aws:PrincipalTag/odd}", True),
    ("StringEquals", "aws:PrincipalTag/team", "${aws:username}", False),
    ("StringEqualsIfExists", "aws:username", "ann", True),
    ("StringEqualsIfExists", "s3:prefix", "other/", False),
    ("Null", "aws:username", "true", True),
    ("Null", "aws:username", True, True),
    ("Null", "s3:prefix", "true", False),
    ("Null", "s3:prefix", "false", True),
    ("Bool", "aws:SecureTransport", "true", True),
    ("Bool", "aws:SecureTransport", True, True),
    ("Bool", "aws:SecureTransport", "false", False),
    ("Bool", "aws:MultiFactorAuthPresent", "true", False),
    ("Bool", "aws:MultiFactorAuthPresent", "false", False),
    ("BoolIfExists", "aws:MultiFactorAuthPresent", "false", True),
    ("NumericEquals", "s3:max-keys", 10, True),
    ("NumericEquals", "s3:max-keys", "10.0", True),
    ("NumericNotEquals", "s3:max-keys", "10", False),
    ("NumericLessThan", "s3:max-keys", "10", False),
    ("NumericLessThanEquals", "s3:max-keys", "10", True),
    ("NumericLessThan", "s3:max-keys", "9", False),
    ("NumericGreaterThan", "s3:max-keys", "9", True),
    ("NumericGreaterThanEquals", "s3:max-keys", "11", False),
    ("NumericEquals", "s3:prefix", "10", False),
    ("DateLessThan", "aws:CurrentTime", "2026-04-01T00:00:00Z", True),
    ("DateLessThan", "aws:CurrentTime", "2026-03-01T12:00:00Z", False),
    ("DateLessThanEquals", "aws:CurrentTime", "2026-03-01T12:00:00Z", True),
    ("DateGreaterThan", "aws:CurrentTime", "2026-02-01", True),
    ("DateGreaterThan", "aws:CurrentTime", "2026-03-01T14:00:00+03:00", True),
    ("DateEquals", "aws:EpochTime", "2026-03-01T12:00:00Z", True),
    ("DateNotEquals", "aws:EpochTime", "1772366400", False),
    ("IpAddress", "aws:SourceIp", "203.0.113.0/24", True),
    ("IpAddress", "aws:SourceIp", "203.0.113.7", True),
    ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "192.168.0.0/16"], False),
    ("NotIpAddress", "aws:SourceIp", ["10.0.0.0/8", "203.0.113.0/24"], False),
    ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8", True),
    ("IpAddress", "aws:SourceIp", "2001:db8::/32", False),
    ("ArnEquals", "aws:PrincipalArn", CALLER, True),
    ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/work*", True),
    ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/*", True),  # ArnEquals takes wildcards too
    ("ArnLike", "aws:PrincipalArn", "arn:aws:iam:*", False),  # each of the six parts by itself
    ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/other*", True),
    ("ArnNotEquals", "aws:PrincipalArn", CALLER, False),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["env", "team", "cost"], True),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["env"], False),
    ("ForAllValues:StringEquals", "aws:username", ["env"], True),  # vacuously
    ("ForAllValues:StringNotLike", "aws:TagKeys", "key1*", True),
    ("ForAllValues:StringNotLike", "aws:TagKeys", "env*", False),
    ("ForAnyValue:StringEquals", "aws:TagKeys", ["env"], True),
    ("ForAnyValue:StringEquals", "aws:TagKeys", ["cost"], False),
    ("ForAnyValue:StringEquals", "aws:username", ["env"], False),
    ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["env"], True),
    ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["env", "team"], False),
    ("ForAnyValue:StringLikeIfExists", "aws:username", "x", True),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "action", "resource", "allowed"), BASIC)
def test_effects_and_actions(statements, action, resource, allowed):
    assert decide(statements, action, resource).allowed is allowed


@pytest.mark.parametrize(("pattern", "resource", "matched"), RESOURCES)
def test_resource_patterns(pattern, resource, matched):
    assert decide([allow(GET, pattern)], GET, resource).allowed is matched
    assert decide([ALL, deny(GET, pattern)], GET, resource).allowed is not matched
    not_resource = {"Effect": "Allow", "Action": GET, "NotResource": pattern}
    assert decide([not_resource], GET, resource).allowed is not matched


@pytest.mark.parametrize(("operator", "key", "values", "met"), CONDITIONS)
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
