"""What a role's session may do by the policies of resources: of buckets, queues, topics, keys, tables, streams …"""

from __future__ import annotations

import itertools
import json
import re
from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import ClientError
from served import ONCE

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE, OTHER = f"arn:aws:iam::{ACCOUNT}:role/worker", f"arn:aws:iam::{ACCOUNT}:role/other"
NUMBERS = itertools.count()
ANYTHING = {"Action": "*", "Resource": "*"}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(principal, effect="Allow", **more):
    return {"Sid": f"S{next(NUMBERS)}", "Effect": effect, "Principal": principal, **ANYTHING, **more}


class Worker:
    """A session of the role `worker`, with boto3 clients."""

    def __init__(self, served, role):
        found = served.sts.assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
        self._signed = {
            "endpoint_url": served.endpoint, "region_name": "us-east-1", "config": ONCE,
            "aws_access_key_id": found["AccessKeyId"], "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["SessionToken"],
        }  # fmt: skip

    def __getattr__(self, service):
        return boto3.client(service, **self._signed)


@pytest.fixture
def worker(served):
    def make(*allow, deny=()):
        allowed = [{"Effect": "Allow", **entry} for entry in allow]
        denied = [{"Effect": "Deny", **entry} for entry in deny]
        role, _ = served.role(name="worker"), served.role(name="other")
        if allowed or denied:
            served.iam.put_role_policy(RoleName="worker", PolicyName="own", PolicyDocument=document(*allowed, *denied))
        return Worker(served, role)

    return make


def bucket(served):
    served.s3.create_bucket(Bucket="box")
    served.s3.put_object(Bucket="box", Key="k", Body=b"1")
    arn = "arn:aws:s3:::box/*"
    return SimpleNamespace(
        arn=arn, put=lambda text: served.s3.put_bucket_policy(Bucket="box", Policy=text),
        call=lambda worker: worker.s3.get_object(Bucket="box", Key="k"),
        owner=lambda: served.s3.get_object(Bucket="box", Key="k"), action="s3:GetObject",
    )  # fmt: skip


def queue(served):
    url = served.sqs.create_queue(QueueName="q")["QueueUrl"]
    return SimpleNamespace(
        arn=f"arn:aws:sqs:us-east-1:{ACCOUNT}:q",
        put=lambda text: served.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": text}),
        call=lambda worker: worker.sqs.send_message(QueueUrl=url, MessageBody="m"),
        owner=lambda: served.sqs.send_message(QueueUrl=url, MessageBody="m"), action="sqs:sendmessage",
    )  # fmt: skip


def topic(served):
    arn = served.sns.create_topic(Name="t")["TopicArn"]
    return SimpleNamespace(
        arn=arn,
        put=lambda text: served.sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text),
        call=lambda worker: worker.sns.publish(TopicArn=arn, Message="m"),
        owner=lambda: served.sns.publish(TopicArn=arn, Message="m"), action="SNS:Publish",
    )  # fmt: skip


def table(served):
    arn = served.dynamodb.create_table(
        TableName="t", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )["TableDescription"]["TableArn"]  # fmt: skip
    return SimpleNamespace(
        arn=arn, put=lambda text: served.dynamodb.put_resource_policy(ResourceArn=arn, Policy=text),
        call=lambda worker: worker.dynamodb.scan(TableName="t"),
        owner=lambda: served.dynamodb.scan(TableName="t"), action="dynamodb:Scan",
    )  # fmt: skip


def stream(served):
    served.kinesis.create_stream(StreamName="s", ShardCount=1)
    arn = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s"
    return SimpleNamespace(
        arn=arn, put=lambda text: served.kinesis.put_resource_policy(ResourceARN=arn, Policy=text),
        call=lambda worker: worker.kinesis.put_record(StreamName="s", Data=b"d", PartitionKey="p"),
        owner=lambda: served.kinesis.put_record(StreamName="s", Data=b"d", PartitionKey="p"),
        action="kinesis:PutRecord",
    )  # fmt: skip


