"""Stacks that tell of each of their resources, and leave nothing behind when one fails.

moto makes resources as they are first referred to, tells nothing of them, and keeps what it has made when one fails.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import ChangeSet as MotoChangeSet
from moto.cloudformation.models import CloudFormationBackend, Event, cloudformation_backends
from moto.cloudformation.models import Stack as MotoStack
from moto.cloudformation.parsing import ResourceMap

from labkit.moto_bridge.cloudformation import template
from labkit.moto_bridge.cloudformation.deployment import Deployment
from labkit.moto_bridge.cloudformation.reasons import Failure

COMPLETE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
PATIENCE = 20.0  # seconds of the machine's time that a call waits for its stack; then the stack goes on alone


class Stack(MotoStack):  # moto's serializer derives members from the name
    """A stack of moto's whose resources the kit makes, changes and deletes."""

    is_known: Callable[[str], bool]  # whether there is a type of resource of this name

    def __init__(self, *arguments: Any, **named: Any):
        self._lock = threading.RLock()
        self.stack_status_reason: str | None = None
        super().__init__(*arguments, **named)
        if self.template_dict:
            template.check(self.template_dict, Stack.is_known)

    @staticmethod
    def parse_template(text: str) -> dict[str, Any]:
        found: dict[str, Any] = template.normalised(MotoStack.parse_template(text))
        return found

    @property
    def exports(self) -> list[Any]:
        """What other stacks may import; nothing of a stack that is not complete."""
        return super().exports if self.status in COMPLETE else []

    @property
    def outputs(self) -> list[dict[str, Any]] | None:
        """What it tells; moto would make what is not there."""
        return super().outputs if self.status in COMPLETE else None

    @property
    def stack_resources(self) -> list[Any]:
        """The resources that are there; moto would make the others."""
        there, named = self.resource_map._parsed_resources, self.template_dict.get("Resources", {})
        return [there[name] for name in named if there.get(name) is not None]

    def verify_readiness(self) -> None:
        """moto calls this when a custom resource has answered; the stack waits for that itself."""

    # What is asked of a stack.

    def create_resources(self) -> None:
        self.description = self.template_dict.get("Description")
        self.status = "CREATE_IN_PROGRESS"
        self._work(self._create)

    def update(self, text: str, role_arn: Any = None, parameters: Any = None, tags: Any = None) -> None:
        if self.status.endswith("IN_PROGRESS"):
            raise ValidationError(message=f"Stack:{self.stack_id} is in {self.status} state and can not be updated.")
        new, parameters = self.parse_template(text), parameters or {}
        template.check(new, Stack.is_known)
        self._map_of(new, parameters).load()
        if (new, parameters) == (self.template_dict, self.parameters) and tags in (None, self.tags):
            raise ValidationError(message="No updates are to be performed.")
        self._turn_to("UPDATE_IN_PROGRESS", "User Initiated")
        self.role_arn, self.tags = role_arn, self.tags if tags is None else tags
        self._work(lambda: self._update(text, parameters))

    def delete(self) -> None:
        self._work(self._delete)

    # How it is done.

    def _work(self, task: Callable[[], None]) -> None:
        """Do it, and wait a while: a custom resource may have more to do than a call should take."""

        def alone() -> None:
            with self._lock:
                try:
                    task()
                except Exception as error:  # a defect of the kit or of moto
                    logging.getLogger("labkit").exception("stack %s", self.name)
                    self._turn_to(self.status.replace("IN_PROGRESS", "FAILED"), f"labkit failed: {error!r}")

        thread = threading.Thread(target=alone, name="labkit-stack", daemon=True)
        thread.start()
        thread.join(PATIENCE)

    def _create(self) -> None:
        deployment = self._deployment()
        try:
            for name in self._order():
                deployment.make(name)
        except Failure as failure:
            reason = f"The following resource(s) failed to create: [{failure.name}]. Rollback requested by user."
            self._turn_to("ROLLBACK_IN_PROGRESS", reason)
            self._turn_to("ROLLBACK_COMPLETE" if deployment.roll_back() else "ROLLBACK_FAILED", reason)
            return
        self._turn_to("CREATE_COMPLETE")
        self._publish_exports()

    def _update(self, text: str, parameters: Mapping[str, str]) -> None:
        before = (self.template, self.parameters)
        old_names, deployment = self._order(), self._deployment()
        try:
            self._adopt(text, parameters)
            for name in self._order():
                deployment.bring_up_to_date(name)
        except Failure as failure:
            reason = f"The following resource(s) failed to {failure.verb}: [{failure.name}]. "
            self._turn_to("UPDATE_ROLLBACK_IN_PROGRESS", reason)
            self._adopt(*before)
            self._turn_to("UPDATE_ROLLBACK_COMPLETE" if deployment.roll_back() else "UPDATE_ROLLBACK_FAILED", reason)
            return
        self._turn_to("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        deployment.clean_up(reversed(old_names))
        self.output_map = self._create_output_map()
        self._turn_to("UPDATE_COMPLETE")
        self._publish_exports()

    def _delete(self) -> None:
        exports = [export.name for export in self.exports]
        self._turn_to("DELETE_IN_PROGRESS", "User Initiated")
        if left := self._deployment().delete(reversed(self._order())):
            self._turn_to("DELETE_FAILED", f"The following resource(s) failed to delete: [{', '.join(left)}]. ")
            return
        self._turn_to("DELETE_COMPLETE")
        backend = self._backend()
        if backend.stacks.pop(self.stack_id, None) is not None:
            backend.deleted_stacks[self.stack_id] = self
        for name in exports:
            backend.exports.pop(name, None)

    def _adopt(self, text: Any, parameters: Mapping[str, str]) -> None:
        """Take a template and its parameters for the ones that hold; resources stay as they are."""
        self.template, self.parameters = text, dict(parameters)
        self._parse_template()
        resources = self.resource_map
        resources._template, resources.input_parameters = self.template_dict, self.parameters
        resources._resource_json_map = self.template_dict["Resources"]
        resources.load_mapping()
        resources.load_parameters()
        resources.load_conditions()

    def _map_of(self, parsed: dict[str, Any], parameters: Mapping[str, str]) -> ResourceMap:
        """What moto makes of a template, to find whether it can be read."""
        return ResourceMap(
            self.stack_id, self.name, dict(parameters), self.tags, self.region_name, self.account_id, parsed,
            self.cross_stack_resources,
        )  # fmt: skip

    def _backend(self) -> CloudFormationBackend:
        return cloudformation_backends[self.account_id][self.region_name]

    def _deployment(self) -> Deployment:
        return Deployment(self.resource_map, self._tell)

    def _order(self) -> list[str]:
        return template.order(self.template_dict["Resources"]) if self.template_dict else []

    # What it tells.

    def _turn_to(self, status: str, reason: str | None = None) -> None:
        self.status, self.stack_status_reason = status, reason
        self._add_stack_event(status, reason)

    def _tell(self, name: str, resource: Any, status: str, reason: str | None) -> None:
        body = self.template_dict["Resources"].get(name, {})
        event = Event(
            stack_id=self.stack_id,
            stack_name=self.name,
            logical_resource_id=name,
            physical_resource_id=getattr(resource, "physical_resource_id", None) or "",
            resource_type=body.get("Type") or getattr(resource, "cf_resource_type", ""),
            resource_status=status,
            resource_status_reason=reason,
            resource_properties=None,
        )
        event.sendToSns(self.account_id, self.region_name, self.notification_arns)
        self.events.append(event)

    def _publish_exports(self) -> None:
        for export in self.exports:
            self._backend().exports[export.name] = export


class KitCloudFormationBackend(CloudFormationBackend):
    """moto's CloudFormation, with change sets that make stacks as other calls do."""

    def execute_change_set(self, change_set_name: str, stack_name: str | None = None) -> None:
        change_set: Any = self.describe_change_set(change_set_name)
        stack: Any = self.stacks[change_set.stack_id]
        if change_set.change_set_type == "CREATE":
            stack.template, stack.parameters = change_set.template, change_set.parameters
            stack.cross_stack_resources = self.exports
            stack._parse_template()
            stack.resource_map, stack.output_map = stack._create_resource_map(), None
            stack.output_map = stack._create_output_map()
            stack._add_stack_event("CREATE_IN_PROGRESS", resource_status_reason="User Initiated")
            stack.create_resources()
        else:
            stack.update(change_set.template, change_set.role_arn, change_set.parameters, change_set.tags or None)
        change_set.execution_status = "EXECUTE_COMPLETE"

    def delete_stack(self, name_or_stack_id: str) -> None:
        for stack in list(self.stacks.values()):
            if name_or_stack_id in (stack.name, stack.stack_id):
                stack.delete()


KitCloudFormationBackend.__module__ = CloudFormationBackend.__module__  # moto derives its URLs from it


class ChangeSet(MotoChangeSet):
    """A change set whose template is checked when it is made."""

    def _parse_template(self) -> None:
        self.template_dict = Stack.parse_template(self.template)
        template.check(self.template_dict, Stack.is_known)
