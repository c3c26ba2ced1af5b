"""Stacks of an account, and short ways of making them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from served import RUNTIME, TRUST, Served

CODE = "def handler(event, context):\n    return 'first'\n"
NAMED_IAM = "CAPABILITY_NAMED_IAM"
LOGS = {"Effect": "Allow", "Action": ["logs:*"], "Resource": "*"}


@dataclass(frozen=True)
class Stack:
    """A stack as CloudFormation tells of it."""

    account: Served
    id: str

    @property
    def name(self) -> str:
        return self.id.split("/")[1]

    @property
    def told(self) -> dict[str, Any]:
        return dict(self.account.cloudformation.describe_stacks(StackName=self.id)["Stacks"][0])

    @property
    def status(self) -> str:
        return str(self.told["StackStatus"])

    @property
    def outputs(self) -> dict[str, str]:
        return {each["OutputKey"]: each["OutputValue"] for each in self.told.get("Outputs", [])}

    @property
    def resources(self) -> dict[str, str]:
        """Physical ids by logical ones."""
        listed = self.account.cloudformation.describe_stack_resources(StackName=self.id)["StackResources"]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in listed}

    def events(self, *statuses: str) -> list[tuple[str, str]]:
        """What happened, oldest first: logical id and status, of these statuses if any are named."""
        listed = self.account.cloudformation.describe_stack_events(StackName=self.id)["StackEvents"]
        found = [(each["LogicalResourceId"], each["ResourceStatus"]) for each in reversed(listed)]
        return [each for each in found if not statuses or each[1] in statuses]

    def reason(self, name: str) -> str:
        """Why a resource failed, or why the stack was rolled back."""
        listed = self.account.cloudformation.describe_stack_events(StackName=self.id)["StackEvents"]
        return next(
            each["ResourceStatusReason"]
            for each in listed
            if each["LogicalResourceId"] == name and each["ResourceStatus"].endswith(("FAILED", "ROLLBACK_IN_PROGRESS"))
        )

    def update(self, resources: dict[str, Any], **more: Any) -> None:
        body = template(resources, **more.pop("sections", {}))
        given = {"Capabilities": [NAMED_IAM], **more}
        self.account.cloudformation.update_stack(StackName=self.id, TemplateBody=body, **given)

    def delete(self) -> None:
        self.account.cloudformation.delete_stack(StackName=self.id)


def template(resources: dict[str, Any], **sections: Any) -> str:
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources, **sections})


def deploy(account: Served, resources: dict[str, Any], name: str = "stack", **more: Any) -> Stack:
    body = template(resources, **more.pop("sections", {}))
    given = {"Capabilities": [NAMED_IAM], **more}
    created = account.cloudformation.create_stack(StackName=name, TemplateBody=body, **given)
    return Stack(account, created["StackId"])


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def function(role: str, code: str = CODE, **more: Any) -> dict[str, Any]:
    default = {"Runtime": RUNTIME, "Handler": "index.handler", "Role": role, "Code": {"ZipFile": code}}
    return resource("Lambda::Function", **(default | more))


def ref(name: str) -> dict[str, Any]:
    return {"Ref": name}


def att(name: str, attribute: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def role(*statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    policy = {"PolicyName": "inline", "PolicyDocument": document(*statements)}
    return resource("IAM::Role", AssumeRolePolicyDocument=json.loads(TRUST), Policies=[policy], **more)


def complete(stack: Stack) -> Stack:
    events = stack.account.cloudformation.describe_stack_events(StackName=stack.id)["StackEvents"]
    reasons = [each["ResourceStatusReason"] for each in events if "FAILED" in each["ResourceStatus"]]
    assert stack.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), reasons
    return stack
