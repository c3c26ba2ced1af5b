"""A function's whole policy, put in one piece: what it allows and what it denies, to whom."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
PRINT = "import json\ndef lambda_handler(event, context):\n    print('EVENT', json.dumps(event))\n    return 'done'\n"
GONE = "The resource you requested does not exist."
S3 = {"Service": "s3.amazonaws.com"}


@pytest.fixture
def function(served):
    served.function(PRINT, Publish=True)
    return served


def statement(principal, effect="Allow", resource=FUNCTION, **more):
    found = {"Effect": effect, "Principal": principal, "Action": "lambda:InvokeFunction", "Resource": resource}
    return found | more


def put(account, *statements, arn=FUNCTION, **more):
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return account.awslambda.put_resource_policy(ResourceArn=arn, Policy=policy, **more)


def statements(account, arn=FUNCTION):
    return json.loads(account.awslambda.get_resource_policy(ResourceArn=arn)["Policy"])["Statement"]


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    found = error.value.response
    return found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Code"], found["Error"]["Message"]


def test_it_takes_the_place_of_single_permissions_and_may_be_added_to(function):
    client = function.awslambda
    permission = {"Action": "lambda:InvokeFunction", "Principal": "logs.amazonaws.com"}
    client.add_permission(FunctionName="f", StatementId="before", **permission)
    answer = put(function, statement(S3, Sid="s3"))
    assert json.loads(answer["Policy"]) == {"Version": "2012-10-17", "Statement": [statement(S3, Sid="s3")]}
    client.add_permission(FunctionName="f", StatementId="after", RevisionId=answer["RevisionId"], **permission)
    assert [each["Sid"] for each in statements(function)] == ["s3", "after"]
    client.remove_permission(FunctionName="f", StatementId="s3")
    assert client.get_policy(FunctionName="f")["Policy"] == client.get_resource_policy(ResourceArn=FUNCTION)["Policy"]
    deleted = client.delete_resource_policy(ResourceArn=FUNCTION)
    assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(client.get_resource_policy, ResourceArn=FUNCTION) == (404, "ResourceNotFoundException", GONE)
    assert refused(client.delete_resource_policy, ResourceArn=FUNCTION) == (404, "ResourceNotFoundException", GONE)


def test_one_statement_need_not_be_a_list_and_versions_have_policies_of_their_own(function):
    version = f"{FUNCTION}:1"
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement(S3, resource=version)})
    function.awslambda.put_resource_policy(ResourceArn=version, Policy=policy)
    assert statements(function, version) == [statement(S3, resource=version)]
    assert refused(function.awslambda.get_resource_policy, ResourceArn=FUNCTION)[2] == GONE


def test_an_old_revision_is_refused(function):
    first = put(function, statement(S3))["RevisionId"]
    put(function, statement("*"), RevisionId=first)
    again = refused(lambda: put(function, statement(S3), RevisionId=first))
    assert again[:2] == (412, "PreconditionFailedException")
    stale = refused(function.awslambda.delete_resource_policy, ResourceArn=FUNCTION, RevisionId=first)
    assert stale[:2] == (412, "PreconditionFailedException")


NOT_PUT = [
    ("{", FUNCTION, "the policy is not JSON"),
    ('{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}', FUNCTION,
     "neither is given of Principal and NotPrincipal"),
    (json.dumps({"Statement": [statement({"Services": "s3"})]}), FUNCTION, "'Services' is no kind of principal"),
    (json.dumps({"Statement": [statement("*")]}), f"{FUNCTION}:$LATEST", "adding policies for $LATEST"),
    (json.dumps({"Statement": [statement("*")]}), f"{FUNCTION}:none", f"Cannot find alias arn: {FUNCTION}:none"),
    (json.dumps({"Statement": [statement("*")]}), f"{FUNCTION}none", f"Function not found: {FUNCTION}none"),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "arn", "message"), NOT_PUT)
def test_what_is_no_policy_or_for_nothing_is_refused(function, policy, arn, message):
    assert message in refused(function.awslambda.put_resource_policy, ResourceArn=arn, Policy=policy)[2]
    assert refused(function.awslambda.get_resource_policy, ResourceArn=FUNCTION)[2] == GONE


def test_a_deny_stops_one_bucket_of_those_that_are_allowed(function, eventually):
    denied = {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::secret"}}
    put(function, statement(S3), statement(S3, "Deny", [FUNCTION, f"{FUNCTION}:*"], Condition=denied))
    notification = {"LambdaFunctionArn": FUNCTION, "Events": ["s3:ObjectCreated:*"]}
    for bucket, skip in (("secret", True), ("open", False)):
        function.s3.create_bucket(Bucket=bucket)
        function.s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [notification]},
            SkipDestinationValidation=skip,
        )  # fmt: skip
        function.s3.put_object(Bucket=bucket, Key="k", Body=b"")
    (seen,) = eventually(lambda: [line for line in function.messages() if line.startswith("EVENT ")])
    assert json.loads(seen.removeprefix("EVENT "))["Records"][0]["s3"]["bucket"]["name"] == "open"


def test_a_deny_to_everyone_is_one_to_the_owner_of_the_account(function):
    put(function, statement("*", "Deny", [FUNCTION, f"{FUNCTION}:*"]))
    for name in ("f", "f:1"):
        assert refused(function.awslambda.invoke, FunctionName=name) == (
            403, "AccessDeniedException",
            "User: arn:aws:sts::123456789012:user/moto is not authorized to perform: lambda:InvokeFunction on "
            f"resource: {FUNCTION}{name[1:]} with an explicit deny in a resource-based policy",
        )  # fmt: skip
    function.awslambda.delete_resource_policy(ResourceArn=FUNCTION)
    assert function.invoke().payload == "done"


def test_a_wildcard_means_versions_and_aliases_too(function):
    put(function, statement("*", "Deny", f"{FUNCTION}:*"))
    assert function.invoke().payload == "done"
    assert refused(function.awslambda.invoke, FunctionName="f", Qualifier="1")[1] == "AccessDeniedException"


def test_a_policy_cannot_lock_its_owner_out_of_changing_it(function):
    put(function, statement("*", "Deny", "*", Action="lambda:*"))
    assert refused(function.awslambda.get_function, FunctionName="f")[1] == "AccessDeniedException"
    put(function, statement(S3))
    assert function.invoke().payload == "done"
