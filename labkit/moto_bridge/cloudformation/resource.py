"""Resources of the table's types: made, changed and deleted by the calls that their rows name."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from labkit.moto_bridge.cloudformation.arguments import (
    Given,
    given,
    inputs,
    patches,
    tag_call,
    tags_for,
    taken,
    takes,
    typed,
)  # fmt: skip
from labkit.moto_bridge.cloudformation.place import Place
from labkit.moto_bridge.cloudformation.resource_type import (
    Arguments,
    Call,
    CallFailed,
    Part,
    ResourceType,
    Steady,
    capitalised,
    merged,
)  # fmt: skip

LOOK_AGAIN = 0.02  # seconds
PATIENCE = 300.0  # seconds of the machine's time that a resource may take to settle


class NotSteady(Exception):
    """A resource that did not settle; the message is CloudFormation's."""


class CustomNamed(Exception):
    """A resource with a name of the template's that would have to exist twice; the message is CloudFormation's."""

    def __init__(self, name: str):
        super().__init__(
            "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
            f"Rename {name} and update the stack again."
        )


@dataclass(eq=False)
class Resource:
    """A resource as a stack has it: what it was made with, and what it is known by since.

    `identity` has the names made up for it and what AWS has named it, `answers` what it was answered for each item of
    each part. moto reads `physical_resource_id`, and sets its type's name and its logical id.
    """

    type: ResourceType
    call: Call
    place: Place
    properties: Arguments
    given: Given = field(repr=False)
    identity: Arguments
    answers: dict[tuple[str, str], Arguments] = field(default_factory=dict)
    cf_resource_type: str = ""
    logical_resource_id: str = ""

    @property
    def known(self) -> dict[str, Any]:
        """All that its calls may be given."""
        return {**self.given.arguments, **self.identity}

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
        return _at(self.known[self.type.attributes[first]], rest)

    # Its life.

    @classmethod
    def create(cls, type: ResourceType, call: Call, place: Place, properties: Arguments) -> Resource:
        """A new resource; `CallFailed`, `BadProperty` or `NotSteady` leave nothing behind."""
        arguments = given(type, properties)
        identity = {"Region": place.region, "Account": place.account}
        if (name := type.generated) and name.argument not in arguments.arguments:
            identity[name.argument] = name.shaped(place.name(name.longest), properties)
        resource = cls(type, call, place, properties, arguments, identity)
        resource._make()
        return resource

    def changed(self, properties: Arguments) -> Resource:
        """The resource with other properties, changed in place; as it was when that fails."""
        new = given(self.type, properties)
        before = self.given.arguments
        cleared = {name: value for name, value in self.type.cleared.items() if name in before}
        new = replace(new, arguments=merged(cleared, new.arguments))
        resource = Resource(self.type, self.call, self.place, properties, new, self.identity, dict(self.answers))
        try:
            resource._change(self)
        except BaseException:
            with contextlib.suppress(CallFailed, NotSteady):
                self._change(resource)
            raise
        return resource

    def replacement(self, properties: Arguments) -> Resource:
        """Another resource in its place, with other properties; it is left to be deleted."""
        if (name := self.type.generated) and not name.shared:
            mine = self.given.arguments.get(name.argument)
            if mine and mine == given(self.type, properties).arguments.get(name.argument):
                raise CustomNamed(str(mine))
        return Resource.create(self.type, self.call, self.place, properties)

    def delete(self) -> None:
        """Delete it, if it is still there."""
        deadline = time.monotonic() + PATIENCE
        with _unless_gone():
            with contextlib.suppress(NotSteady):
                self._await_steady(self.type.steady)
            self._delete_parts()
            if self.type.delete:
                self._call(self.type.delete, self.known)
            while self.type.steady and time.monotonic() < deadline:
                self._call(self.type.steady.read, self.known)
                time.sleep(LOOK_AGAIN)

    # How it is made and changed.

    def _make(self) -> None:
        tags = self._tags()
        if self.type.create:
            more = tags_for(self.type, self.type.create, tags)
            answer = self._call(self.type.create, {**self.known, **more})
            self.identity = {**self.identity, **{name: _at(answer, path) for name, path in self.type.kept.items()}}
        for name, form in self.type.made.items():
            self.identity = {**self.identity, **typed(self.type, {name: form.format(**self.known)})}
        try:
            self._await_steady(self.type.steady)
            self._put_items(self.type.parts, self._items_to_make())
            if not (self.type.create and tags_for(self.type, self.type.create, tags)):
                self._change_tags({}, tags)
        except BaseException:
            with contextlib.suppress(CallFailed, NotSteady):
                self.delete()
            raise

    def _items_to_make(self) -> list[Mapping[str, Arguments]]:
        """The items of each part without those that `create` has made."""
        done = {capitalised(name) for name in inputs(self.type, self.type.create)} if self.type.create else set()
        return [{key: item for key, item in items.items() if not done >= item.keys()} for items in self.given.items]

    def _change(self, before: Resource) -> None:
        self._await_steady(self.type.steady)
        old, new = before.given.arguments, self.given.arguments
        touched = {name for name in {*old, *new} if old.get(name) != new.get(name)}
        if touched and self.type.remade:
            before.delete()
            self._make()
            return
        for operation in self.type.updates:
            if touched & takes(self.type, operation):
                self._call(operation, {**self.known, **patches(self.type, operation, old, new)})
                self._await_steady(self.type.steady)
        self._change_parts(before)
        self._change_tags(before._tags(), self._tags())

    def _change_parts(self, before: Resource) -> None:
        for part, old, new in zip(self.type.parts, before.given.items, self.given.items, strict=True):
            for key in old.keys() - new.keys():
                self._take_away(part, key, old[key])
            self._put_items([part], [{key: item for key, item in new.items() if item != old.get(key)}])

    def _put_items(self, parts: Sequence[Part], items: Sequence[Mapping[str, Arguments]]) -> None:
        for part, each in zip(parts, items, strict=True):
            if part.put is None:
                continue
            for key, item in each.items():
                known = {**self.known, **item}
                answer = self._call(part.put, known)
                self.answers[part.put, key] = {name: answer[name] for name in answer if capitalised(name) not in known}
                self._await_steady(part.steady)

    def _take_away(self, part: Part, key: str, item: Arguments) -> None:
        answer = self.answers.pop((part.put or "", key), {})
        known = {**self.known, **item, **answer, **part.default}
        with _unless_gone():
            if part.owned and _at(self._call(part.owned[0], known), part.owned[1]) != known[part.owned[2]]:
                return
            self._call(part.delete or part.put or "", known)

    def _delete_parts(self) -> None:
        for part, items in reversed([*zip(self.type.parts, self.given.items, strict=True)]):
            for key, item in items.items():
                if part.delete and (part.put is None or (part.put, key) in self.answers):
                    self._take_away(part, key, item)

    def _tags(self) -> dict[str, str]:
        """All its tags: those of its stack too, unless it is of a type without any."""
        if self.type.tagging is None:
            return {}
        marks = self.place.marks if self.type.tagging.marked else {}
        return {**self.place.tags, **marks, **self.given.tags}

    def _change_tags(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        if self.type.tagging is None or old == new:
            return
        put, delete = self.type.tagging.put, self.type.tagging.delete
        if gone := {key: "" for key in old if key not in new}:
            self._call(delete, tag_call(self.type, delete, self.known, gone))
        if new:
            self._call(put, tag_call(self.type, put, self.known, new))

    def _call(self, operation: str, known: Arguments) -> Arguments:
        answer = self.call(self.type.service, operation, taken(self.type, operation, known), self.place.region)
        if answer.get("FailedEntryCount"):
            [failed, *_] = answer["FailedEntries"]
            raise CallFailed(self.type.service, failed["ErrorCode"], failed["ErrorMessage"], 400)
        return answer

    def _await_steady(self, steady: Steady | None) -> None:
        deadline = time.monotonic() + PATIENCE
        while steady is not None:
            answer = self._call(steady.read, self.known)
            if failed := [name for name, values in steady.failed.items() if _at(answer, name) in values]:
                reason = answer.get(f"{failed[0]}Reason") or answer.get("StatusReason")
                raise NotSteady(f"Resource of type '{self.type.name}' did not stabilize: {reason}")
            if not any(_at(answer, name) in values for name, values in steady.busy.items()):
                return
            if time.monotonic() > deadline:
                raise NotSteady(f"Resource of type '{self.type.name}' did not stabilize.")
            time.sleep(LOOK_AGAIN)


@contextlib.contextmanager
def _unless_gone() -> Iterator[None]:
    """Go on when a call says that what it is about is not there."""
    try:
        yield
    except CallFailed as error:
        if not error.says_it_is_gone:
            raise


def _at(answer: Any, path: str | Sequence[str]) -> Any:
    """What an answer has under a path, None where it has nothing."""
    for name in path.split(".") if isinstance(path, str) else path:
        if isinstance(answer, list):
            answer = answer[int(name)]
        else:
            answer = answer.get(name) if isinstance(answer, Mapping) else None
    return answer
