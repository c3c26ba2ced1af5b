"""Permissions boundaries and session policies: they give nothing, and what they do not allow is refused."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from labkit.identity import (
    IDENTITY_BASED,
    PERMISSIONS_BOUNDARY,
    RESOURCE_BASED,
    SESSION_POLICY,
    Context,
    Policy,
    Principal,
    Requirement,
    evaluate,
)

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/resize"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
WORKER = Principal.of_account(SESSION, ROLE)
GET, KEY = "s3:GetObject", "arn:aws:s3:::photos/a.jpg"
ALLOW = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::photos/*"}
ELSEWHERE = ALLOW | {"Resource": "arn:aws:s3:::other/*"}
OTHER = ALLOW | {"Action": "dynamodb:*", "Resource": "*"}
DENY = ALLOW | {"Effect": "Deny"}
KINDS = {"own": IDENTITY_BASED, "boundary": PERMISSIONS_BOUNDARY, "session": SESSION_POLICY, "resource": RESOURCE_BASED}
NONE = "because no {} allows the s3:GetObject action"


def to(*names):
    return ALLOW | {"Principal": {"AWS": list(names)}}


EVERYONE = ALLOW | {"Principal": "*"}
BUT_WORKER = DENY | {"NotPrincipal": {"AWS": [SESSION, ROLE, ROOT]}}

# what each kind of policy says, and the reason of the refusal or None
CASES = [
    ({"own": ALLOW}, None),
    ({"own": ALLOW, "boundary": ALLOW}, None),
    ({"own": ALLOW, "boundary": OTHER}, NONE.format("permissions boundary")),
    ({"own": ALLOW, "boundary": ELSEWHERE}, NONE.format("permissions boundary")),
    ({"own": OTHER, "boundary": ALLOW}, NONE.format("identity-based policy")),
    ({"boundary": ALLOW}, NONE.format("identity-based policy")),  # a boundary gives nothing
    ({"own": OTHER, "boundary": OTHER}, NONE.format("identity-based policy")),
    ({"own": ALLOW, "boundary": [ALLOW, DENY]}, "with an explicit deny in a permissions boundary"),
    ({"own": DENY, "boundary": ALLOW}, "with an explicit deny in an identity-based policy"),
    ({"own": ALLOW, "boundary": []}, NONE.format("permissions boundary")),  # its policy is gone
    ({"own": ALLOW, "session": ALLOW}, None),
    ({"own": ALLOW, "session": OTHER}, NONE.format("session policy")),
    ({"session": ALLOW}, NONE.format("identity-based policy")),
    ({"own": ALLOW, "session": [ALLOW, DENY]}, "with an explicit deny in a session policy"),
    ({"own": ALLOW, "boundary": ALLOW, "session": ALLOW}, None),
    ({"own": ALLOW, "boundary": OTHER, "session": ALLOW}, NONE.format("permissions boundary")),
    ({"own": ALLOW, "boundary": ALLOW, "session": OTHER}, NONE.format("session policy")),
    # what a resource gives to the role is limited; what it gives to the session or to everyone is not
    ({"resource": to(ROLE)}, None),
    ({"resource": to(ROLE), "boundary": ALLOW}, None),
    ({"resource": to(ROLE), "boundary": OTHER}, NONE.format("permissions boundary")),
    ({"resource": to(ROLE), "session": OTHER}, NONE.format("session policy")),
    ({"resource": to(SESSION), "boundary": OTHER}, None),
    ({"resource": to(SESSION), "session": OTHER}, None),
    ({"resource": to(SESSION, ROLE), "boundary": OTHER}, None),
    ({"resource": EVERYONE, "boundary": OTHER, "session": OTHER}, None),
    ({"resource": to(ROOT), "boundary": ALLOW}, NONE.format("identity-based policy")),
    ({"resource": to(ROOT), "own": ALLOW, "boundary": OTHER}, NONE.format("permissions boundary")),
    ({"resource": to(SESSION), "boundary": DENY}, "with an explicit deny in a permissions boundary"),
    ({"resource": to(SESSION), "own": DENY}, "with an explicit deny in an identity-based policy"),
    ({"resource": to(SESSION), "session": DENY}, "with an explicit deny in a session policy"),
    ({"resource": EVERYONE | {"Effect": "Deny"}, "own": ALLOW}, "with an explicit deny in a resource-based policy"),
    # NotPrincipal in a Deny leaves out nobody who has a boundary
    ({"resource": BUT_WORKER, "own": ALLOW}, None),
    ({"resource": BUT_WORKER, "own": ALLOW, "boundary": ALLOW}, "with an explicit deny in a resource-based policy"),
]  # fmt: skip


def policies(given):
    return [_policy(statements, KINDS[kind]) for kind, statements in given.items()]


def _policy(statements, kind):
    if not statements:
        return Policy("gone", (), kind)
    return Policy.parse({"Version": "2012-10-17", "Statement": statements}, kind=kind)


def decide(given):
    return evaluate(policies(given), Requirement(GET, KEY), Context(), WORKER)


@pytest.mark.parametrize(("says", "refused"), CASES)
def test_what_limits_a_role(says, refused):
    decision = decide(says)
    assert decision.allowed is (refused is None)
    assert refused is None or decision.reason == refused


def test_session_policies_allow_together():
    listed = [*policies({"own": ALLOW, "session": OTHER}), *policies({"session": ALLOW})]
    assert evaluate(listed, Requirement(GET, KEY), Context(), WORKER).allowed


says = st.lists(st.sampled_from([ALLOW, OTHER, ELSEWHERE, DENY]), max_size=3)
mixtures = st.dictionaries(st.sampled_from(["own", "boundary", "session"]), says)


@given(mixtures)
def test_allowed_is_what_every_kind_of_policy_allows(mixture):
    alone = [decide({"own": statements}).allowed for statements in ({"own": []} | mixture).values()]
    assert decide(mixture).allowed is all(alone)


@given(mixtures, st.sampled_from(["own", "boundary", "session"]), st.sampled_from([to(ROLE), to(SESSION), EVERYONE]))
def test_one_deny_more_in_any_kind_of_policy_never_allows_more(mixture, kind, resource):
    listed = mixture | {"resource": resource}
    assert not decide(listed | {kind: [*listed.get(kind, []), DENY]}).allowed


@given(mixtures, st.sampled_from(["boundary", "session"]), st.lists(st.sampled_from([ALLOW, OTHER, DENY])))
def test_a_limit_never_allows_more(mixture, kind, statements):
    unlimited = {name: says for name, says in mixture.items() if name != kind}
    assert decide(unlimited).allowed or not decide(unlimited | {kind: statements}).allowed
