"""What a handler's own boto3 may do: it acts as the function's role, and the role's policies are evaluated."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import ClientError

IDENTITY = "import boto3\ndef lambda_handler(event, context):\n    return boto3.client('sts').get_caller_identity()\n"
PUT = """
import boto3
def lambda_handler(event, context):
    table = boto3.resource("dynamodb").Table(event["table"])
    table.put_item(Item={"id": "1", "from": "handler"})
    return table.get_item(Key={"id": "1"})["Item"]["from"]
"""
DENIED = (
    "arn:aws:sts::123456789012:assumed-role/{role}/f is not authorized to perform: {action} on resource: {resource}"
)
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/{}"


@pytest.fixture
def tables(served):
    for name in ("mine", "other"):
        served.dynamodb.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )  # fmt: skip
    return served


def test_a_handler_is_its_role(served):
    served.function(IDENTITY, Role=served.role(name="reader"))
    found = served.invoke().payload
    assert found["Arn"] == "arn:aws:sts::123456789012:assumed-role/reader/f"
    assert found["Account"] == "123456789012"


def test_a_handler_needs_nothing_but_boto3_for_its_region_and_credentials(served):
    served.function(
        "import os, boto3\ndef lambda_handler(event, context):\n    session = boto3.session.Session()\n"
        "    return [session.region_name, session.get_credentials().method, os.environ['AWS_ACCESS_KEY_ID'][:4]]\n"
    )
    assert served.invoke().payload == ["us-east-1", "env", "ASIA"]


def test_without_rights_the_call_is_refused_and_names_user_action_and_resource(tables):
    tables.function(PUT, Role=tables.role("AWSLambdaBasicExecutionRole", name="poor"))
    done = tables.invoke(event={"table": "mine"})
    assert done.error == "Unhandled"
    expected = DENIED.format(role="poor", action="dynamodb:PutItem", resource=TABLE.format("mine"))
    assert done.payload["errorType"] == "ClientError"
    start = "An error occurred (AccessDeniedException) when calling the PutItem operation: User: "
    assert done.payload["errorMessage"].startswith(start + expected)
    assert tables.dynamodb.scan(TableName="mine")["Items"] == []


def test_a_policy_for_one_table_allows_that_one(tables):
    actions = ["dynamodb:PutItem", "dynamodb:GetItem"]
    tables.function(PUT, Role=tables.role(allow=[{"Action": actions, "Resource": TABLE.format("mine")}]))
    assert tables.invoke(event={"table": "mine"}).payload == "handler"
    assert TABLE.format("other") in tables.invoke(event={"table": "other"}).payload["errorMessage"]


def test_a_policy_that_is_changed_holds_at_the_next_call(tables):
    tables.function(PUT, Role=tables.role(name="growing"))
    assert tables.invoke(event={"table": "mine"}).error
    tables.iam.attach_role_policy(RoleName="growing", PolicyArn="arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess")
    assert tables.invoke(event={"table": "mine"}).payload == "handler"
    tables.iam.detach_role_policy(RoleName="growing", PolicyArn="arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess")
    assert "AccessDeniedException" in tables.invoke(event={"table": "mine"}).payload["errorMessage"]


def test_a_role_may_invoke_only_what_it_is_allowed_to(served):
    served.function("def lambda_handler(event, context):\n    return 'called'\n", "callee")
    caller = (
        "import boto3\ndef lambda_handler(event, context):\n"
        "    return boto3.client('lambda').invoke(FunctionName=event)['Payload'].read().decode()\n"
    )
    callee = "arn:aws:lambda:us-east-1:123456789012:function:callee"
    role = served.role(allow=[{"Action": "lambda:InvokeFunction", "Resource": callee}], name="caller")
    served.function(caller, Role=role)
    assert served.invoke(event="callee").payload == '"called"'
    message = served.invoke(event="f").payload["errorMessage"]
    assert (
        DENIED.format(role="caller", action="lambda:InvokeFunction", resource=callee.replace("callee", "f")) in message
    )


def test_s3_refuses_in_its_own_way(served):
    served.s3.create_bucket(Bucket="bucket")
    code = "import boto3\ndef lambda_handler(event, context):\n"
    code += "    boto3.client('s3').get_object(Bucket='bucket', Key='k')\n"
    served.function(code, Role=served.role(name="poor"))
    message = served.invoke().payload["errorMessage"]
    assert "(AccessDenied) when calling the GetObject operation" in message and "arn:aws:s3:::bucket/k" in message


def test_without_rights_to_logs_it_runs_and_nothing_is_logged(served):
    served.function("def lambda_handler(event, context):\n    print('unheard')\n    return 1\n", Role=served.role())
    done = served.invoke(LogType="Tail")
    assert done.payload == 1 and "unheard" in done.log
    assert served.logs.describe_log_groups()["logGroups"] == []


def test_a_log_group_that_is_not_there_takes_a_permission_of_its_own(served):
    writing = [{"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}]
    served.function("def lambda_handler(event, context):\n    print('heard')\n", Role=served.role(allow=writing))
    served.invoke()
    assert served.logs.describe_log_groups()["logGroups"] == []
    served.logs.create_log_group(logGroupName="/aws/lambda/f")
    served.invoke()
    assert "heard\n" in served.messages()


def test_the_learner_is_not_restricted(served):
    assert served.sts.get_caller_identity()["Account"] == "123456789012"
    served.role(name="any")
    assert [role["RoleName"] for role in served.iam.list_roles()["Roles"]] == ["any"]


def test_a_role_must_exist(served):
    client = served.awslambda
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="cannot be assumed by Lambda"):
        served.function(IDENTITY, Role="arn:aws:iam::123456789012:role/invented")


def test_no_iam_takes_any_role_and_allows_everything(serve):
    account = serve("--no-iam")
    account.function(PUT.replace("table = ", "boto3.client('s3').create_bucket(Bucket='made')\n    table = "),
                     Role="arn:aws:iam::123456789012:role/invented")  # fmt: skip
    account.dynamodb.create_table(
        TableName="mine", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    assert account.invoke(event={"table": "mine"}, LogType="Tail").payload == "handler"
    assert any(line.startswith("REPORT") for line in account.messages())
    account.awslambda.publish_version(FunctionName="f")
    assert account.invoke(event={"table": "mine"}, Qualifier="1").payload == "handler"
    account.sqs.create_queue(QueueName="queue")
    mapped = account.awslambda.create_event_source_mapping(
        FunctionName="f", EventSourceArn="arn:aws:sqs:us-east-1:123456789012:queue"
    )
    assert mapped["State"] == "Creating"


def test_conditions_on_account_time_and_on_the_role_are_known(served):
    code = """