def secret(served):
    arn = served.secretsmanager.create_secret(Name="db", SecretString="s")["ARN"]
    return SimpleNamespace(
        arn=arn, put=lambda text: served.secretsmanager.put_resource_policy(SecretId="db", ResourcePolicy=text),
        call=lambda worker: worker.secretsmanager.get_secret_value(SecretId="db"),
        owner=lambda: served.secretsmanager.get_secret_value(SecretId="db"), action="secretsmanager:GetSecretValue",
    )  # fmt: skip


def bus(served):
    arn = served.events.create_event_bus(Name="orders")["EventBusArn"]
    entry = {"Source": "shop", "DetailType": "Order", "Detail": "{}", "EventBusName": "orders"}
    return SimpleNamespace(
        arn=arn, put=lambda text: served.events.put_permission(EventBusName="orders", Policy=text),
        call=lambda worker: worker.events.put_events(Entries=[entry]),
        owner=lambda: served.events.put_events(Entries=[entry]), action="events:PutEvents",
    )  # fmt: skip


RESOURCES = [bucket, queue, topic, table, stream, secret, bus]


@pytest.fixture(params=RESOURCES, ids=lambda make: make.__name__)
def resource(request, served):
    return request.param(served)


def refused(call):
    with pytest.raises(ClientError) as error:
        call()
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)
    return error.value.response["Error"]["Message"]


def test_either_policy_allows_and_either_denies(resource, worker):
    poor = worker()
    lacking = f"because no identity-based policy allows the {resource.action} action"
    assert refused(lambda: resource.call(poor)).endswith(lacking)
    resource.put(document(statement({"AWS": OTHER}, Resource=resource.arn)))
    assert refused(lambda: resource.call(poor)).endswith(lacking)
    resource.put(document(statement({"AWS": ROLE}, Resource=resource.arn)))
    resource.call(poor)
    denial = statement({"AWS": ROLE}, "Deny", Resource=resource.arn)
    resource.put(document(statement("*", Resource=resource.arn), denial))
    assert refused(lambda: resource.call(poor)).endswith("with an explicit deny in a resource-based policy")
    resource.owner()


def test_a_deny_of_the_role_wins_over_the_resource_and_one_of_the_resource_over_the_role(resource, worker, served):
    rich = worker(ANYTHING)
    resource.call(rich)
    resource.put(document(statement("*", "Deny", Resource=resource.arn)))
    assert refused(lambda: resource.call(rich)).endswith("with an explicit deny in a resource-based policy")
    resource.owner()
    resource.put(document(statement({"AWS": ROLE}, Resource=resource.arn)))
    denial = {"Effect": "Deny", **ANYTHING}
    served.iam.put_role_policy(RoleName="worker", PolicyName="own", PolicyDocument=document(denial))
    assert refused(lambda: resource.call(rich)).endswith("with an explicit deny in an identity-based policy")


CODES = {
    "bucket": "MalformedPolicy", "queue": "InvalidAttributeValue", "topic": "InvalidParameter",
    "table": "ValidationException", "stream": "InvalidArgumentException", "secret": "MalformedPolicyDocumentException",
    "bus": "ValidationException",
}  # fmt: skip
MISTAKES = [
    ("{", "json"),
    (document(statement("*") | {"Principle": "*"}), "has no field 'principle' here; did you mean principal?"),
    (document(statement("lambda.amazonaws.com")), "principal is 'lambda.amazonaws.com'; it is * or an object"),
    (document(statement({"AWS": f"{ROLE}s"})), f'invalid principal in policy: "aws":"{ROLE}s"'),
    (document(statement({"Service": "event.amazonaws.com"})), "did you mean events.amazonaws.com?"),
]


def test_a_policy_with_a_mistake_is_refused_with_the_place_and_not_stored(resource, worker, request):
    rich = worker(ANYTHING)
    for wrong, message in MISTAKES:
        with pytest.raises(ClientError) as error:
            resource.put(wrong)
        told = error.value.response["Error"]
        assert (told["Code"], message in told["Message"].lower()) == (CODES[request.node.callspec.id], True), told
    resource.call(rich)


