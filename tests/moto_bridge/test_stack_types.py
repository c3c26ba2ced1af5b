"""Resources of the services around Lambda: from the template to what a handler sees of them."""

from __future__ import annotations

import json
import time

import pytest
from stacks import LOGS, att, complete, deploy, document, function, ref, resource, role

PRINT = "import json\ndef handler(event, context):\n    print('EVENT', json.dumps(event))\n"
POLLING = {"Effect": "Allow", "Action": ["sqs:*", "kinesis:*", "dynamodb:*"], "Resource": "*"}


def base(**more):
    return {"Role": role(LOGS, POLLING), "Function": function(att("Role", "Arn"), PRINT), **more}


def permission(service, source=None):
    given = {"SourceArn": source} if source else {}
    return resource(
        "Lambda::Permission", FunctionName=ref("Function"), Action="lambda:InvokeFunction",
        Principal=f"{service}.amazonaws.com", **given,
    )  # fmt: skip


def seen(account, stack):
    """The events that the stack's function has printed."""
    lines = account.messages(stack.resources["Function"])
    return [json.loads(line.removeprefix("EVENT ")) for line in lines if line.startswith("EVENT ")]


def test_a_topic_reaches_the_function_by_its_subscriptions(served, eventually):
    def resources(**filtered):
        return base(
            Topic=resource("SNS::Topic", DisplayName="orders", Subscription=[
                {"Protocol": "sqs", "Endpoint": att("Queue", "Arn")}]),
            Queue=resource("SQS::Queue", VisibilityTimeout=45),
            Allowed=resource("SQS::QueuePolicy", Queues=[ref("Queue")], PolicyDocument=document(
                {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"})),
            Subscription=resource(
                "SNS::Subscription", TopicArn=ref("Topic"), Protocol="lambda", Endpoint=att("Function", "Arn"),
                **filtered,
            ),
            Permission=permission("sns", ref("Topic")),
        )  # fmt: skip

    stack = complete(deploy(served, resources()))
    topic, queue = stack.resources["Topic"], stack.resources["Queue"]
    served.sns.publish(TopicArn=topic, Message="first")
    eventually(lambda: [event["Records"][0]["Sns"]["Message"] for event in seen(served, stack)] == ["first"])
    [message] = served.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert json.loads(message["Body"])["Message"] == "first"
    stack.update(resources(FilterPolicy={"kind": ["wanted"]}))
    complete(stack)
    assert stack.resources["Topic"] == topic
    served.sns.publish(TopicArn=topic, Message="unwanted")
    kind = {"kind": {"DataType": "String", "StringValue": "wanted"}}
    served.sns.publish(TopicArn=topic, Message="wanted", MessageAttributes=kind)
    eventually(lambda: [e["Records"][0]["Sns"]["Message"] for e in seen(served, stack)] == ["first", "wanted"])
    stack.delete()
    assert stack.status == "DELETE_COMPLETE"
    assert served.sns.list_topics()["Topics"] == served.sns.list_subscriptions()["Subscriptions"] == []
    assert served.iam.list_roles()["Roles"] == [] and served.sqs.list_queues().get("QueueUrls") is None


def test_a_bucket_tells_the_function_of_its_objects(served, eventually):
    def resources(suffix, **more):
        told = {"Event": "s3:ObjectCreated:*", "Function": att("Function", "Arn"), "Filter": {
            "S3Key": {"Rules": [{"Name": "suffix", "Value": suffix}]}}}  # fmt: skip
        return base(
            Permission=permission("s3", "arn:aws:s3:::uploads-of-mine"),
            Bucket=resource(
                "S3::Bucket", BucketName="uploads-of-mine", NotificationConfiguration={"LambdaConfigurations": [told]},
                **more,
            )
            | {"DependsOn": "Permission"},
        )  # fmt: skip

    stack = complete(deploy(served, resources(".jpg", Tags=[{"Key": "team", "Value": "a"}])))
    served.s3.put_object(Bucket="uploads-of-mine", Key="a.txt")
    served.s3.put_object(Bucket="uploads-of-mine", Key="a.jpg")
    eventually(lambda: [event["Records"][0]["s3"]["object"]["key"] for event in seen(served, stack)] == ["a.jpg"])
    stack.update(resources(".txt", VersioningConfiguration={"Status": "Enabled"}))
    complete(stack)
    assert served.s3.get_bucket_versioning(Bucket="uploads-of-mine")["Status"] == "Enabled"
    served.s3.put_object(Bucket="uploads-of-mine", Key="b.txt")
    eventually(lambda: [e["Records"][0]["s3"]["object"]["key"] for e in seen(served, stack)] == ["a.jpg", "b.txt"])
    stack.update(base(Bucket=resource("S3::Bucket", BucketName="uploads-of-mine")))
    complete(stack)
    found = served.s3.get_bucket_notification_configuration(Bucket="uploads-of-mine")
    assert "LambdaFunctionConfigurations" not in found
    assert served.s3.get_bucket_versioning(Bucket="uploads-of-mine")["Status"] == "Suspended"


def test_a_bucket_that_may_not_invoke_the_function_fails_the_stack(served):
    told = {"Event": "s3:ObjectCreated:*", "Function": att("Function", "Arn")}
    bucket = resource("S3::Bucket", NotificationConfiguration={"LambdaConfigurations": [told]})
    stack = deploy(served, base(Bucket=bucket))
    assert stack.status == "ROLLBACK_COMPLETE"
    assert "Unable to validate the following destination configurations" in stack.reason("Bucket")
    assert served.s3.list_buckets()["Buckets"] == []


def test_rules_and_schedules_call_the_function(served, eventually):
    def resources(source, rate):
        target = {"Id": "1", "Arn": att("Function", "Arn")}
        made = {"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": '{"rule": <n>}'}
        trust = document(
            {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
        )
        return base(
            Permission=permission("events"),
            Rule=resource(
                "Events::Rule", EventPattern={"source": [source]},
                Targets=[target | {"InputTransformer": made}],
            ),
            Caller=resource("IAM::Role", AssumeRolePolicyDocument=trust, ManagedPolicyArns=[ref("Invoke")]),
            Invoke=resource("IAM::ManagedPolicy", PolicyDocument=document(
                {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": att("Function", "Arn")})),
            Group=resource("Scheduler::ScheduleGroup"),
            Schedule=resource(
                "Scheduler::Schedule", GroupName=ref("Group"), ScheduleExpression=rate,
                FlexibleTimeWindow={"Mode": "OFF"},
                Target={"Arn": att("Function", "Arn"), "RoleArn": att("Caller", "Arn"), "Input": '{"schedule": 1}'},
            ),
        )  # fmt: skip

    def put(source, number):
        entry = {"Source": source, "DetailType": "d", "Detail": json.dumps({"n": number})}
        assert served.events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    stack = complete(deploy(served, resources("shop", "rate(5 minutes)")))
    put("shop", 1)
    eventually(lambda: {"rule": 1} in seen(served, stack))
    served.advance(301)
    eventually(lambda: {"schedule": 1} in seen(served, stack))
    before = stack.resources
    stack.update(resources("depot", "rate(10 minutes)"))
    complete(stack)
    assert stack.resources == before
    put("shop", 2)
    put("depot", 3)
    eventually(lambda: {"rule": 3} in seen(served, stack))
    assert {"rule": 2} not in seen(served, stack)
    stack.delete()
    assert stack.status == "DELETE_COMPLETE"
    assert served.events.list_rules()["Rules"] == served.scheduler.list_schedules()["Schedules"] == []


def test_streams_and_queues_are_polled(served, eventually):
    def mapping(source, **more):
        return resource("Lambda::EventSourceMapping", FunctionName=ref("Function"), EventSourceArn=source, **more)

    resources = base(
        Table=resource(
            "DynamoDB::Table", AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamViewType": "NEW_IMAGE"},
            TimeToLiveSpecification={"AttributeName": "gone", "Enabled": "true"},
        ),
        Stream=resource("Kinesis::Stream", ShardCount="1", RetentionPeriodHours=48),
        Dead=resource("SQS::Queue", FifoQueue=True),
        Queue=resource("SQS::Queue", FifoQueue=True, RedrivePolicy={
            "deadLetterTargetArn": att("Dead", "Arn"), "maxReceiveCount": 3}),
        FromTable=mapping(att("Table", "StreamArn"), StartingPosition="TRIM_HORIZON"),
        FromStream=mapping(att("Stream", "Arn"), StartingPosition="TRIM_HORIZON"),
        FromQueue=mapping(att("Queue", "Arn")),
    )  # fmt: skip
    stack = complete(deploy(served, resources))
    names = stack.resources
    assert names["Queue"].endswith(".fifo")
    served.dynamodb.put_item(TableName=names["Table"], Item={"id": {"S": "1"}})
    served.kinesis.put_record(StreamName=names["Stream"], Data=b"x", PartitionKey="p")
    served.sqs.send_message(QueueUrl=names["Queue"], MessageBody="m", MessageGroupId="g", MessageDeduplicationId="d")
    sources = {"aws:dynamodb", "aws:kinesis", "aws:sqs"}
    eventually(lambda: {event["Records"][0]["eventSource"] for event in seen(served, stack)} == sources)
    summary = served.kinesis.describe_stream_summary(StreamName=names["Stream"])["StreamDescriptionSummary"]
    assert summary["RetentionPeriodHours"] == 48
    ttl = served.dynamodb.describe_time_to_live(TableName=names["Table"])["TimeToLiveDescription"]
    assert ttl["TimeToLiveStatus"] == "ENABLED"
    stack.delete()
    assert stack.status == "DELETE_COMPLETE" and served.dynamodb.list_tables()["TableNames"] == []


def test_the_rest_is_what_it_says(served, eventually):
    resources = base(
        Group=resource("Logs::LogGroup", RetentionInDays=7),
        Filter=resource(
            "Logs::SubscriptionFilter", LogGroupName=ref("Group"), FilterPattern="",
            DestinationArn=att("Function", "Arn"),
        )
        | {"DependsOn": "Permission"},
        Permission=permission("logs"),
        Parameter=resource("SSM::Parameter", Type="String", Value="v", Name="/a/b", Tags={"team": "a"}),
        Secret=resource("SecretsManager::Secret", GenerateSecretString={
            "SecretStringTemplate": '{"user": "u"}', "GenerateStringKey": "password", "PasswordLength": 12}),
        Policy=resource("IAM::Policy", PolicyName="p", Roles=[ref("Role")], PolicyDocument=document(POLLING)),
        Bucket=resource("S3::Bucket", LifecycleConfiguration={
            "Rules": [{"Status": "Enabled", "ExpirationInDays": 30, "Prefix": "tmp/"}]},
            PublicAccessBlockConfiguration={"BlockPublicAcls": True},
            CorsConfiguration={"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAge": 5}]},
            BucketEncryption={"ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
        ),
        Open=resource("S3::BucketPolicy", Bucket=ref("Bucket"), PolicyDocument=document(
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"})),
        Bus=resource("Events::EventBus", Name="orders"),
        Topic=resource("SNS::Topic", TopicName="orders.fifo", FifoTopic=True, ContentBasedDeduplication=True),
    )  # fmt: skip
    stack = complete(deploy(served, resources, Tags=[{"Key": "from", "Value": "stack"}]))
    names = stack.resources
    [group] = served.logs.describe_log_groups(logGroupNamePrefix="stack-Group")["logGroups"]
    assert group["retentionInDays"] == 7
    assert served.ssm.get_parameter(Name="/a/b")["Parameter"]["Value"] == "v"
    secret = json.loads(served.secretsmanager.get_secret_value(SecretId=names["Secret"])["SecretString"])
    assert secret["user"] == "u" and len(secret["password"]) == 12
    assert served.iam.list_role_policies(RoleName=names["Role"])["PolicyNames"] == ["inline", "p"]
    [rule] = served.s3.get_bucket_lifecycle_configuration(Bucket=names["Bucket"])["Rules"]
    assert (rule["Expiration"], rule["Filter"]) == ({"Days": 30}, {"Prefix": "tmp/"})
    assert served.s3.get_bucket_cors(Bucket=names["Bucket"])["CORSRules"][0]["MaxAgeSeconds"] == 5
    assert served.s3.get_bucket_tagging(Bucket=names["Bucket"])["TagSet"] == [{"Key": "from", "Value": "stack"}]
    served.logs.create_log_stream(logGroupName=names["Group"], logStreamName="s")
    event = {"timestamp": int(time.time() * 1000), "message": "m"}
    served.logs.put_log_events(logGroupName=names["Group"], logStreamName="s", logEvents=[event])
    eventually(lambda: any("awslogs" in each for each in seen(served, stack)))
    changed = resources | {
        "Parameter": resource("SSM::Parameter", Type="String", Value="w", Name="/a/b"),
        "Group": resource("Logs::LogGroup"),
        "Policy": resource("IAM::Policy", PolicyName="q", Roles=[ref("Role")], PolicyDocument=document(POLLING)),
    }
    stack.update(changed, Tags=[{"Key": "from", "Value": "stack"}])
    complete(stack)
    assert served.ssm.get_parameter(Name="/a/b")["Parameter"]["Value"] == "w"
    assert served.iam.list_role_policies(RoleName=names["Role"])["PolicyNames"] == ["inline", "q"]
    assert "retentionInDays" not in served.logs.describe_log_groups(logGroupNamePrefix="stack-Group")["logGroups"][0]
    stack.delete()
    assert stack.status == "DELETE_COMPLETE"
    assert served.s3.list_buckets()["Buckets"] == [] and served.ssm.describe_parameters()["Parameters"] == []


@pytest.mark.parametrize(
    "bad, said",
    [
        (resource("S3::Bucket", ReplicationConfiguration={}),
         "#: labkit does not carry out [ReplicationConfiguration] of AWS::S3::Bucket"),
        (resource("S3::Bucket", Notifications={}), "#: extraneous key [Notifications] is not permitted"),
        (resource("S3::Bucket", NotificationConfiguration={"LambdaConfiguration": []}),
         "#/NotificationConfiguration: extraneous key [LambdaConfiguration] is not permitted (or labkit does not carry "
         "it out)"),
        (resource("SNS::Subscription", Protocol="lambda"), "#: required key [TopicArn] not found"),
        (resource("EC2::VPC", CidrBlock="10.0.0.0/16", Ipv4NetmaskLength=16),
         "#: labkit does not carry out [Ipv4NetmaskLength] of AWS::EC2::VPC"),
        (resource("DynamoDB::Table", KeySchema="id"), "#/KeySchema: expected type: JSONArray, found: String"),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_out_fails_by_its_name(served, bad, said):
    stack = deploy(served, {"Queue": resource("SQS::Queue"), "Bad": bad | {"DependsOn": "Queue"}})
    assert stack.status == "ROLLBACK_COMPLETE" and stack.resources == {}
    assert stack.reason("Bad") == f"Properties validation failed for resource Bad with message:\n{said}"
    assert served.sqs.list_queues().get("QueueUrls") is None


def test_any_of_aws_managed_policies_is_found(served):
    push = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    complete(deploy(served, {"Role": role(LOGS, ManagedPolicyArns=[push])}))
    assert served.iam.get_policy(PolicyArn=push)["Policy"]["PolicyName"] == "AmazonAPIGatewayPushToCloudWatchLogs"


def test_a_load_balancer_reaches_the_function(served):
    answering = "def handler(event, context):\n    return {'statusCode': 200, 'body': event['path']}\n"

    def resources(path):
        forward = {"Type": "forward", "TargetGroupArn": ref("Group")}
        missing = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "MessageBody": "none"}}
        return base(
            Function=function(att("Role", "Arn"), answering),
            Permission=permission("elasticloadbalancing"),
            Network=resource("EC2::VPC", CidrBlock="10.0.0.0/16"),
            **{
                f"Subnet{zone}": resource(
                    "EC2::Subnet", VpcId=ref("Network"), CidrBlock=f"10.0.{number}.0/24",
                    AvailabilityZone=f"us-east-1{zone}",
                )
                for number, zone in enumerate("ab")
            },
            Balancer=resource(
                "ElasticLoadBalancingV2::LoadBalancer", Type="application", Scheme="internet-facing",
                Subnets=[ref("Subneta"), ref("Subnetb")], Tags=[{"Key": "a", "Value": "b"}],
                LoadBalancerAttributes=[{"Key": "idle_timeout.timeout_seconds", "Value": 30}],
            ),
            Group=resource(
                "ElasticLoadBalancingV2::TargetGroup", TargetType="lambda", Targets=[{"Id": att("Function", "Arn")}]
            )
            | {"DependsOn": "Permission"},
            Listener=resource(
                "ElasticLoadBalancingV2::Listener", LoadBalancerArn=ref("Balancer"), Port=80, Protocol="HTTP",
                DefaultActions=[missing],
            ),
            Rule=resource(
                "ElasticLoadBalancingV2::ListenerRule", ListenerArn=ref("Listener"), Priority=1, Actions=[forward],
                Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": [path]}}],
            ),
        )  # fmt: skip

    told = {"Outputs": {"Host": {"Value": att("Balancer", "DNSName")}}}
    stack = complete(deploy(served, resources("/pets"), sections=told))
    host = stack.outputs["Host"]
    assert served.request("GET", host, "/pets").body == b"/pets"
    assert served.request("GET", host, "/cats").status == 404
    stack.update(resources("/cats"), sections=told)
    complete(stack)
    assert served.request("GET", host, "/cats").body == b"/cats"
    assert served.request("GET", host, "/pets").status == 404
    stack.delete()
    assert stack.status == "DELETE_COMPLETE" and served.elbv2.describe_load_balancers()["LoadBalancers"] == []


def test_a_state_machine_is_made_with_its_substitutions(served):
    def resources(comment):
        states = {"Call": {"Type": "Task", "Resource": "${Function}", "End": True}}
        trust = document(
            {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
        )
        calling = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
        return base(
            Caller=resource("IAM::Role", AssumeRolePolicyDocument=trust, Policies=[
                {"PolicyName": "p", "PolicyDocument": document(calling)}]),
            Machine=resource(
                "StepFunctions::StateMachine", RoleArn=att("Caller", "Arn"), Tags=[{"Key": "a", "Value": "b"}],
                Definition={"Comment": comment, "StartAt": "Call", "States": states},
                DefinitionSubstitutions={"Function": att("Function", "Arn")},
            ),
        )  # fmt: skip

    stack = complete(deploy(served, resources("first")))
    machine = stack.resources["Machine"]
    told = json.loads(served.stepfunctions.describe_state_machine(stateMachineArn=machine)["definition"])
    assert told["States"]["Call"]["Resource"].endswith(f":function:{stack.resources['Function']}")
    stack.update(resources("second"))
    complete(stack)
    found = json.loads(served.stepfunctions.describe_state_machine(stateMachineArn=machine)["definition"])
    assert found["Comment"] == "second" and stack.resources["Machine"] == machine
    stack.delete()
    assert stack.status == "DELETE_COMPLETE" and served.stepfunctions.list_state_machines()["stateMachines"] == []
