"""CloudFormation's stacks and change sets, which make stacks as other calls do."""

from __future__ import annotations

from typing import Any

from moto.cloudformation.models import ChangeSet as MotoChangeSet
from moto.cloudformation.models import CloudFormationBackend


class KitCloudFormationBackend(CloudFormationBackend):
    """moto's CloudFormation, with change sets that make stacks as other calls do."""

    def create_change_set(self, *arguments: Any, **named: Any) -> tuple[str, str]:
        before = {*self.stacks}
        try:
            return super().create_change_set(*arguments, **named)
        except Exception:
            for stack_id in {*self.stacks} - before:  # moto has made one for the change set that there won't be
                del self.stacks[stack_id]
            raise

    def execute_change_set(self, change_set_name: str, stack_name: str | None = None) -> None:
        change_set: Any = self.describe_change_set(change_set_name)
        stack: Any = self.stacks[change_set.stack_id]
        if change_set.change_set_type == "CREATE":
            stack.template, stack.template_dict = change_set.template, change_set.template_dict
            stack.parameters, stack.cross_stack_resources = change_set.parameters, self.exports
            stack.resource_map = stack._create_resource_map()
            stack._what_holds()
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
        stack: Any = self.stack
        self.template_dict, self.parameters = stack.processed(self.template, self.parameters)
