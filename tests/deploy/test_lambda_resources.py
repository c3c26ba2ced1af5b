"""Lambda's resources in CloudFormation stacks: made, changed and removed as the calls would."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from served import RUNTIME, zip_of

CODE = "def handler(event, context):\n    return ['{}', context.function_version]\n"


@pytest.fixture
def stack(served):
    """Makes, changes and removes one stack of these resources; its outputs are given back."""
    role = served.role("AWSLambdaSQSQueueExecutionRole")

    class Stack:
        def template(self, resources, outputs):
            return json.dumps({
                "Resources": {
                    name: {"Type": f"AWS::{kind}", "Properties": properties}
                    for name, (kind, properties) in resources.items()
                },
                "Outputs": {name: {"Value": value} for name, value in outputs.items()},
            })  # fmt: skip

        def create(self, resources, **outputs):
            served.cloudformation.create_stack(StackName="s", TemplateBody=self.template(resources, outputs))
            return self.outputs()

        def update(self, resources, **outputs):
            served.cloudformation.update_stack(StackName="s", TemplateBody=self.template(resources, outputs))
            return self.outputs()

        def outputs(self):
            found = served.cloudformation.describe_stacks(StackName="s")["Stacks"][0]
            return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}

        def delete(self):
            served.cloudformation.delete_stack(StackName="s")

        def function(self, answer="one", **more):
            own = {
                "Role": role,
                "Runtime": RUNTIME,
                "Handler": "index.handler",
                "Code": {"ZipFile": CODE.format(answer)},
            }
            return "Lambda::Function", own | more

    return Stack()


REF, ARN, NUMBER = {"Ref": "F"}, {"Fn::GetAtt": ["F", "Arn"]}, {"Fn::GetAtt": ["V", "Version"]}


def test_a_function_is_made_changed_and_removed(served, stack):
    settings = {
        "Timeout": "7", "MemorySize": 256, "ReservedConcurrentExecutions": 5, "Architectures": ["arm64"],
        "EphemeralStorage": {"Size": 600}, "Tags": [{"Key": "team", "Value": "blue"}],
        "Environment": {"Variables": {"LEVEL": 3}}, "TracingConfig": {"Mode": "Active"},
        "LoggingConfig": {"LogFormat": "JSON"},
    }  # fmt: skip
    outputs = stack.create({"F": stack.function(**settings)}, name=REF, arn=ARN)
    name = outputs["name"]
    assert name.startswith("s-F-") and outputs["arn"].endswith(f":function:{name}")
    found = served.awslambda.get_function(FunctionName=name)
    configuration = found["Configuration"]
    assert (configuration["State"], configuration["Timeout"], configuration["MemorySize"]) == ("Active", 7, 256)
    assert configuration["Environment"] == {"Variables": {"LEVEL": "3"}}
    assert configuration["Architectures"] == ["arm64"] and configuration["EphemeralStorage"] == {"Size": 600}
    assert configuration["LoggingConfig"]["LogFormat"] == "JSON"
    assert found["Tags"]["team"] == "blue" and found["Concurrency"] == {"ReservedConcurrentExecutions": 5}
    assert served.invoke(name).payload == ["one", "$LATEST"]
    changed = stack.update({"F": stack.function("two", Timeout=9)}, name=REF)
    assert changed == {"name": name}
    assert served.invoke(name).payload == ["two", "$LATEST"]
    assert served.awslambda.get_function_configuration(FunctionName=name)["Timeout"] == 9
    assert "Concurrency" not in served.awslambda.get_function(FunctionName=name)
    stack.delete()
    assert served.awslambda.list_functions()["Functions"] == []


def test_another_name_replaces_the_function(served, stack):
    stack.create({"F": stack.function(FunctionName="old")})
    stack.update({"F": stack.function(FunctionName="new")})
    assert [each["FunctionName"] for each in served.awslambda.list_functions()["Functions"]] == ["new"]


def test_code_comes_from_s3(served, stack):
    served.s3.create_bucket(Bucket="code")
    served.s3.put_object(Bucket="code", Key="k", Body=zip_of({"index.py": CODE.format("stored")}))
    stack.create({"F": stack.function(FunctionName="f", Code={"S3Bucket": "code", "S3Key": "k"})})
    assert served.invoke().payload == ["stored", "$LATEST"]


def test_a_version_and_an_alias(served, stack):
    resources = {
        "F": stack.function(FunctionName="f"),
        "V": ("Lambda::Version", {"FunctionName": REF, "Description": "first"}),
        "A": ("Lambda::Alias", {"FunctionName": REF, "Name": "live", "FunctionVersion": NUMBER}),
    }
    outputs = stack.create(resources, number=NUMBER, version={"Ref": "V"}, alias={"Ref": "A"})
    assert outputs["number"] == "1" and outputs["version"].endswith(":function:f:1")
    assert served.invoke(outputs["alias"]).payload == ["one", "1"]
    weights = {"AdditionalVersionWeights": [{"FunctionVersion": "2", "FunctionWeight": 1}]}
    served.awslambda.update_function_code(
        FunctionName="f", ZipFile=zip_of({"index.py": CODE.format("two")}), Publish=True
    )
    resources["A"] = ("Lambda::Alias", {**resources["A"][1], "RoutingConfig": weights})
    stack.update(resources)
    assert served.invoke("f:live").payload == ["two", "2"]
    stack.delete()
    assert served.awslambda.list_functions()["Functions"] == []


def test_a_permission(served, stack):
    statement = {"FunctionName": ARN, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    resources = {"F": stack.function(FunctionName="f")}
    stack.create({**resources, "P": ("Lambda::Permission", statement)})
    policy = json.loads(served.awslambda.get_policy(FunctionName="f")["Policy"])
    assert [each["Principal"] for each in policy["Statement"]] == [{"Service": "s3.amazonaws.com"}]
    stack.update(resources)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        served.awslambda.get_policy(FunctionName="f")


def test_an_event_source_mapping(served, stack):
    url = served.sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = served.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    resources = {"F": stack.function(FunctionName="f", Timeout=5)}
    mapping = {"FunctionName": REF, "EventSourceArn": arn, "BatchSize": "1"}
    made = stack.create({**resources, "M": ("Lambda::EventSourceMapping", mapping)}, id={"Ref": "M"})
    found = served.awslambda.get_event_source_mapping(UUID=made["id"])
    assert (found["State"], found["BatchSize"]) == ("Enabled", 1)
    changed = {**mapping, "BatchSize": 5, "Enabled": False}
    assert stack.update({**resources, "M": ("Lambda::EventSourceMapping", changed)}, id={"Ref": "M"}) == made
    found = served.awslambda.get_event_source_mapping(UUID=made["id"])
    assert (found["State"], found["BatchSize"]) == ("Disabled", 5)
    stack.update(resources)
    assert served.awslambda.list_event_source_mappings()["EventSourceMappings"] == []


REFUSED = {
    "a value": ({"Timeout": 1000}, "F: 1 validation error detected: Value '1000' at 'timeout'"),
    "a property": ({"Memory": 128}, "F: Encountered unsupported property Memory"),
    "a number": ({"Timeout": "soon"}, "F: soon is no integer"),
}


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=REFUSED)
def test_a_resource_that_lambda_refuses_is_named_with_its_reason(served, stack, given, message):
    with pytest.raises(ClientError) as refused:
        stack.create({"F": stack.function(**given)})
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert refused.value.response["Error"]["Message"].startswith(message)
    assert served.awslambda.list_functions()["Functions"] == []


def test_a_function_that_is_gone_is_removed_without_an_error(served, stack):
    stack.create({"F": stack.function(FunctionName="f")})
    served.awslambda.delete_function(FunctionName="f")
    stack.delete()
    assert served.cloudformation.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