def test_a_bucket_s_policy_is_about_the_bucket(served):
    box = bucket(served)
    for wrong, message in (
        (statement("*", Resource="arn:aws:s3:::bux/*"), "Policy has invalid resource, arn:aws:s3:::bux/*"),
        (statement("*", Resource=box.arn, Action="sqs:SendMessage"), "Policy has invalid action, sqs:SendMessage"),
    ):
        assert message in refused(lambda wrong=wrong: box.put(document(wrong)))
    for right in ("arn:aws:s3:::box", "arn:aws:s3:::box/photos/*", "arn:aws:s3:::b?x/*", "*"):
        box.put(document(statement("*", Resource=right, Action="s3:Get*")))


def test_a_key_s_policy_with_a_mistake_is_refused(served):
    key = served.kms.create_key()["KeyMetadata"]["Arn"]
    for wrong, message in MISTAKES:
        with pytest.raises(served.kms.exceptions.MalformedPolicyDocumentException, match=f"(?i){re.escape(message)}"):
            served.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=wrong)
        with pytest.raises(served.kms.exceptions.MalformedPolicyDocumentException):
            served.kms.create_key(Policy=wrong)
    assert len(served.kms.list_keys()["Keys"]) == 1


def test_a_queue_keeps_its_policy_when_something_else_is_set(served, worker):
    made, poor = queue(served), worker()
    made.put(document(statement({"AWS": ROLE}, Resource=made.arn)))
    url = served.sqs.get_queue_url(QueueName="q")["QueueUrl"]
    served.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "40"})
    made.call(poor)
    served.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "no identity-based policy allows" in refused(lambda: made.call(poor))


def test_conditions_of_a_bucket_s_policy_hold_for_whom_they_are_about(served, worker):
    box, rich = bucket(served), worker(ANYTHING)
    for condition, denied in (
        ({"ArnNotEquals": {"aws:PrincipalArn": ROLE}}, False),
        ({"ArnEquals": {"aws:PrincipalArn": ROLE}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}, False),
        ({"StringEquals": {"aws:SourceArn": "arn:aws:s3:::other"}}, False),
        ({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, True),
    ):
        box.put(document(statement("*", "Deny", Resource=box.arn, Condition=condition)))
        if denied:
            assert "explicit deny in a resource-based policy" in refused(lambda: box.call(rich))
        else:
            box.call(rich)
    box.put(document({"Effect": "Deny", "NotPrincipal": {"AWS": OTHER}, "Action": "s3:*", "Resource": box.arn}))
    assert "explicit deny in a resource-based policy" in refused(lambda: box.call(rich))


def test_a_key_s_policy_has_the_last_word(served, worker):
    key = served.kms.create_key()["KeyMetadata"]["Arn"]
    served.kms.create_alias(AliasName="alias/mine", TargetKeyId=key)
    rich = worker({"Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": key})
    hidden = rich.kms.encrypt(KeyId="alias/mine", Plaintext=b"x")["CiphertextBlob"]
    assert rich.kms.decrypt(CiphertextBlob=hidden)["Plaintext"] == b"x"
    assert f"kms:DescribeKey on resource: {key} because no identity-based policy" in refused(
        lambda: rich.kms.describe_key(KeyId="alias/mine")
    )

    def put(*statements):
        served.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(*statements))

    put(statement({"AWS": OTHER}))
    assert refused(lambda: rich.kms.decrypt(CiphertextBlob=hidden)).endswith(
        f"kms:Decrypt on resource: {key} because no resource-based policy allows the kms:Decrypt action"
    )
    put(statement({"AWS": ROLE}))
    rich.kms.describe_key(KeyId=key)
    put(statement({"AWS": ROOT}), statement({"AWS": ROLE}, "Deny", Action="kms:Decrypt"))
    rich.kms.encrypt(KeyId=key, Plaintext=b"x")
    assert "explicit deny in a resource-based policy" in refused(lambda: rich.kms.decrypt(CiphertextBlob=hidden))
    assert served.kms.decrypt(CiphertextBlob=hidden)["Plaintext"] == b"x"


