"""SAM templates, from their text to what calls the function."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from served import RUNTIME
from stacks import Stack, complete

ALL = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
TEMPLATE = """
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Parameters:
  Word: {Type: String, Default: first}
Globals:
  Function:
    Runtime: RUNTIME
    Handler: index.handler
    Timeout: 10
    Environment:
      Variables: {WORD: !Ref Word}
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      AutoPublishAlias: live
      FunctionUrlConfig: {AuthType: NONE}
      InlineCode: |
        import json, os
        import boto3
        def handler(event, context):
            print("EVENT", json.dumps(event))
            if event.get("read"):
                return boto3.client("s3").get_object(Bucket=event["read"], Key="k")["Body"].read().decode()
            return {"statusCode": 200, "body": os.environ["WORD"]}
      Policies:
        - S3ReadPolicy: {BucketName: !Sub "uploads-${AWS::AccountId}"}
      Events:
        Upload: {Type: S3, Properties: {Bucket: !Ref Bucket, Events: "s3:ObjectCreated:*"}}
        Told: {Type: SNS, Properties: {Topic: !Ref Topic}}
        Queued: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn, BatchSize: 2}}
        Rest: {Type: Api, Properties: {Path: "/pets/{id}", Method: get}}
        Http: {Type: HttpApi, Properties: {Path: /cats, Method: post}}
        Often: {Type: Schedule, Properties: {Schedule: rate(5 minutes), Input: '{"rule": 1}'}}
        Later: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(5 minutes), Input: '{"schedule": 1}'}}
        Matching: {Type: EventBridgeRule, Properties: {Pattern: {source: [shop]}}}
        Changed: {Type: DynamoDB, Properties: {Stream: !GetAtt Table.StreamArn, StartingPosition: TRIM_HORIZON}}
        Streamed: {Type: Kinesis, Properties: {Stream: !GetAtt Stream.Arn, StartingPosition: TRIM_HORIZON}}
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "uploads-${AWS::AccountId}"}}
  Topic: {Type: AWS::SNS::Topic}
  Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 60}}
  Stream: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      StreamSpecification: {StreamViewType: NEW_IMAGE}
Outputs:
  Url: {Value: !GetAtt FunctionUrl.FunctionUrl}
  Rest: {Value: !Ref ServerlessRestApi}
  Http: {Value: !Ref ServerlessHttpApi}
