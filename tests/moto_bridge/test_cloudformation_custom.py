"""Custom resources: a function makes them and answers CloudFormation, through `labkit serve`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from stacks import att, deploy, function, resource

ANSWERING = """
import cfnresponse
def handler(event, context):
    print(event["RequestType"], event.get("PhysicalResourceId"), event["ResourceProperties"]["Size"])
    if event["ResourceProperties"].get("Fail") == event["RequestType"]:
        return cfnresponse.send(event, context, cfnresponse.FAILED, {}, reason="too small")
    name = "thing-" + event["ResourceProperties"]["Size"]
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {"Name": name.upper()}, name)
"""


@pytest.fixture
def role(served):
    return served.role("AWSLambdaBasicExecutionRole", name="custom")


def custom(**properties):
    return {"Type": "Custom::Thing", "Properties": {"ServiceToken": att("Maker", "Arn"), **properties}}


def test_a_custom_resource_lives_by_its_function(served, role, eventually):
    resources = {"Maker": function(role, ANSWERING), "Thing": custom(Size=3)}
    sections = {"Outputs": {"Name": {"Value": att("Thing", "Name")}}}
    stack = deploy(served, resources, sections=sections)
    assert stack.status == "CREATE_COMPLETE"
    assert stack.resources["Thing"] == "thing-3" and stack.outputs == {"Name": "THING-3"}
    stack.update({**resources, "Thing": custom(Size=4)}, sections=sections)
    assert stack.resources["Thing"] == "thing-4" and stack.outputs == {"Name": "THING-4"}
    maker = stack.resources["Maker"]
    stack.delete()  # which does not wait until the function, having answered, has ended and its log is written

    def asked():
        return [line.strip() for line in served.messages(maker) if line.split()[0] in ("Create", "Update", "Delete")]

    eventually(lambda: len(asked()) == 4)
    assert sorted(asked()) == ["Create None 3", "Delete thing-3 3", "Delete thing-4 4", "Update thing-3 4"]
    assert stack.status == "DELETE_COMPLETE"


def test_what_depends_on_a_custom_resource_waits_for_it(served, role):
    stack = deploy(
        served,
        {
            "Queue": resource("SQS::Queue", QueueName=att("Thing", "Name")),
            "Maker": function(role, ANSWERING),
            "Thing": custom(Size=1),
        },
    )
    assert stack.resources["Queue"].endswith("/THING-1")


def test_a_custom_resource_that_fails_takes_its_stack_with_it(served, role):
    stack = deploy(served, {"Maker": function(role, ANSWERING), "Thing": custom(Size=1, Fail="Create")})
    assert stack.status == "ROLLBACK_COMPLETE"
    assert stack.reason("Thing").startswith(
        "Received response status [FAILED] from custom resource. Message returned: too small (RequestId: "
    )
    assert served.awslambda.list_functions()["Functions"] == []


def test_a_function_that_does_not_answer_is_waited_for_an_hour(served, role, eventually):
    silent = function(role, "def handler(event, context):\n    print('asked')\n", FunctionName="silent")
    with ThreadPoolExecutor(1) as threads:
        made = threads.submit(deploy, served, {"Maker": silent, "Thing": custom(Size=1)})
        eventually(lambda: "asked\n" in served.messages("silent"))
        told = served.cloudformation.describe_stacks(StackName="stack")["Stacks"][0]
        assert told["StackStatus"] == "CREATE_IN_PROGRESS"
        served.advance(3601)
        # Rolling back asks the function to delete what it did not make, and waits as long.
        eventually(lambda: served.messages("silent").count("asked\n") == 2)
        served.advance(3601)
        stack = made.result(30)
    assert stack.status == "ROLLBACK_FAILED"
    assert "did not receive a response from your Custom Resource" in stack.reason("Thing")


def test_an_unknown_function_fails_the_stack(served):
    nowhere = "arn:aws:lambda:us-east-1:123456789012:function:nowhere"
    stack = deploy(served, {"Thing": {"Type": "Custom::Thing", "Properties": {"ServiceToken": nowhere}}})
    assert stack.status == "ROLLBACK_COMPLETE"