def test_another_role_is_assumed_when_its_trust_policy_lets_one(served, worker):
    poor = worker()

    def target(name, *statements):
        trust = document(*({"Action": "sts:AssumeRole", **each} for each in statements))
        return served.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]

    def assume(arn, **more):
        return poor.sts.assume_role(RoleArn=arn, RoleSessionName="other", **more)

    by_name = target("by-name", {"Effect": "Allow", "Principal": {"AWS": ROLE}})
    by_account = target("by-account", {"Effect": "Allow", "Principal": {"AWS": ROOT}})
    condition = {"StringEquals": {"sts:ExternalId": "known"}}
    by_id = target("by-id", {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Condition": condition})
    closed = target("closed", {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}})
    shut = target("shut", {"Effect": "Allow", "Principal": "*"}, {"Effect": "Deny", "Principal": {"AWS": ROLE}})
    assert assume(by_name)["AssumedRoleUser"]["Arn"].endswith("assumed-role/by-name/other")
    assert refused(lambda: assume(by_account)).endswith(
        "because no identity-based policy allows the sts:AssumeRole action"
    )
    lacking = "because no role trust policy allows the sts:AssumeRole action"
    assert refused(lambda: assume(by_id)).endswith(lacking)
    assume(by_id, ExternalId="known")
    assert refused(lambda: assume(shut)).endswith("with an explicit deny in the role trust policy")
    served.iam.put_role_policy(
        RoleName="worker", PolicyName="own", PolicyDocument=document({"Effect": "Allow", **ANYTHING})
    )
    assume(by_account)
    assert refused(lambda: assume(closed)).endswith(lacking)


def test_a_boundary_limits_what_a_resource_gives_to_the_role_but_not_to_its_session(served, worker):
    box, poor = bucket(served), worker()
    limit = served.iam.create_policy(
        PolicyName="limit", PolicyDocument=document({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})
    )["Policy"]["Arn"]
    served.iam.put_role_permissions_boundary(RoleName="worker", PermissionsBoundary=limit)
    box.put(document(statement({"AWS": ROLE}, Resource=box.arn)))
    assert "because no permissions boundary allows" in refused(lambda: box.call(poor))
    box.put(document(statement({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/session"}, Resource=box.arn)))
    box.call(poor)


def test_a_function_without_permissions_writes_where_the_bucket_lets_its_role(served):
    served.s3.create_bucket(Bucket="box")
    code = (
        "import boto3\ndef lambda_handler(event, context):\n"
        "    boto3.client('s3').put_object(Bucket='box', Key='k', Body=b'from a function')\n"
    )
    served.function(code, Role=served.role("AWSLambdaBasicExecutionRole", name="worker"))
    assert "no identity-based policy allows the s3:PutObject action" in served.invoke().payload["errorMessage"]
    policy = document(statement({"AWS": ROLE}, Action="s3:PutObject", Resource="arn:aws:s3:::box/*"))
    served.s3.put_bucket_policy(Bucket="box", Policy=policy)
    assert served.invoke().error is None
    assert served.s3.get_object(Bucket="box", Key="k")["Body"].read() == b"from a function"


def test_a_stream_is_known_by_the_iterator_that_reads_it(served, worker):
    reading = ["kinesis:GetRecords", "kinesis:GetShardIterator"]
    made = stream(served)
    reader = worker({"Action": reading, "Resource": made.arn}).kinesis
    made.owner()
    iterator = reader.get_shard_iterator(
        StreamName="s", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    assert len(reader.get_records(ShardIterator=iterator)["Records"]) == 1


def test_permissions_that_are_added_by_account_and_action_are_read_too(served, worker):
    """They name the account, which hands them on to the role's own policies."""
    made = [queue(served), topic(served), bus(served)]
    served.sqs.add_permission(
        QueueUrl=served.sqs.get_queue_url(QueueName="q")["QueueUrl"], Label="l", AWSAccountIds=[ACCOUNT],
        Actions=["SendMessage"],
    )  # fmt: skip
    served.sns.add_permission(TopicArn=made[1].arn, Label="l", AWSAccountId=[ACCOUNT], ActionName=["Publish"])
    served.events.put_permission(EventBusName="orders", Action="events:PutEvents", Principal=ACCOUNT, StatementId="l")
    poor = worker()
    for each in made:
        assert "because no identity-based policy allows" in refused(lambda each=each: each.call(poor))
    served.iam.put_role_policy(
        RoleName="worker", PolicyName="own", PolicyDocument=document({"Effect": "Allow", **ANYTHING})
    )
    for each in made:
        each.call(poor)
