"""A bundle becomes a stack of the account, new or changed, and the learner is told how it went."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from labkit.deploy.bundle import Bundle, Upload
from labkit.mistake import Mistake

Clients = Callable[[str], Any]  # a boto3 client by its service
LONGEST_BODY = 51_200  # bytes of a template in a request; a longer one goes through a bucket
LOOK_AGAIN = 0.05  # seconds
NOTHING_TO_DO = "No updates are to be performed."


class StackFailed(Mistake, RuntimeError):
    """A stack that was not made or changed; the message has CloudFormation's reasons."""


@dataclass(frozen=True)
class Stack:
    """A stack of the account: its outputs, and its resources' names in AWS by those in the template."""

    name: str
    status: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str]
    _clients: Clients = field(repr=False, compare=False)

    def delete(self) -> None:
        """Delete the stack with all that it made; `StackFailed` when something is left."""
        cloudformation = self._clients("cloudformation")
        stack_id = cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]["StackId"]
        cloudformation.delete_stack(StackName=stack_id)
        _await(cloudformation, stack_id, "DELETE_COMPLETE")


def deploy(bundle: Bundle, clients: Clients, parameters: Mapping[str, str], capabilities: Collection[str]) -> Stack:
    """Make or change the stack of a bundle; `StackFailed` when that fails, and nothing is left half made."""
    cloudformation = clients("cloudformation")
    _upload(clients, bundle)
    before = _found(cloudformation, bundle.stack)
    if before and before["StackStatus"] in ("ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"):
        cloudformation.delete_stack(StackName=before["StackId"])  # it has nothing, and can't be updated
        before = None
    call = cloudformation.update_stack if before else cloudformation.create_stack
    given = {
        "StackName": bundle.stack,
        "Capabilities": list(capabilities),
        "Parameters": [{"ParameterKey": key, "ParameterValue": str(value)} for key, value in parameters.items()],
        **_body(clients, bundle),
    }
    try:
        stack_id = call(**given)["StackId"]
    except ClientError as error:
        said = error.response["Error"]["Message"]
        if before is None or said != NOTHING_TO_DO:
            raise StackFailed(f"{bundle.stack}: {said}") from error
        stack_id = before["StackId"]
    _await(cloudformation, stack_id, "CREATE_COMPLETE", "UPDATE_COMPLETE")
    return _stack(clients, stack_id)


def _upload(clients: Clients, bundle: Bundle) -> None:
    s3 = clients("s3")
    for bucket in {each.bucket for each in bundle.uploads}:
        s3.create_bucket(Bucket=bucket)
    for each in bundle.uploads:
        s3.put_object(Bucket=each.bucket, Key=each.key, Body=each.content)
    for name, value in bundle.stored.items():
        clients("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


def _body(clients: Clients, bundle: Bundle) -> dict[str, str]:
    """The template as the call takes it."""
    if len(bundle.template.encode()) <= LONGEST_BODY:
        return {"TemplateBody": bundle.template}
    upload = Upload(f"templates-of-{bundle.stack}".lower(), "template", bundle.template.encode())
    _upload(clients, Bundle(bundle.stack, "", (upload,)))
    return {"TemplateURL": f"https://{upload.bucket}.s3.amazonaws.com/{upload.key}"}


def _found(cloudformation: Any, name: str) -> Any:
    """What there is of this name, None if there is nothing."""
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError:
        return None


def _await(cloudformation: Any, stack_id: str, *good: str) -> None:
    while (told := cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0])["StackStatus"] not in good:
        if not told["StackStatus"].endswith("IN_PROGRESS"):
            raise StackFailed(
                "\n".join([f"{told['StackName']} is {told['StackStatus']}", *_reasons(cloudformation, told)])
            )
        time.sleep(LOOK_AGAIN)


def _reasons(cloudformation: Any, told: Mapping[str, Any]) -> list[str]:
    """Why it failed, oldest first: of this last run only."""
    found = []
    for event in cloudformation.describe_stack_events(StackName=told["StackId"])["StackEvents"]:
        if event["ResourceStatus"].endswith("FAILED"):
            reason = " ".join(event.get("ResourceStatusReason", "").split())
            found.append(f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
        if event.get("ResourceStatusReason") == "User Initiated":
            break
    return found[::-1] or [str(told.get("StackStatusReason", ""))]


def _stack(clients: Clients, stack_id: str) -> Stack:
    cloudformation = clients("cloudformation")
    told = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
    listed = cloudformation.describe_stack_resources(StackName=stack_id)["StackResources"]
    return Stack(
        told["StackName"],
        told["StackStatus"],
        {each["OutputKey"]: each["OutputValue"] for each in told.get("Outputs", [])},
        {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in listed},
        clients,
    )