import boto3
def lambda_handler(event, context):
    return len(boto3.client("sqs").list_queues().get("QueueUrls", []))
"""
    here = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/timed"}, "IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
    until = {"DateLessThan": {"aws:CurrentTime": f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"}}
    role = served.role(name="timed", allow=[{"Action": "sqs:*", "Resource": "*", "Condition": here | until}])
    served.function(code, Role=role)
    assert served.invoke().payload == 0
    served.advance(7200)
    assert "AccessDenied" in served.invoke().payload["errorMessage"]


@pytest.mark.parametrize(
    "path",
    [
        "/2015-03-31/functions/f/invocations",
        "/2017-03-31/tags/arn:aws:lambda:us-east-1:123456789012:function:f",
        "/2018-10-31/layers/tools/versions",
    ],
)
def test_lambda_answers_no_call_without_a_signature(served, path):
    served.function("def lambda_handler(event, context):\n    return 1\n")
    assert served.post(path, b"{}") == (403, {"message": "Missing Authentication Token"})


NO_BOUNDARY = "because no permissions boundary allows the dynamodb:PutItem action"
BOUNDARY = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}


def test_a_permissions_boundary_limits_what_the_role_s_policies_allow(tables):
    limit = tables.iam.create_policy(PolicyName="limit", PolicyDocument=json.dumps(BOUNDARY))["Policy"]["Arn"]
    tables.function(PUT, Role=tables.role("AmazonDynamoDBFullAccess", name="bounded"))
    assert tables.invoke(event={"table": "mine"}).payload == "handler"
    tables.iam.put_role_permissions_boundary(RoleName="bounded", PermissionsBoundary=limit)
    refused = tables.invoke(event={"table": "mine"}).payload["errorMessage"]
    assert DENIED.format(role="bounded", action="dynamodb:PutItem", resource=TABLE.format("mine")) in refused
    assert refused.endswith(NO_BOUNDARY)
    tables.iam.delete_role_permissions_boundary(RoleName="bounded")
    assert tables.invoke(event={"table": "mine"}).payload == "handler"


def test_a_session_is_limited_by_the_policies_it_was_assumed_with(tables):
    role = tables.role("AmazonDynamoDBFullAccess", name="wide")

    def session(**limits):
        found = tables.sts.assume_role(RoleArn=role, RoleSessionName="limited", **limits)["Credentials"]
        return boto3.client(
            "dynamodb", endpoint_url=tables.endpoint, region_name="us-east-1", aws_session_token=found["SessionToken"],
            aws_access_key_id=found["AccessKeyId"], aws_secret_access_key=found["SecretAccessKey"],
        )  # fmt: skip

    reading = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": "*"}}
    item = {"id": {"S": "1"}}
    session().put_item(TableName="mine", Item=item)
    limited = session(Policy=json.dumps(reading))
    assert limited.scan(TableName="mine")["Items"] == [item]
    with pytest.raises(ClientError, match="because no session policy allows the dynamodb:PutItem action"):
        limited.put_item(TableName="mine", Item=item)
    s3_only = session(PolicyArns=[{"arn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}])
    with pytest.raises(ClientError, match="because no session policy allows the dynamodb:Scan action"):
        s3_only.scan(TableName="mine")
    both = session(PolicyArns=[{"arn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}], Policy=json.dumps(reading))
    assert both.scan(TableName="mine")["Items"] == [item]
