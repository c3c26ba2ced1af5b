"""One run over a stack's resources: each is made, changed or deleted, each step is told, and all can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.cloudformation import parsing
from moto.ec2.models import ec2_backends
from moto.ec2.models.core import TaggedEC2Resource

from labkit.moto_bridge.cloudformation.custom_resource import CustomResource
from labkit.moto_bridge.cloudformation.motos import refuse_passed_over
from labkit.moto_bridge.cloudformation.reasons import ResourceFailure, reason_of
from labkit.moto_bridge.cloudformation.resource import Resource
from labkit.moto_bridge.cloudformation.template import references

Tell = Callable[[str, Any, str, str | None], None]  # a resource's name, the resource, its status and the reason


class Deployment:
    """Works on the resources of a map, which holds them as moto keeps them, and tells of each step."""

    def __init__(self, resources: parsing.ResourceMap, tell: Tell):
        self._map = resources
        self._tell = tell
        self._undo: list[Callable[[], bool]] = []
        self._superseded: list[tuple[str, Any]] = []
        self._moved: set[str] = set()  # whose Ref gives something else than before
        self._before: Mapping[str, Any] = dict(resources._resource_json_map)
        self._bodies = dict(self._before)
        self._parameters: Mapping[str, Any] = dict(resources.resolved_parameters)

    def make(self, name: str) -> None:
        """Make a resource, unless its condition does not hold; `ResourceFailure` when that fails."""
        body = self._map._resource_json_map[name]
        if not self._is_wanted(name) or parsing.resource_class_from_type(body["Type"]) is None:
            return
        self._bodies[name] = body
        resource: Any = None
        self._tell(name, resource, "CREATE_IN_PROGRESS", None)
        try:
            resource = self._map[name]
            self._undo.append(lambda: self._take_back(name))
            self._tell(name, resource, "CREATE_IN_PROGRESS", "Resource creation Initiated")
            self._tag(name, resource)
            _await(resource)
            refuse_passed_over(resource, body["Type"])
        except Exception as error:
            self._tell(name, resource, "CREATE_FAILED", self._reason(error, name))
            raise ResourceFailure(name, "create") from error
        self._tell(name, resource, "CREATE_COMPLETE", None)

    def bring_up_to_date(self, name: str) -> None:
        """Make a resource that is not there, or change the one that is; `ResourceFailure` when that fails."""
        before = self._map._parsed_resources.get(name)
        if before is None:
            self.make(name)
        elif self._is_wanted(name) and self._is_concerned(name, before):
            self._change(name, before)

    def clean_up(self, names: Iterable[str]) -> None:
        """Delete what others took the place of, and those of the resources named that are no longer wanted."""
        for name, resource in self._superseded:
            if self._bodies[name].get("UpdateReplacePolicy") != "Retain":
                self._delete(name, resource)
        self.delete(name for name in names if not self._is_wanted(name))

    def delete(self, names: Iterable[str]) -> list[str]:
        """Delete resources; those that could not be, though it was tried as long as any could."""
        left = [name for name in names if self._map._parsed_resources.get(name) is not None]
        while left:
            remaining = [name for name in left if not self._delete_named(name)]
            if len(remaining) == len(left):
                break
            left = remaining
        else:
            return []
        return left

    def roll_back(self) -> bool:
        """Undo all that was done, the last first, and tell whether it could be.

        The map's template is again what it was before.
        """
        return all([undo() for undo in reversed(self._undo)])

    def _change(self, name: str, before: Any) -> None:
        try:
            after = self._changed(name) or before
            _await(after)
            refuse_passed_over(after, self._map._resource_json_map[name]["Type"])
        except Exception as error:
            self._tell(name, before, "UPDATE_IN_PROGRESS", None)
            self._tell(name, before, "UPDATE_FAILED", self._reason(error, name))
            raise ResourceFailure(name, "update") from error
        if after is before and _is_ours(before):
            return
        self._tell(name, before, "UPDATE_IN_PROGRESS", None)
        self._map._parsed_resources[name] = after
        if _is_ours(after) and after.physical_resource_id != before.physical_resource_id:
            self._moved.add(name)
            self._superseded.append((name, before))
            self._undo.append(lambda: self._put_back(name, before, after))
        else:
            self._undo.append(lambda: self._change_back(name))
        self._tell(name, after, "UPDATE_COMPLETE", None)

    def _changed(self, name: str) -> Any:
        map = self._map
        return parsing.parse_and_update_resource(
            name, map._resource_json_map[name], map, account_id=map._account_id, region_name=map._region_name
        )

    def _is_wanted(self, name: str) -> bool:
        body = self._map._resource_json_map.get(name)
        condition = body.get("Condition") if body else None
        return body is not None and (condition is None or bool(self._map.lazy_condition_map[condition]))

    def _is_concerned(self, name: str, resource: Any) -> bool:
        """Whether something may have changed for a resource; ours see that themselves, by their properties."""
        body, current = self._map._resource_json_map[name], self._map.resolved_parameters
        changed = {key for key in current if current[key] != self._parameters.get(key)} | self._moved
        return (
            _is_ours(resource)
            or not _same(body, self._before.get(name))
            or any(each in changed for _, each in references(body))
        )

    # Undoing.

    def _take_back(self, name: str) -> bool:
        return self._delete(name, self._map._parsed_resources.pop(name))

    def _put_back(self, name: str, before: Any, after: Any) -> bool:
        self._map._parsed_resources[name] = before
        return self._delete(name, after)

    def _change_back(self, name: str) -> bool:
        resource = self._map._parsed_resources[name]
        self._tell(name, resource, "UPDATE_IN_PROGRESS", None)
        try:
            self._map._parsed_resources[name] = self._changed(name) or resource
            _await(self._map._parsed_resources[name])
        except Exception as error:
            self._tell(name, resource, "UPDATE_FAILED", self._reason(error, name))
            return False
        self._tell(name, resource, "UPDATE_COMPLETE", None)
        return True

    # Deleting.

    def _delete_named(self, name: str) -> bool:
        resource = self._map._parsed_resources[name]
        if self._bodies[name].get("DeletionPolicy") == "Retain":
            self._tell(name, resource, "DELETE_SKIPPED", None)
        elif not self._delete(name, resource):
            return False
        self._map._parsed_resources.pop(name)
        return True

    def _delete(self, name: str, resource: Any) -> bool:
        self._tell(name, resource, "DELETE_IN_PROGRESS", None)
        try:
            if _is_ours(resource):
                resource.delete()
                _await(resource)
            else:
                self._map._delete_resource(resource, self._bodies[name])
        except Exception as error:
            self._tell(name, resource, "DELETE_FAILED", self._reason(error, name))
            return False
        self._tell(name, resource, "DELETE_COMPLETE", None)
        return True

    def _reason(self, error: Exception, name: str) -> str:
        model = parsing.resource_class_from_type(self._bodies[name]["Type"])
        return reason_of(error, name, getattr(model, "refusal", ""))

    def _tag(self, name: str, resource: Any) -> None:
        """moto's EC2 leaves a stack's tags to the stack."""
        if isinstance(resource, TaggedEC2Resource):
            tags = {**self._map.tags, "aws:cloudformation:logical-id": name}
            backend = ec2_backends[self._map._account_id][self._map._region_name]
            backend.create_tags([resource.physical_resource_id], tags)  # type: ignore[attr-defined]


def _is_ours(resource: Any) -> bool:
    return isinstance(resource, Resource | CustomResource)


def _same(body: Mapping[str, Any], other: Mapping[str, Any] | None) -> bool:
    """Whether two bodies say the same; moto adds the properties to one that has none."""
    return {"Properties": {}, **body} == {"Properties": {}, **(other or {})}


def _await(resource: Any) -> None:
    """Wait until a resource is there."""
    if isinstance(resource, CustomResource):
        resource.await_response()
    elif getattr(resource, "status", "").startswith("ROLLBACK"):  # a stack within the stack
        told = resource.failure
        raise RuntimeError(f"Embedded stack {resource.stack_id} was not successfully created: {told}")