""".replace("RUNTIME", RUNTIME)


def create(account, body=TEMPLATE, name="sam", capabilities=ALL, **more):
    created = account.cloudformation.create_stack(
        StackName=name, TemplateBody=body, Capabilities=list(capabilities), **more
    )
    return Stack(account, created["StackId"])


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def kinds(account, function):
    """What called the function: the source of each of its events."""
    found = []
    for line in account.messages(function):
        if line.startswith("EVENT "):
            event = json.loads(line.removeprefix("EVENT "))
            record = event.get("Records", [event])[0]
            named = (record.get(name) for name in ("eventSource", "EventSource", "source"))
            found.append(next(filter(None, named), None) or next(iter(record)))
    return set(found)


def test_every_event_of_a_template_calls_the_function(served, eventually):
    stack = complete(create(served))
    names, outputs = stack.resources, stack.outputs
    function = names["Function"]
    bucket = names["Bucket"]
    served.s3.put_object(Bucket=bucket, Key="k", Body=b"read")
    served.sns.publish(TopicArn=names["Topic"], Message="m")
    served.sqs.send_message(QueueUrl=names["Queue"], MessageBody="m")
    served.kinesis.put_record(StreamName=names["Stream"], Data=b"x", PartitionKey="p")
    served.dynamodb.put_item(TableName=names["Table"], Item={"id": {"S": "1"}})
    served.events.put_events(Entries=[{"Source": "shop", "DetailType": "d", "Detail": "{}"}])
    gateway = "{}.execute-api.us-east-1.amazonaws.com".format
    assert served.request("GET", gateway(outputs["Rest"]), "/Prod/pets/1").body == b"first"
    assert served.request("POST", gateway(outputs["Http"]), "/cats").body == b"first"
    url = outputs["Url"].removeprefix("https://").strip("/")
    assert served.request("GET", url).body == b"first"
    served.advance(301)
    wanted = {"aws:s3", "aws:sns", "aws:sqs", "aws:kinesis", "aws:dynamodb", "shop", "rule", "schedule"}
    eventually(lambda: wanted <= kinds(served, function))
    assert served.invoke(function, {"read": bucket}, Qualifier="live").payload == "read"
    stack.account.cloudformation.update_stack(
        StackName=stack.id, TemplateBody=TEMPLATE.replace("/cats", "/dogs"), Capabilities=ALL,
        Parameters=[{"ParameterKey": "Word", "ParameterValue": "second"}],
    )  # fmt: skip
    complete(stack)
    assert stack.resources["Function"] == function
    assert served.request("POST", gateway(outputs["Http"]), "/dogs").status == 200
    assert served.request("GET", gateway(outputs["Rest"]), "/Prod/pets/1").status == 200
    told = served.awslambda.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    assert told == {"WORD": "second"}
    served.s3.delete_object(Bucket=bucket, Key="k")
    stack.delete()
    assert stack.status == "DELETE_COMPLETE", stack.told
    assert served.awslambda.list_functions()["Functions"] == served.apigateway.get_rest_apis()["items"] == []


SMALL = """
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: RUNTIME, Handler: index.handler, InlineCode: "def handler(e, c): return 1"}
""".replace("RUNTIME", RUNTIME)


@pytest.mark.parametrize(
    "body, capabilities, answer",
    [
        (SMALL, [], ("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_AUTO_EXPAND]")),
        (SMALL, ["CAPABILITY_AUTO_EXPAND"],
         ("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")),
        (SMALL.replace("Handler", "Handle"), ALL, ("ValidationError",
         "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. "
         "Number of errors found: 1. Resource with id [F] is invalid. property Handle not defined for resource of type "
         "AWS::Serverless::Function")),
        (SMALL.replace("InlineCode: \"def handler(e, c): return 1\"", "CodeUri: src/"), ALL, ("ValidationError",
         "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. "
         "Number of errors found: 1. Resource with id [F] is invalid. 'CodeUri' is not a valid S3 Uri of the form "
         "'s3://bucket/key' with optional versionId query parameter.")),
        (SMALL.replace("AWS::Serverless-2016-10-31", "AWS::Mine"), ALL, ("ValidationError",
         "No transform named AWS::Mine found. (labkit carries out AWS::Serverless-2016-10-31 only)")),
        (SMALL.replace("Transform: AWS::Serverless-2016-10-31", ""), ALL, ("ValidationError",
         "Template format error: Unrecognized resource types: [AWS::Serverless::Function] (labkit knows fewer types "
         "than AWS)")),
    ],
)  # fmt: skip
def test_what_is_no_serverless_template_makes_no_stack(served, body, capabilities, answer):
    client = served.cloudformation
    assert refused(client.create_stack, StackName="s", TemplateBody=body, Capabilities=capabilities) == answer
    assert client.list_stacks()["StackSummaries"] == []


def test_a_change_set_shows_what_a_transform_makes(served):
    client = served.cloudformation
    made = client.create_change_set(
        StackName="sam", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=SMALL, Capabilities=["CAPABILITY_IAM"]
    )
    changes = client.describe_change_set(ChangeSetName=made["Id"])["Changes"]
    assert {each["ResourceChange"]["LogicalResourceId"] for each in changes} == {"F", "FRole"}
    client.execute_change_set(ChangeSetName=made["Id"], StackName="sam")
    stack = complete(Stack(served, made["StackId"]))
    assert served.invoke(stack.resources["F"]).payload == 1


PARAMETERS = """
Parameters:
  Size: {Type: Number, MinValue: 1, MaxValue: 9, Default: 3}
  Kind: {Type: String, AllowedValues: [a, b], Default: a}
  Name: {Type: String, AllowedPattern: "[a-z]+", MaxLength: 5, Default: x}
  Many: {Type: CommaDelimitedList, Default: "one,two"}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /there}
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Select [1, !Ref Many], VisibilityTimeout: !Ref Size}}
Outputs:
  Stored: {Value: !Ref Stored}
