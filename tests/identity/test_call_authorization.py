"""A whole call: what AWS's managed policies allow a function, and AWS's words when they do not."""

from __future__ import annotations

import pytest

from labkit import facts
from labkit.identity import ApiCall, Policy, authorize

ACCOUNT = "123456789012"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/resize"
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/T"


def call(name, **parameters):
    service, operation = name.split(":")
    return ApiCall(service, operation, parameters, "us-east-1", ACCOUNT)


def managed(*names):
    return [Policy.parse(facts.MANAGED_POLICIES[name].document, name) for name in names]


def inline(*statements):
    return [Policy.parse({"Version": "2012-10-17", "Statement": list(statements)})]


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


PHOTO = {"Bucket": "photos", "Key": "a.jpg"}
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/jobs"
NOT = f"User: {SESSION} is not authorized to perform: "
NONE = "because no identity-based policy allows the {} action"
MESSAGES = [
    (call("dynamodb:PutItem", TableName="T"), "AccessDeniedException",
     f"{NOT}dynamodb:PutItem on resource: {TABLE} {NONE.format('dynamodb:PutItem')}"),
    (call("s3:GetObject", **PHOTO), "AccessDenied",
     f'{NOT}s3:GetObject on resource: "arn:aws:s3:::photos/a.jpg" {NONE.format("s3:GetObject")}'),
    (call("s3:ListBuckets"), "AccessDenied", f"{NOT}s3:ListAllMyBuckets {NONE.format('s3:ListAllMyBuckets')}"),
    (call("sqs:SendMessageBatch", QueueUrl=QUEUE), "AccessDenied",
     f"{NOT}sqs:sendmessage on resource: arn:aws:sqs:us-east-1:{ACCOUNT}:jobs {NONE.format('sqs:sendmessage')}"),
    (call("sns:Publish", TopicArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:t"), "AuthorizationError",
     f"{NOT}SNS:Publish on resource: arn:aws:sns:us-east-1:{ACCOUNT}:t {NONE.format('SNS:Publish')}"),
    (call("secretsmanager:GetSecretValue", SecretId="prod/db"), "AccessDeniedException",
     f"{NOT}secretsmanager:GetSecretValue on resource: prod/db {NONE.format('secretsmanager:GetSecretValue')}"),
    (call("logs:CreateLogGroup", logGroupName="g"), "AccessDeniedException",
     f"{NOT}logs:CreateLogGroup on resource: arn:aws:logs:us-east-1:{ACCOUNT}:log-group:g:log-stream: "
     + NONE.format("logs:CreateLogGroup")),
]  # fmt: skip


@pytest.mark.parametrize(("refused", "code", "message"), MESSAGES, ids=lambda value: getattr(value, "operation", ""))
def test_a_refusal_is_in_aws_words(refused, code, message):
    denial = authorize(refused, [], SESSION)
    assert (denial.code, denial.message) == (code, message)


def test_an_explicit_deny_says_so():
    policies = inline(allow("*"), {"Effect": "Deny", "Action": "dynamodb:*", "Resource": TABLE})
    denial = authorize(call("dynamodb:PutItem", TableName="T"), policies, SESSION)
    reason = "with an explicit deny in an identity-based policy"
    assert denial.message == f"{NOT}dynamodb:PutItem on resource: {TABLE} {reason}"
    assert denial.decision.statement.name == "the policy, statement 2"


def test_all_that_a_call_needs_must_be_allowed_and_the_first_refusal_is_told():
    copy = call("s3:CopyObject", Bucket="out", Key="k", CopySource="in/k")
    assert authorize(copy, inline(allow("s3:PutObject")), SESSION).requirement.action == "s3:GetObject"
    assert authorize(copy, inline(allow("s3:GetObject")), SESSION).requirement.action == "s3:PutObject"
    assert authorize(copy, inline(allow(["s3:GetObject", "s3:PutObject"])), SESSION) is None


def test_a_call_that_needs_nothing_is_allowed_without_policies():
    assert authorize(call("sts:GetCallerIdentity"), [], SESSION) is None


ALLOWED = [
    ("AWSLambdaBasicExecutionRole", call("logs:PutLogEvents", logGroupName="g", logStreamName="s"), True),
    ("AWSLambdaBasicExecutionRole", call("logs:GetLogEvents", logGroupName="g", logStreamName="s"), False),
    ("AWSLambdaBasicExecutionRole", call("s3:PutObject", **PHOTO), False),
    ("AmazonS3ReadOnlyAccess", call("s3:GetObject", **PHOTO), True),
    ("AmazonS3ReadOnlyAccess", call("s3:ListObjectsV2", Bucket="photos"), True),
    ("AmazonS3ReadOnlyAccess", call("s3:ListBuckets"), True),
    ("AmazonS3ReadOnlyAccess", call("s3:PutObject", **PHOTO), False),
    ("AWSLambdaExecute", call("logs:CreateLogGroup", logGroupName="g"), True),
    ("AWSLambdaExecute", call("logs:DescribeLogGroups"), True),
    ("AWSLambdaExecute", call("s3:PutObject", **PHOTO), True),
    ("AWSLambdaExecute", call("s3:DeleteObject", **PHOTO), False),
    ("AWSLambdaSQSQueueExecutionRole", call("sqs:DeleteMessageBatch", QueueUrl=QUEUE), True),
    ("AWSLambdaSQSQueueExecutionRole", call("sqs:SendMessage", QueueUrl=QUEUE), False),
    ("AmazonDynamoDBFullAccess_v2",
     call("dynamodb:TransactWriteItems", TransactItems=[{"Put": {"TableName": "T"}}]), True),
    ("AWSLambdaRole", call("lambda:Invoke", FunctionName="other", Qualifier="live"), True),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "asked", "allowed"), ALLOWED)
def test_what_a_managed_policy_allows(policy, asked, allowed):
    assert (authorize(asked, managed(policy), SESSION) is None) is allowed


def test_condition_keys_come_from_the_call_the_session_and_the_caller():
    def allowed(condition, asked=None, **known):
        policies = inline(allow("*", Condition=condition))
        listing = call("s3:ListObjectsV2", Bucket="b", Prefix="home/")
        return authorize(asked or listing, policies, SESSION, known) is None

    assert allowed({"StringLike": {"s3:prefix": "home/*"}})
    assert not allowed({"StringLike": {"s3:prefix": "x/*"}})
    assert allowed({"Null": {"s3:delimiter": "true"}})
    assert allowed({"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/worker"}})
    assert allowed({"StringEquals": {"aws:RequestedRegion": "us-east-1"}})
    assert allowed({"Bool": {"aws:SecureTransport": "true"}})
    assert not allowed({"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    put = call("events:PutEvents", Entries=[{"Source": "shop"}, {"Source": "till"}])
    assert allowed({"ForAllValues:StringEquals": {"events:source": ["shop", "till"]}}, put)
    assert not allowed({"ForAllValues:StringEquals": {"events:source": ["shop"]}}, put)
    assert allowed({"StringEquals": {"aws:principaltag/team": "blue"}}, **{"aws:PrincipalTag/team": "blue"})
    create = call("lambda:CreateFunction", FunctionName="f", Role=f"arn:aws:iam::{ACCOUNT}:role/r")
    assert allowed({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, create)


def test_a_refusal_tells_what_the_kit_could_not_judge():
    policies = inline(allow("s3:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}}))
    denial = authorize(call("s3:GetObject", **PHOTO), policies, SESSION)
    assert denial.decision.unknown == (
        "the policy, statement 1: the kit does not know condition key aws:PrincipalTag/team",
    )
