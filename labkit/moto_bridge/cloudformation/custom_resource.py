"""Custom resources: a function of the learner's makes, changes and deletes them, and answers where the event says.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Mapping
from typing import Any

from moto.awslambda.utils import get_backend
from moto.cloudformation.custom_model import CustomModel
from moto.cloudformation.models import cloudformation_backends

from labkit.moto_bridge import cloudformation

LOOK_AGAIN = 0.5  # seconds between looks at account time
LONGEST_WAIT = 3600  # seconds, unless the resource's ServiceTimeout says otherwise


class CustomResource(CustomModel):
    """One custom resource."""

    def __init__(self, name: str, properties: Mapping[str, Any], account: str, region: str, about: Mapping[str, str]):
        super().__init__(region, "", about["LogicalId"], name)
        self.properties = properties
        self._account = account
        self._about = about
        self._answered = threading.Event()
        self._answer: Mapping[str, Any] = {}

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **about: Any
    ) -> CustomResource:
        resource = cls(resource_name, cloudformation_json["Properties"], account_id, region_name, about)
        resource.ask("Create")
        return resource

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: dict[str, Any], account_id: str,
        region_name: str,
    ) -> CustomResource:  # fmt: skip
        old: CustomResource = original_resource
        if cloudformation_json["Properties"] == old.properties:
            return old
        resource = cls(old.physical_resource_id, cloudformation_json["Properties"], account_id, region_name, old._about)
        resource.data = old.data
        resource.ask("Update", OldResourceProperties=_texts(old.properties))
        return resource

    def delete(self) -> None:
        """Have its function delete it."""
        self.ask("Delete")

    def ask(self, request_type: str, **more: Any) -> None:
        """Invoke its function with a request."""
        self.request_id = str(uuid.uuid4())
        self._answered.clear()
        stack_id, token = self._about["StackId"], self.properties["ServiceToken"]
        endpoint = cloudformation.current().endpoint
        cloudformation_backends[self._account][self.region_name].get_stack(stack_id).add_custom_resource(self)
        identity = {} if request_type == "Create" else {"PhysicalResourceId": self.physical_resource_id}
        event = {
            "RequestType": request_type,
            "ServiceToken": token,
            "ResponseURL": f"{endpoint}/cloudformation_{self.region_name}/cfnresponse?stack={stack_id}",
            "StackId": stack_id,
            "RequestId": self.request_id,
            "LogicalResourceId": self.logical_id,
            "ResourceType": self._about["ResourceType"],
            "ResourceProperties": _texts(self.properties),
            **identity,
            **more,
        }
        get_backend(self._account, self.region_name).get_function(token).invoke(json.dumps(event), {}, {})

    def respond(self, answer: Mapping[str, Any]) -> None:
        """Take the function's answer; one to an earlier request is not minded."""
        if answer.get("RequestId") == self.request_id:
            self._answer = answer
            self._answered.set()

    def await_response(self) -> None:
        """Wait for the function's answer; `RuntimeError` when it failed, or when none came in time."""
        clock = cloudformation.current().clock
        deadline = clock.time() + float(self.properties.get("ServiceTimeout", LONGEST_WAIT))
        while not self._answered.wait(LOOK_AGAIN):
            if clock.time() > deadline or not self._stack_is_there():
                raise RuntimeError(
                    "CloudFormation did not receive a response from your Custom Resource. Please check your logs for "
                    f"requestId [{self.request_id}]. If you are using the Python cfn-response module, you may need to "
                    "update your Lambda function code so that CloudFormation can attach the updated version."
                )
        if self._answer.get("Status") != "SUCCESS":
            raise RuntimeError(
                "Received response status [FAILED] from custom resource. Message returned: "
                f"{self._answer.get('Reason')} (RequestId: {self.request_id})"
            )
        self.resource_name = self._answer.get("PhysicalResourceId") or self.resource_name
        self.set_data(self._answer.get("Data") or {})

    def _stack_is_there(self) -> bool:
        return self._about["StackId"] in cloudformation_backends[self._account][self.region_name].stacks


def _texts(value: Any) -> Any:
    """Numbers and truth values reach the function as text."""
    if isinstance(value, Mapping):
        return {name: _texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