"""


@pytest.mark.parametrize(
    "name, value, said",
    [
        ("Size", "x", "Parameter 'Size' must be a number"),
        ("Size", "10", "Parameter 'Size' must be a number not greater than 9"),
        ("Kind", "c", "Parameter 'Kind' must be one of AllowedValues: [a, b]"),
        ("Name", "A", "Parameter 'Name' must match pattern [a-z]+"),
        ("Name", "aaaaaa", "Parameter 'Name' must contain at most 5 characters"),
        ("Nobody", "a", "Parameters: [Nobody] do not exist in the template"),
        ("Stored", "/nowhere", "Unable to fetch parameters [/nowhere] from parameter store for this account."),
    ],
)
def test_a_parameter_is_what_the_template_allows(served, name, value, said):
    served.ssm.put_parameter(Name="/there", Value="stored", Type="String")
    given = [{"ParameterKey": name, "ParameterValue": value}]
    call = served.cloudformation.create_stack
    assert refused(call, StackName="s", TemplateBody=PARAMETERS, Parameters=given) == ("ValidationError", said)


def test_parameters_have_their_defaults(served):
    served.ssm.put_parameter(Name="/there", Value="stored", Type="String")
    stack = complete(create(served, PARAMETERS))
    assert stack.resources["Queue"].endswith("/two") and stack.outputs == {"Stored": "stored"}
    attributes = served.sqs.get_queue_attributes(QueueUrl=stack.resources["Queue"], AttributeNames=["All"])
    assert attributes["Attributes"]["VisibilityTimeout"] == "3"


RULES = """
Parameters:
  Version: {Type: "AWS::SSM::Parameter::Value<String>", Default: /version}
  Kind: {Type: String, Default: test}
Rules:
  NewEnough:
    RuleCondition: !Equals [!Ref Kind, test]
    Assertions:
      - Assert: !Not [!Contains [["1", "2"], !Ref Version]]
        AssertDescription: version 3 is needed
Resources:
  Queue: {Type: AWS::SQS::Queue}
"""


def test_rules_hold_of_the_parameters(served):
    call = served.cloudformation.create_stack
    served.ssm.put_parameter(Name="/version", Value="2", Type="String")
    said = "Template error: rule NewEnough: version 3 is needed"
    assert refused(call, StackName="s", TemplateBody=RULES) == ("ValidationError", said)
    kind = {"ParameterKey": "Kind", "ParameterValue": "other"}
    complete(create(served, RULES, name="other", Parameters=[kind]))
    served.ssm.put_parameter(Name="/version", Value="12", Type="String", Overwrite=True)
    complete(create(served, RULES))


def test_a_stack_keeps_values_and_template_of_before(served):
    stack = complete(create(served, TEMPLATE_OF_SIZE, Parameters=[{"ParameterKey": "Size", "ParameterValue": "7"}]))
    more = {"Parameters": [{"ParameterKey": "Size", "UsePreviousValue": True}]}
    other = TEMPLATE_OF_SIZE.replace("DelaySeconds: 1", "DelaySeconds: 2")
    served.cloudformation.update_stack(StackName=stack.id, TemplateBody=other, **more)
    complete(stack)
    served.cloudformation.update_stack(
        StackName=stack.id, UsePreviousTemplate=True, Parameters=[{"ParameterKey": "Size", "ParameterValue": "8"}]
    )
    complete(stack)
    attributes = served.sqs.get_queue_attributes(QueueUrl=stack.resources["Queue"], AttributeNames=["All"])
    assert (attributes["Attributes"]["VisibilityTimeout"], attributes["Attributes"]["DelaySeconds"]) == ("8", "2")


TEMPLATE_OF_SIZE = """
Parameters:
  Size: {Type: Number, Default: 3}
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: !Ref Size, DelaySeconds: 1}}
"""


def test_a_template_can_be_read_as_given_and_as_carried_out(served):
    complete(create(served, SMALL))
    read = served.cloudformation.get_template
    kinds = {body["Type"] for body in read(StackName="sam")["TemplateBody"]["Resources"].values()}
    assert kinds == {"AWS::Lambda::Function", "AWS::IAM::Role"}
    assert read(StackName="sam", TemplateStage="Original")["TemplateBody"] == SMALL


@pytest.mark.parametrize(
    "function, name", [("!Cidr [a, b, c]", "Fn::Cidr"), ("{Fn::Transform: {Name: AWS::Include}}", "Fn::Transform")]
)
def test_a_function_that_is_not_carried_out_is_named(served, function, name):
    body = "Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: " + function + "}}}"
    answer = refused(served.cloudformation.create_stack, StackName="s", TemplateBody=body)
    assert answer == ("ValidationError", f"Template format error: labkit does not carry out {name}")
