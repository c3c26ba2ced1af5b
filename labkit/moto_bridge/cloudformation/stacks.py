"""Stacks that tell of each of their resources, and leave nothing behind when one fails.

moto makes resources as they are first referred to, tells nothing of them, and keeps what it has made when one fails.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Event, cloudformation_backends
from moto.cloudformation.models import Stack as MotoStack
from moto.cloudformation.parsing import ResourceMap
from moto.core.utils import utcnow
from moto.ssm import ssm_backends

from labkit.moto_bridge.cloudformation import (
    capabilities,
    outputs,
    serverless,
    template,
    template_parameters,
    template_rules,
    template_text,
)  # fmt: skip
from labkit.moto_bridge.cloudformation.deployment import Deployment
from labkit.moto_bridge.cloudformation.outputs import Outputs
from labkit.moto_bridge.cloudformation.reasons import Failure

PATIENCE = 20.0  # seconds of the machine's time that a call waits for its stack; then the stack goes on alone


class Stack(MotoStack):  # moto's serializer derives members from the name
    """A stack of moto's whose resources the kit makes, changes and deletes."""

    is_known: Callable[[str], bool]  # whether there is a type of resource of this name
    has_attribute: Callable[[str, str], bool]  # whether that type has an attribute of this name

    def __init__(self, *arguments: Any, **named: Any):
        self._lock = threading.RLock()
        self.stack_status_reason: str | None = None
        self.failure: str | None = None  # why it was rolled back
        self.last_updated_time: Any = None
        self.imports: frozenset[str] = frozenset()
        self._told = Outputs()
        self.account_id, self.region_name = named["account_id"], named["region_name"]
        self.template_dict = {}
        if named["template"]:
            self.template_dict, named["parameters"] = self.processed(named["template"], named["parameters"] or {})
        super().__init__(*arguments, **named)
        self._what_holds()

    parse_template = staticmethod(template_text.read)  # type: ignore[assignment]

    def _parse_template(self) -> None:
        """moto calls this wherever it needs the template; here that has been processed."""

    @property
    def is_transformed(self) -> bool:
        """Whether its template is carried out otherwise than it is written."""
        return bool(serverless.transforms_of(template_text.read(str(self.template))))

    def has_template(self, other_template: Any) -> bool:
        written: Any = self.template
        return bool(written) and template_text.read(written) == template_text.read(other_template)

    def has_parameters(self, other_parameters: Mapping[str, str]) -> bool:
        return {**self.parameters, **other_parameters} == self.parameters

    def processed(self, text: Any, given: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
        """A template as it is carried out, its transforms too, and the values of its parameters.

        `ValidationError` for what is no template; `InsufficientCapabilities` for more than the caller acknowledges.
        """
        written = template_text.read(text)
        transforms = serverless.transforms_of(written)
        capabilities.check_transforms(transforms)
        template.check_form(written)
        parameters = template_parameters.resolved(written, given, self._is_stored)
        template_rules.check(written, template_parameters.values_of(written, parameters, self._stored))
        found = serverless.expanded(written, parameters, self.account_id, self.region_name)
        template.check(found, Stack.is_known, Stack.has_attribute)
        capabilities.check_resources(found["Resources"])
        return found, parameters

    def _is_stored(self, name: str) -> bool:
        return ssm_backends[self.account_id][self.region_name].get_parameter(name) is not None

    def _stored(self, name: str) -> str:
        parameter: Any = ssm_backends[self.account_id][self.region_name].get_parameter(name)
        return str(parameter.value)

    @property
    def exports(self) -> list[Any]:
        return list(self._told.exports.values())

    @property
    def outputs(self) -> list[Any] | None:
        return list(self._told.listed) or None

    def get_cfn_attribute(self, name: str) -> Any:
        """An output, asked for by the stack in which this one is."""
        return next((each["OutputValue"] for each in self._told.listed if name == f"Outputs.{each['OutputKey']}"), None)

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
        new, parameters = self.processed(text, parameters or {})
        resources = self._map_of(new, parameters)
        resources.load()
        template.what_holds(new, resources.lazy_condition_map)
        if (new, parameters) == (self.template_dict, self.parameters) and tags in (None, self.tags):
            raise ValidationError(message="No updates are to be performed.")
        self.last_updated_time = utcnow()
        self._turn_to("UPDATE_IN_PROGRESS", "User Initiated")
        self.role_arn, self.tags = role_arn, self.tags if tags is None else tags
        self._work(lambda: self._update(text, new, parameters))

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
            imports = self._imports()
            for name in self._order():
                deployment.make(name)
            told = self._outputs()
        except Failure as failure:
            self.failure = f"{str(failure).rstrip('. ')}. Rollback requested by user."
            self._turn_to("ROLLBACK_IN_PROGRESS", self.failure)
            self._turn_to("ROLLBACK_COMPLETE" if deployment.roll_back() else "ROLLBACK_FAILED")
            return
        self._tell_others(told, imports)
        self._turn_to("CREATE_COMPLETE")

    def _update(self, text: str, new: dict[str, Any], parameters: Mapping[str, str]) -> None:
        before = (self.template, self.template_dict, self.parameters)
        old_names, deployment = self._order(), self._deployment()
        try:
            self._adopt(text, new, parameters)
            imports = self._imports()
            for name in self._order():
                deployment.bring_up_to_date(name)
            told = self._outputs()
        except Failure as failure:
            self.failure = str(failure)
            self._turn_to("UPDATE_ROLLBACK_IN_PROGRESS", self.failure)
            self._adopt(*before)
            if deployment.roll_back():
                self._turn_to("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
                self._turn_to("UPDATE_ROLLBACK_COMPLETE")
            else:
                self._turn_to("UPDATE_ROLLBACK_FAILED")
            return
        self._tell_others(told, imports)
        self._turn_to("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        deployment.clean_up(reversed(old_names))
        self._turn_to("UPDATE_COMPLETE")

    def _delete(self) -> None:
        before = self.status
        self._turn_to("DELETE_IN_PROGRESS", "User Initiated")
        try:
            self._refuse_loss(Outputs())
        except Failure as failure:
            self._turn_to(before, str(failure))
            return
        if left := self._deployment().delete(reversed(self._order())):
            self._turn_to("DELETE_FAILED", f"The following resource(s) failed to delete: [{', '.join(left)}]. ")
            return
        self._tell_others(Outputs(), frozenset())
        self._turn_to("DELETE_COMPLETE")
        backend = self._backend()
        if backend.stacks.pop(self.stack_id, None) is not None:
            backend.deleted_stacks[self.stack_id] = self

    # What it has from other stacks, and they from it.

    def _imports(self) -> frozenset[str]:
        """The names of what it imports; `Failure` when no stack exports one."""
        exports = self.resource_map.cross_stack_resources = self._backend().exports
        found = frozenset(outputs.imported(self._what_holds(), self.resource_map))
        if missing := sorted(found - {*exports}):
            raise Failure(f"No export named {missing[0]} found")
        return found

    def _outputs(self) -> Outputs:
        """What it tells now; `Failure` when it may not export that."""
        told = outputs.read(self._what_holds()["Outputs"], self.resource_map, self.stack_id)
        for name in told.exports:
            export = self._backend().exports.get(name)
            if export and export.exporting_stack_id != self.stack_id:
                stack = export.exporting_stack_id.split("/")[1]
                raise Failure(f"Export with name {name} is already exported by stack {stack}")
        self._refuse_loss(told)
        return told

    def _refuse_loss(self, told: Outputs) -> None:
        """`Failure` when another stack uses an export that is not told any more, or of which another value is told."""
        stacks: Iterable[Any] = self._backend().stacks.values()
        for name, export in self._told.exports.items():
            users = [stack.name for stack in stacks if name in stack.imports]
            if users and name not in told.exports:
                raise Failure(f"Export {name} cannot be deleted as it is in use by {' and '.join(users)}")
            if users and told.exports[name].value != export.value:
                raise Failure(f"Export {name} cannot be updated as it is in use by {' and '.join(users)}")

    def _tell_others(self, told: Outputs, imports: frozenset[str]) -> None:
        exports = self._backend().exports
        for name in self._told.exports:
            exports.pop(name, None)
        exports.update(told.exports)
        self._told, self.imports = told, imports

    def _what_holds(self) -> dict[str, Any]:
        return template.what_holds(self.template_dict, self.resource_map.lazy_condition_map)

    # What it works on.

    def _adopt(self, text: Any, processed: dict[str, Any], parameters: Mapping[str, str]) -> None:
        """Take a template and its parameters for the ones that hold; resources stay as they are."""
        self.template, self.template_dict, self.parameters = text, processed, dict(parameters)
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
