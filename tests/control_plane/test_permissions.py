"""Who may use a function: permissions are added, told and removed as AWS was recorded to do it."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

CODE = "def lambda_handler(event, context):\n    return 'done'\n"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
ACCOUNT = "123456789012"
BUCKET = "arn:aws:s3:::test-bucket"
S3 = {"StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "SourceArn": BUCKET}
WRONG_REVISION = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest "
    "Revision Id"
)
GONE = "The resource you requested does not exist."


@pytest.fixture
def function(served):
    served.function(CODE)
    return served


@pytest.fixture
def published(function):
    function.awslambda.publish_version(FunctionName="f")
    function.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    return function


def add(account, **arguments):
    answer = account.awslambda.add_permission(**({"FunctionName": "f"} | S3 | arguments))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    return answer["Statement"]


def policy(account, **where):
    answer = account.awslambda.get_policy(FunctionName="f", **where)
    return json.loads(answer["Policy"]), answer["RevisionId"]


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response


PRINCIPALS = [
    ("*", "*"),
    ("lambda.amazonaws.com", {"Service": "lambda.amazonaws.com"}),
    ("logs.us-east-1.amazonaws.com", {"Service": "logs.us-east-1.amazonaws.com"}),
    ("alexa-appkit.amazon.com", {"Service": "alexa-appkit.amazon.com"}),
    (ACCOUNT, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
    (f"arn:aws:iam::{ACCOUNT}:role/deployer", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/deployer"}),
    (f"arn:aws:sts::{ACCOUNT}:user/moto", {"AWS": f"arn:aws:sts::{ACCOUNT}:user/moto"}),
]


@pytest.mark.parametrize(("given", "written"), PRINCIPALS)
def test_a_principal_is_written_as_what_it_is(function, given, written):
    statement = add(function, StatementId="one", Principal=given, SourceAccount=ACCOUNT)
    arn = json.dumps(written, separators=(",", ":"))
    assert statement == (
        f'{{"Sid":"one","Effect":"Allow","Principal":{arn},"Action":"lambda:InvokeFunction","Resource":"{ARN}",'
        f'"Condition":{{"StringEquals":{{"AWS:SourceAccount":"{ACCOUNT}"}},"ArnLike":{{"AWS:SourceArn":"{BUCKET}"}}}}}}'
    )


CONDITIONS = [
    ({}, None),
    ({"EventSourceToken": "amzn1.ask.skill.x"}, {"StringEquals": {"lambda:EventSourceToken": "amzn1.ask.skill.x"}}),
    ({"InvokedViaFunctionUrl": True}, {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
    (
        {"Action": "lambda:InvokeFunctionUrl", "SourceArn": BUCKET, "SourceAccount": ACCOUNT,
         "PrincipalOrgID": "o-1234567890", "FunctionUrlAuthType": "NONE"},
        {"StringEquals": {"AWS:SourceAccount": ACCOUNT, "lambda:FunctionUrlAuthType": "NONE",
                          "aws:PrincipalOrgID": "o-1234567890"},
         "ArnLike": {"AWS:SourceArn": BUCKET}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "condition"), CONDITIONS)
def test_conditions_are_written_in_aws_order(function, arguments, condition):
    given = {"StatementId": "c", "Action": "lambda:InvokeFunction", "Principal": "*"} | arguments
    statement = json.loads(function.awslambda.add_permission(FunctionName="f", **given)["Statement"])
    assert json.dumps(statement.get("Condition")) == json.dumps(condition)


NOT_ALLOWED = [
    ({"StatementId": "example.com"}, "ValidationException",
     "1 validation error detected: Value 'example.com' at 'statementId' failed to satisfy constraint: Member must "
     "satisfy regular expression pattern: ([a-zA-Z0-9-_]+)"),
    ({"Qualifier": "invalid-qualifier-with-?-char"}, "ValidationException",
     "1 validation error detected: Value 'invalid-qualifier-with-?-char' at 'qualifier' failed to satisfy constraint: "
     r"Member must satisfy regular expression pattern: \$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"),
    ({"FunctionName": "f:alias-not-42", "Qualifier": "42"}, "InvalidParameterValueException",
     "The derived qualifier from the function name does not match the specified qualifier."),
    ({"FunctionName": "f:$LATEST", "Qualifier": "$LATEST"}, "InvalidParameterValueException",
     "We currently do not support adding policies for $LATEST."),
    ({"Principal": "invalid.nonaws.com"}, "InvalidParameterValueException",
     "The provided principal was invalid. Please check the principal and try again."),
    ({"FunctionUrlAuthType": "NONE"}, "InvalidParameterValueException",
     "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action"),
    ({"FunctionName": "doesnotexist"}, "ResourceNotFoundException",
     f"Function not found: {ARN[:-1]}doesnotexist"),
    ({"FunctionName": "f:alias-doesnotexist"}, "ResourceNotFoundException",
     f"Cannot find alias arn: {ARN}:alias-doesnotexist"),
    ({"Qualifier": "42"}, "ResourceNotFoundException", f"Function not found: {ARN}:42"),
    ({"Qualifier": "valid-with-$-but-doesnotexist"}, "ResourceNotFoundException",
     f"Function not found: {ARN}:valid-with-$-but-doesnotexist"),
    ({"RevisionId": "wrong"}, "PreconditionFailedException", WRONG_REVISION),
]  # fmt: skip


def test_what_aws_refuses_is_refused_in_its_words(function):
    for arguments, code, message in NOT_ALLOWED:
        answer = refused(function.awslambda.add_permission, **({"FunctionName": "f"} | S3 | arguments))
        assert answer["Error"] == {"Code": code, "Message": message}, arguments
        assert answer.get("Type") == (None if code == "ValidationException" else "User")
    assert refused(function.awslambda.get_policy, FunctionName="f")["Message"] == GONE


def test_a_statement_id_stands_once_in_a_policy(function):
    add(function)
    answer = refused(add, account=function)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 409 and answer["Error"] == {
        "Code": "ResourceConflictException",
        "Message": "The statement id (s3) provided already exists. Please provide a new statement id, or remove the "
        "existing statement.",
    }


def test_a_policy_lists_its_statements_in_the_order_in_which_they_came(function):
    first, second = add(function), add(function, StatementId="logs", Principal="logs.amazonaws.com")
    found = function.awslambda.get_policy(FunctionName="f")["Policy"]
    assert found == f'{{"Version":"2012-10-17","Id":"default","Statement":[{first},{second}]}}'


def test_function_version_and_alias_have_policies_of_their_own(published):
    add(published)
    statements = {q: json.loads(add(published, Qualifier=q)) for q in ("1", "live")}
    assert {q: each["Resource"] for q, each in statements.items()} == {"1": f"{ARN}:1", "live": f"{ARN}:live"}
    policies = [policy(published, **where) for where in ({}, {"Qualifier": "1"}, {"Qualifier": "live"})]
    assert [len(document["Statement"]) for document, _ in policies] == [1, 1, 1]
    assert len({revision for _, revision in policies}) == 3


def test_a_version_published_later_has_no_policy(function):
    add(function)
    before = policy(function)
    function.awslambda.publish_version(FunctionName="f")
    assert policy(function) == before
    for qualifier in ("1", "77"):
        answer = refused(function.awslambda.get_policy, FunctionName="f", Qualifier=qualifier)
        assert (answer["Error"]["Code"], answer["Message"]) == ("ResourceNotFoundException", GONE)


def test_a_policy_goes_with_its_alias_or_version(published):
    add(published, Qualifier="live")
    published.awslambda.delete_alias(FunctionName="f", Name="live")
    published.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    assert refused(published.awslambda.get_policy, FunctionName="f", Qualifier="live")["Message"] == GONE


def test_a_revision_is_the_policy_s_own(published):
    of_function = published.awslambda.get_function_configuration(FunctionName="f")["RevisionId"]
    add(published)
    _, first = policy(published)
    assert first != of_function
    assert published.awslambda.get_function_configuration(FunctionName="f")["RevisionId"] == of_function
    add(published, StatementId="second", RevisionId=first)
    _, second = policy(published)
    assert second != first
    stale = refused(add, account=published, StatementId="third", RevisionId=first)
    assert (stale["ResponseMetadata"]["HTTPStatusCode"], stale["message"]) == (412, WRONG_REVISION)


def test_the_first_statement_of_an_alias_takes_the_alias_s_revision(published):
    revision = published.awslambda.get_alias(FunctionName="f", Name="live")["RevisionId"]
    wrong = refused(add, account=published, Qualifier="live", RevisionId="wrong")
    assert wrong["message"] == WRONG_REVISION
    add(published, FunctionName="f:live", Qualifier="live", RevisionId=revision)


def test_statements_are_removed_one_by_one_and_the_policy_with_the_last(function):
    add(function), add(function, StatementId="sqs", Principal="sqs.amazonaws.com")
    _, before = policy(function)
    remove = function.awslambda.remove_permission
    assert remove(FunctionName="f", StatementId="sqs")["ResponseMetadata"]["HTTPStatusCode"] == 204
    document, after = policy(function)
    assert [each["Sid"] for each in document["Statement"]] == ["s3"] and after != before
    assert refused(remove, FunctionName="f", StatementId="s3", RevisionId=before)["message"] == WRONG_REVISION
    remove(FunctionName="f", StatementId="s3", RevisionId=after)
    assert refused(function.awslambda.get_policy, FunctionName="f")["Message"] == GONE


NOT_REMOVED = [
    ({}, "No policy is associated with the given resource."),
    ({"FunctionName": "doesnotexist"}, f"No policy found for: {ARN[:-1]}doesnotexist"),
    ({"Qualifier": "alias-doesnotexist"}, f"Cannot find alias arn: {ARN}:alias-doesnotexist"),
]


@pytest.mark.parametrize(("arguments", "message"), NOT_REMOVED)
def test_what_is_not_there_cannot_be_removed(function, arguments, message):
    answer = refused(function.awslambda.remove_permission, **({"FunctionName": "f", "StatementId": "s3"} | arguments))
    assert (answer["Error"]["Code"], answer["Message"]) == ("ResourceNotFoundException", message)


def test_a_statement_that_is_not_there_is_named(function):
    add(function)
    answer = refused(function.awslambda.remove_permission, FunctionName="f", StatementId="non-existent")
    assert answer["Message"] == "Statement non-existent is not found in resource policy."


def test_a_policy_has_twenty_kb_at_most(function):
    for number in range(9):
        add(function, StatementId=f"{number}", SourceArn=f"{BUCKET}{'x' * 2000}")
    answer = refused(add, account=function, StatementId="more", SourceArn=f"{BUCKET}{'x' * 2000}")
    assert answer["Error"]["Code"] == "PolicyLengthExceededException"
    assert answer["message"].endswith("is bigger than the limit (20480).")
