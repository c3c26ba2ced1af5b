"""Resources of the table's types: made, changed and deleted by the calls that their rows name."""

from __future__ import annotations

import contextlib
import secrets
import string
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.model import StructureShape
from moto.core.utils import get_service_model

from labkit.moto_bridge.cloudformation.properties import BadProperty, argument, refuse_extraneous
from labkit.moto_bridge.cloudformation.resource_type import Arguments, Call, CallFailed, Part, ResourceType, Steady

LOOK_AGAIN = 0.02  # seconds
PATIENCE = 300.0  # seconds of the machine's time that a resource may take to settle
SUFFIX = string.ascii_letters + string.digits
NOT_FOUND = "ResourceNotFoundException"


class NotSteady(Exception):
    """A resource that did not settle; the message is CloudFormation's."""


class CustomNamed(Exception):
    """A resource with a name of the template's that would have to exist twice; the message is CloudFormation's."""


@dataclass(frozen=True)
class Place:
    """Where a resource is: in which stack, under which logical id, with which tags of the stack, in which region."""

    stack_id: str
    logical_id: str
    region: str
    tags: Mapping[str, str]

    @property
    def all_tags(self) -> dict[str, str]:
        """What CloudFormation tags each resource with."""
        return {
            **self.tags,
            "aws:cloudformation:stack-name": self.stack_id.split("/")[1],
            "aws:cloudformation:stack-id": self.stack_id,
            "aws:cloudformation:logical-id": self.logical_id,
        }

    def name(self, longest: int) -> str:
        """A name for the resource: STACK-LOGICALID- and twelve random characters, no longer than this."""
        suffix = "".join(secrets.choice(SUFFIX) for _ in range(12))
        stack, rest = self.stack_id.split("/")[1], longest - len(suffix) - 2
        logical = self.logical_id[: max(rest - len(stack), rest // 2)]
        return f"{stack[: rest - len(logical)]}-{logical}-{suffix}"


@dataclass(eq=False)
class Resource:
    """A resource as a stack has it: what it was made with, and what it is known by since.

    moto reads `physical_resource_id`, and sets its type's name and its logical id.
    """

    type: ResourceType
    call: Call
    place: Place
    properties: Arguments
    arguments: Arguments = field(repr=False)
    identity: Arguments
    cf_resource_type: str = ""
    logical_resource_id: str = ""

    @property
    def known(self) -> dict[str, Any]:
        """All that its calls may be given."""
        return {**self.arguments, **self.identity}

    @property
    def physical_resource_id(self) -> str:
        """What Ref gives."""
        return self.type.ref.format(**self.known)

    def is_created(self) -> bool:
        """Whether it is there; moto asks."""
        return True

    def get_cfn_attribute(self, name: str) -> Any:
        """What Fn::GetAtt gives."""
        first, *rest = name.split(".")
        value = self.known[self.type.attributes[first]]
        for part in rest:
            value = value[part]
        return value

    # Its life.

    @classmethod
    def create(cls, type: ResourceType, call: Call, place: Place, properties: Arguments) -> Resource:
        """A new resource; `CallFailed`, `BadProperty` or `NotSteady` leave nothing behind."""
        arguments, identity = checked_arguments(type, properties), {}
        if type.generated and type.generated[0] not in arguments:
            identity[type.generated[0]] = place.name(type.generated[1])
        tags = {"Tags": {**place.all_tags, **tags_of(properties)}} if type.tagged else {}
        taken = _taken(type, type.create, {**arguments, **identity, **tags})
        answer = call(type.service, type.create, taken, place.region)
        identity |= {name: _at(answer, path) for name, path in type.kept.items()}
        resource = cls(type, call, place, properties, arguments, identity)
        try:
            resource._await_steady(type.steady)
            resource._change_parts({}, created=True)
        except BaseException:
            with contextlib.suppress(CallFailed, NotSteady):
                resource.delete()
            raise
        return resource

    def changed(self, properties: Arguments) -> Resource:
        """The resource with other properties, changed in place; as it was when that fails."""
        arguments = checked_arguments(self.type, properties)
        gone = self.arguments.keys() - arguments.keys()
        cleared = {name: value for name, value in self.type.cleared.items() if name in gone}
        resource = Resource(self.type, self.call, self.place, properties, arguments | cleared, self.identity)
        try:
            resource._change(self)
        except BaseException:
            with contextlib.suppress(CallFailed, NotSteady):
                self._change(resource)
            raise
        return resource

    def replacement(self, properties: Arguments) -> Resource:
        """Another resource in its place, with other properties; it is left to be deleted."""
        named = self.type.generated[0] if self.type.generated else ""
        if self.type.ref == f"{{{named}}}" and properties.get(named) == self.properties.get(named) is not None:
            raise CustomNamed(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {self.physical_resource_id} and update the stack again."
            )
        return Resource.create(self.type, self.call, self.place, properties)

    def delete(self) -> None:
        """Delete it, if it is still there."""
        deadline = time.monotonic() + PATIENCE
        try:
            with contextlib.suppress(NotSteady):
                self._await_steady(self.type.steady)
            self._call(self.type.delete, self.known)
            while self.type.steady and time.monotonic() < deadline:
                self._call(self.type.steady.read, self.known)
                time.sleep(LOOK_AGAIN)
        except CallFailed as error:
            if error.code != NOT_FOUND:
                raise

    # How it is changed.

    def _change(self, before: Resource) -> None:
        touched = {name for name, value in self.arguments.items() if value != before.arguments.get(name)}
        self._await_steady(self.type.steady)
        for operation in self.type.updates:
            if touched & _inputs(self.type, operation).keys():
                self._call(operation, self.known)
                self._await_steady(self.type.steady)
        self._change_parts(before.properties)
        self._change_tags(tags_of(before.properties), tags_of(self.properties))

    def _change_parts(self, before: Arguments, created: bool = False) -> None:
        for part in self.type.parts:
            old, new = before.get(part.property), self.properties.get(part.property)
            done = created and part.property in _inputs(self.type, self.type.create)
            if old != new and not done:
                self._change_part(part, new is None)

    def _change_part(self, part: Part, gone: bool) -> None:
        if gone and part.delete:
            self._call(part.delete, self.known)
            return
        self._call(part.put, {**self.known, **(part.default if gone else {})})
        self._await_steady(part.steady)

    def _change_tags(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        if self.type.tagged is None or old == new:
            return
        arn = self.known[self.type.tagged]
        if new:
            self._call("TagResource", {"Resource": arn, "Tags": new})
        if gone := [key for key in old if key not in new]:
            self._call("UntagResource", {"Resource": arn, "TagKeys": gone})

    def _call(self, operation: str, known: Arguments) -> Arguments:
        return self.call(self.type.service, operation, _taken(self.type, operation, known), self.place.region)

    def _await_steady(self, steady: Steady | None) -> None:
        deadline = time.monotonic() + PATIENCE
        while steady is not None:
            answer = self._call(steady.read, self.known)
            if failed := [name for name, values in steady.failed.items() if answer.get(name) in values]:
                reason = answer.get(f"{failed[0]}Reason") or answer.get("StatusReason")
                raise NotSteady(f"Resource of type '{self.type.name}' did not stabilize: {reason}")
            if not any(answer.get(name) in values for name, values in steady.busy.items()):
                return
            if time.monotonic() > deadline:
                raise NotSteady(f"Resource of type '{self.type.name}' did not stabilize.")
            time.sleep(LOOK_AGAIN)


def checked_arguments(type: ResourceType, properties: Arguments) -> dict[str, Any]:
    """The properties as arguments of calls; `BadProperty` for one that is missing, unknown or of another type."""
    refuse_extraneous(properties, type.properties)
    for name in type.required:
        if name not in properties:
            raise BadProperty(f"#: required key [{name}] not found")
    try:
        found = type.arguments(properties)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadProperty(f"#: {error!r}") from error
    if "Tags" in found:
        found["Tags"] = tags_of(properties)
    operations = (type.create, *type.updates, *(part.put for part in type.parts))
    shapes = {name: shape for operation in operations for name, shape in _inputs(type, operation).items()}
    known = {name: argument(shapes[name], value, f"#/{name}") for name, value in found.items() if name in shapes}
    return {**found, **known}


def _inputs(type: ResourceType, operation: str) -> Mapping[str, Any]:
    """The members of an operation's input and their shapes."""
    shape = get_service_model(type.service).operation_model(operation).input_shape
    return shape.members if isinstance(shape, StructureShape) else {}


def _taken(type: ResourceType, operation: str, known: Arguments) -> dict[str, Any]:
    """Those of the known arguments that an operation takes."""
    return {name: known[name] for name in _inputs(type, operation) if known.get(name) is not None}


def tags_of(properties: Arguments) -> dict[str, str]:
    """The tags that a template gives a resource."""
    try:
        return {str(tag["Key"]): str(tag["Value"]) for tag in properties.get("Tags", ())}
    except (KeyError, TypeError):
        raise BadProperty("#/Tags: expected a list of Key and Value") from None


def _at(answer: Arguments, path: str) -> Any:
    value: Any = answer
    for name in path.split("."):
        value = value.get(name, {})
    return value
