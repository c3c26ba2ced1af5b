"""A function's own policy admits roles as it admits services."""

from __future__ import annotations

import pytest

ACCOUNT = "123456789012"
CALL = (
    "import json, boto3\ndef lambda_handler(event, context):\n"
    "    answer = boto3.client('lambda').invoke(FunctionName=event['name'])\n"
    "    return json.load(answer['Payload'])\n"
)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/caller"
DENIED = (
    f"User: arn:aws:sts::{ACCOUNT}:assumed-role/caller/g is not authorized to perform: lambda:InvokeFunction on "
    "resource: arn:aws:lambda:us-east-1:123456789012:function:{} because no identity-based policy allows the "
    "lambda:InvokeFunction action"
)


@pytest.fixture
def caller(served):
    """Function f, and g whose role may do nothing and which invokes what its event names."""
    served.function("def lambda_handler(event, context):\n    return 'called'\n", Publish=True)
    served.function(CALL, "g", Role=served.role(name="caller"))
    return served


def permit(account, principal, **more):
    given = {"FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": principal}
    account.awslambda.add_permission(**given | more)


@pytest.mark.parametrize(
    ("principal", "more", "name", "allowed"),
    [
        (ROLE, {}, "f", True),
        ("*", {}, "f", True),
        (ROLE, {"Qualifier": "1"}, "f:1", True),
        (ROLE, {"Qualifier": "1"}, "f", False),
        (ROLE, {}, "f:1", False),
        (ROLE, {}, "f:$LATEST", False),
        (ROLE, {"Action": "lambda:GetFunction"}, "f", False),
        (ACCOUNT, {}, "f", False),
        (f"arn:aws:iam::{ACCOUNT}:role/another", {}, "f", False),
    ],
)
def test_a_role_needs_no_policy_of_its_own_where_the_function_admits_it(caller, principal, more, name, allowed):
    permit(caller, principal, **more)
    done = caller.invoke("g", {"name": name})
    if allowed:
        assert done.payload == "called"
    else:
        assert DENIED.format(name) in done.payload["errorMessage"]
