"""Policies of resources: whom their statements are about, and how they join with those of a role."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from labkit.identity import (
    RESOURCE_BASED,
    ApiCall,
    Policy,
    PolicyError,
    Principal,
    Requirement,
    authorize,
    evaluate,
    service_context,
    time_keys,
    trust_of,
)  # fmt: skip

ACCOUNT = "123456789012"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE, OTHER = f"arn:aws:iam::{ACCOUNT}:role/worker", f"arn:aws:iam::{ACCOUNT}:role/other"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/resize"
BUCKET = "arn:aws:s3:::photos"
INVOKE = "lambda:InvokeFunction"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def statement(principal="*", effect="Allow", resource=FUNCTION, action=INVOKE, **more):
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource, **more}


def of_resource(*statements):
    return Policy.parse({"Version": "2012-10-17", "Id": "default", "Statement": list(statements)}, kind=RESOURCE_BASED)


def of_role(effect="Allow", resource="*"):
    statement = {"Effect": effect, "Action": INVOKE, "Resource": resource}
    return Policy.parse({"Version": "2012-10-17", "Statement": [statement]})


def decide(policies, principal, function=FUNCTION, **source):
    known = {"aws:SourceArn": BUCKET, "aws:SourceAccount": ACCOUNT, **time_keys(NOW), **source}
    context = service_context("s3.amazonaws.com", "us-east-1", ACCOUNT, known)
    return evaluate(policies, Requirement(INVOKE, function), context, principal)


S3 = Principal.service("s3.amazonaws.com")
WORKER = Principal.of_account(SESSION, ROLE)

SERVICE = [  # statement, whether S3 may invoke for the bucket photos
    (statement({"Service": "s3.amazonaws.com"}), True),
    (statement({"Service": ["sns.amazonaws.com", "s3.amazonaws.com"]}), True),
    (statement({"Service": "sns.amazonaws.com"}), False),
    (statement({"AWS": "s3.amazonaws.com"}), False),
    (statement("*"), True),
    (statement({"AWS": "*"}), True),
    (statement({"AWS": ROOT}), False),
    (statement(action="lambda:GetFunction"), False),
    (statement(action="lambda:*"), True),
    (statement(resource=f"{FUNCTION}:1"), False),
    (statement(resource=f"{FUNCTION}*"), True),
    (statement(Condition={"ArnLike": {"AWS:SourceArn": BUCKET}}), True),
    (statement(Condition={"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::pho*"}}), True),
    (statement(Condition={"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::other"}}), False),
    (statement(Condition={"StringEquals": {"AWS:SourceAccount": ACCOUNT}}), True),
    (statement(Condition={"StringEquals": {"AWS:SourceAccount": "210987654321"}}), False),
    (statement(Condition={"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}), False),
    (statement(Condition={"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}), False),
    (statement(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}), False),
    (statement(Condition={"StringEquals": {"aws:PrincipalServiceName": "s3.amazonaws.com"}}), True),
    (statement(Condition={"DateLessThan": {"aws:CurrentTime": "2026-12-01T00:00:00Z"}}), True),
    (statement(Condition={"DateLessThan": {"aws:CurrentTime": "2026-11-01T00:00:00Z"}}), False),
    (statement(Condition={"ArnLike": {"aws:PrincipalArn": "*"}}), False),
]


@pytest.mark.parametrize(("permission", "allowed"), SERVICE)
def test_a_service_may_do_what_the_resource_s_policy_allows_it(permission, allowed):
    decision = decide([of_resource(permission)], S3)
    assert decision.allowed is allowed
    if not allowed:
        assert decision.reason == f"because no resource-based policy allows the {INVOKE} action"


def test_a_service_without_any_policy_may_do_nothing():
    assert not decide([], S3).allowed


DENY_BUCKET = statement({"Service": "s3.amazonaws.com"}, "Deny", Condition={"ArnLike": {"aws:SourceArn": BUCKET}})


def test_a_deny_of_the_resource_wins():
    policy = of_resource(statement({"Service": "s3.amazonaws.com"}), DENY_BUCKET)
    refused = decide([policy], S3)
    assert (refused.allowed, refused.reason) == (False, "with an explicit deny in a resource-based policy")
    assert decide([policy], S3, **{"aws:SourceArn": "arn:aws:s3:::other"}).allowed


ROLES = [  # principal element, the role's own policies, whether the session may invoke
    ("*", [], True),
    ({"AWS": ROLE}, [], True),
    ({"AWS": SESSION}, [], True),
    ({"AWS": OTHER}, [], False),
    ({"AWS": ROOT}, [], False),  # handed on to the account, whose policies decide
    ({"AWS": ACCOUNT}, [], False),
    ({"AWS": ROOT}, [of_role()], True),
    ({"AWS": OTHER}, [of_role()], True),  # either kind of policy is enough in one account
    ({"AWS": ROLE}, [of_role("Deny")], False),
    ({"Service": "s3.amazonaws.com"}, [], False),
]


@pytest.mark.parametrize(("principal", "own", "allowed"), ROLES)
def test_in_one_account_either_kind_of_policy_allows(principal, own, allowed):
    assert decide([*own, of_resource(statement(principal))], WORKER).allowed is allowed


@pytest.mark.parametrize("principal", ["*", {"AWS": ROLE}, {"AWS": ROOT}, {"AWS": ACCOUNT}])
def test_a_resource_denies_a_role_by_any_of_its_names(principal):
    refused = decide([of_role(), of_resource(statement(principal, "Deny"))], WORKER)
    assert refused.reason == "with an explicit deny in a resource-based policy"


EXCEPTED = [
    ({"AWS": [SESSION, ROLE, ROOT]}, True),
    ({"AWS": [SESSION, ROLE, ACCOUNT]}, True),
    ({"AWS": [SESSION, ROLE]}, False),  # the account is not listed, so all in it are meant
    ({"AWS": ROOT}, False),
]


@pytest.mark.parametrize(("principals", "excepted"), EXCEPTED)
def test_not_principal_leaves_out_those_it_lists_with_their_account(principals, excepted):
    denial = {"Effect": "Deny", "NotPrincipal": principals, "Action": "*", "Resource": FUNCTION}
    assert decide([of_role(), of_resource(denial)], WORKER).allowed is excepted


BAD = [
    (statement(None) | {"Principal": None}, "Principal is missing"),
    ({"Effect": "Allow", "Action": "*", "Resource": "*"}, "neither is given of Principal and NotPrincipal"),
    (statement() | {"NotPrincipal": "*"}, "both are given of Principal and NotPrincipal"),
    (statement("arn:aws:iam::123456789012:root"), "it is * or an object of AWS, Service"),
    (statement({"Services": "s3.amazonaws.com"}), "'Services' is no kind of principal"),
    (statement({"Service": []}), "Principal Service is []"),
    (statement() | {"Principals": "*"}, "a resource's policy has no field 'Principals' here; did you mean Principal"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_an_ill_formed_principal_is_named(wrong, message):
    with pytest.raises(PolicyError) as error:
        of_resource(wrong)
    assert message in str(error.value)


def test_a_whole_call_takes_the_policies_of_its_resource_into_account():
    call = ApiCall("lambda", "Invoke", {"FunctionName": "f"}, "us-east-1", ACCOUNT)
    policies = {Requirement(INVOKE, FUNCTION): [of_resource(statement({"AWS": ROLE}))]}
    assert authorize(call, [], SESSION, policies_for=policies.__getitem__) is None
    denial = authorize(call, [], f"arn:aws:sts::{ACCOUNT}:assumed-role/other/x", policies_for=policies.__getitem__)
    reason = f"because no identity-based policy allows the {INVOKE} action"
    assert denial.message.endswith(f"on resource: {FUNCTION} {reason}")


KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k"
DECRYPT = "kms:Decrypt"
IN_ACCOUNT = {"StringEquals": {"kms:CallerAccount": ACCOUNT}}
BY_SERVICE = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
OF_KEY, OF_IDENTITY = (
    f"because no resource-based policy allows the {DECRYPT} action",
    (f"because no identity-based policy allows the {DECRYPT} action"),
)


def of_key(principal, effect="Allow", action="kms:*", **more):
    return statement(principal, effect, "*", action, **more)


KEYS = [  # the key's statements, whether the role's own policy allows, why it is refused (empty when it is not)
    ([of_key({"AWS": ROOT})], True, ""),
    ([of_key({"AWS": ACCOUNT})], True, ""),
    ([of_key({"AWS": ROOT})], False, OF_IDENTITY),
    ([of_key({"AWS": ROLE})], False, ""),
    ([of_key({"AWS": ROLE})], True, ""),
    ([of_key({"AWS": SESSION})], False, ""),
    ([of_key("*")], False, ""),
    ([of_key("*", Condition=IN_ACCOUNT)], False, ""),
    ([of_key("*", Condition=BY_SERVICE)], True, OF_KEY),
    ([of_key({"AWS": OTHER})], True, OF_KEY),
    ([of_key({"AWS": OTHER})], False, OF_KEY),
    ([of_key({"AWS": ROOT}, action="kms:Encrypt")], True, OF_KEY),
    ([of_key({"AWS": ROOT}, Condition=IN_ACCOUNT)], True, ""),
    ([of_key({"AWS": ROOT}, Condition={"ArnNotLike": {"aws:PrincipalArn": ROLE}})], True, OF_KEY),
    ([of_key({"Service": "lambda.amazonaws.com"})], True, OF_KEY),
    ([of_key({"AWS": ROOT}), of_key({"AWS": ROLE}, "Deny")], True, "with an explicit deny in a resource-based policy"),
    ([of_key({"AWS": ROOT}), of_key({"AWS": OTHER}, "Deny")], True, ""),
    ([of_key({"AWS": "arn:aws:iam::210987654321:root"})], True, OF_KEY),
]


@pytest.mark.parametrize(("statements", "allows", "refusal"), KEYS)
def test_a_key_s_policy_has_the_last_word(statements, allows, refusal):
    own = [Policy.parse({"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": KEY}})] if allows else []
    call = ApiCall("kms", "Decrypt", {"KeyId": KEY}, "us-east-1", ACCOUNT)
    denial = authorize(call, own, SESSION, {"aws:PrincipalArn": ROLE}, lambda needed: [of_resource(*statements)])
    assert (denial.decision.reason if denial else "") == refusal


def trust(*statements):
    listed = [{"Action": "sts:AssumeRole", "Effect": "Allow", **each} for each in statements]
    return trust_of(json.dumps({"Version": "2012-10-17", "Statement": listed}), "the trust policy")


NO_TRUST = "because no role trust policy allows the sts:AssumeRole action"
TRUSTS = [  # the other role's trust, whether the role's own policy allows, why it is refused
    (trust({"Principal": {"AWS": ROLE}}), False, ""),
    (trust({"Principal": {"AWS": ROOT}}), True, ""),
    (trust({"Principal": {"AWS": ROOT}}), False, "because no identity-based policy allows the sts:AssumeRole action"),
    (trust({"Principal": {"Service": "lambda.amazonaws.com"}}), True, NO_TRUST),
    (trust({"Principal": {"AWS": OTHER}}), True, NO_TRUST),
    (trust({"Principal": {"AWS": ROLE}, "Action": "sts:TagSession"}), True, NO_TRUST),
    (trust({"Principal": {"AWS": ROLE}, "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}), True, NO_TRUST),
    (trust({"Principal": "*"}, {"Principal": {"AWS": ROLE}, "Effect": "Deny"}), True,
     "with an explicit deny in the role trust policy"),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "allows", "refusal"), TRUSTS)
def test_a_role_is_assumed_by_whom_its_trust_policy_lets(policy, allows, refusal):
    own = [Policy.parse({"Statement": {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}})] if allows else []
    call = ApiCall("sts", "AssumeRole", {"RoleArn": OTHER, "RoleSessionName": "s"}, "us-east-1", ACCOUNT)
    denial = authorize(call, own, SESSION, {"aws:PrincipalArn": ROLE}, lambda needed: [policy])
    assert (denial.decision.reason if denial else "") == refusal
