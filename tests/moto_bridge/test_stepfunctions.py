"""A state machine's tasks call functions: from StartExecution to what comes of it, through `labkit serve`."""

from __future__ import annotations

import json

import pytest

CODE = """
def lambda_handler(event, context):
    if event.get("amount", 0) < 0:
        raise ValueError("a negative amount")
    return {"total": event["amount"] * 2}
"""
TRUST = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}],
})  # fmt: skip


@pytest.fixture
def execute(served, eventually):
    """Runs a state machine of one task, and what may follow it, with an input; the execution once it has ended."""
    role = served.iam.create_role(RoleName="states", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]

    def run(task, given, **others):
        definition = {"StartAt": "Task", "States": {"Task": {"Type": "Task", "End": True, **task}, **others}}
        machine = served.stepfunctions.create_state_machine(
            name="machine", roleArn=role, definition=json.dumps(definition)
        )["stateMachineArn"]
        execution = served.stepfunctions.start_execution(stateMachineArn=machine, input=json.dumps(given))
        name = execution["executionArn"]

        def ended():
            found = served.stepfunctions.describe_execution(executionArn=name)
            return found if found["status"] != "RUNNING" else None

        return eventually(ended)

    return run


def test_a_task_that_names_a_function_gets_its_result(served, execute):
    function = served.function(CODE)
    ended = execute({"Resource": function}, {"amount": 21})
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"total": 42})
    assert "START" in "".join(served.messages())


def test_a_task_by_the_service_integration_gets_lambdas_answer(served, execute):
    function = served.function(CODE)
    task = {
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload.$": "$"},
    }
    ended = execute(task, {"amount": 21})
    assert json.loads(ended["output"])["Payload"] == {"total": 42}
    assert json.loads(ended["output"])["ExecutedVersion"] == "$LATEST"


def test_a_function_that_fails_is_caught(served, execute):
    function = served.function(CODE)
    task = {"Resource": function, "Catch": [{"ErrorEquals": ["ValueError"], "Next": "Repaired"}]}
    ended = execute(task, {"amount": -1}, Repaired={"Type": "Pass", "Result": {"is": "repaired"}, "End": True})
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"is": "repaired"})


def test_a_function_that_fails_and_is_not_caught_fails_the_execution(served, execute):
    ended = execute({"Resource": served.function(CODE)}, {"amount": -1})
    assert (ended["status"], ended["error"]) == ("FAILED", "ValueError")
    assert "a negative amount" in ended["cause"]
