"""A type of resource as a row of a table: which API calls make, change, read and delete it, and what Ref gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Arguments = Mapping[str, Any]
Call = Callable[[str, str, Arguments, str], Arguments]  # a service's operation in a region, by boto3's names
Items = Callable[[Arguments], Mapping[str, Arguments]]  # of the properties: arguments of calls, each under a key


class CallFailed(Exception):
    """A call that a service refused, with its error's code and message and the HTTP status."""

    def __init__(self, service: str, code: str, message: str, status: int):
        super().__init__(message)
        self.service = service
        self.code = code
        self.status = status

    @property
    def says_it_is_gone(self) -> bool:
        """Whether what the call was about is not there."""
        return any(word in self.code for word in ("NotFound", "NoSuch", "NonExistent", "DoesNotExist"))


@dataclass(frozen=True)
class Steady:
    """How to see that a resource has settled: the operation that reads it, and the values of what it answers meanwhile.

    `failed` has the values that it does not recover from.
    """

    read: str
    busy: Mapping[str, tuple[str, ...]]
    failed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """Something of a resource that has calls of its own, one for each of its items.

    `put` is called with an item that is new or has changed, `delete` with one that is gone, and with what `put` had
    answered. Without `delete`, it is put back to `default`. Without `put`, `create` has made it, and it is deleted only
    while it is the resource's: `owned` has an operation that reads it, and what must agree of its answer and of the
    known arguments.
    """

    items: Items
    put: str | None
    delete: str | None = None
    default: Arguments = field(default_factory=dict)
    steady: Steady | None = None
    owned: tuple[str, str, str] | None = None


def whole(name: str, argument: str = "") -> Items:
    """One item: a property as an argument."""
    return lambda properties: {"": {argument or name: properties[name]}} if name in properties else {}


def members(name: str) -> Items:
    """One item: a property whose members are the arguments."""
    return lambda properties: {"": dict(properties[name])} if name in properties else {}


def each(name: str, argument: str) -> Items:
    """An item for each text of a list."""
    return lambda properties: {str(value): {argument: value} for value in properties.get(name, ())}


def text(document: Any) -> Any:
    """A document as the text that an API takes; a template may have either."""
    return document if isinstance(document, str) else json.dumps(document)


def left_out(value: Any, properties: Arguments) -> Arguments:
    """The conversion of a property that is no argument of the calls."""
    return {}


def named(argument: str) -> Callable[[Any, Arguments], Arguments]:
    """The conversion of a property that an API calls otherwise."""
    return lambda value, properties: {argument: value}


def as_text(argument: str) -> Callable[[Any, Arguments], Arguments]:
    """The conversion of a document that an API takes as text."""
    return lambda value, properties: {argument: text(value)}


def within(argument: str, *names: str) -> dict[str, Callable[[Any, Arguments], Arguments]]:
    """Conversions of properties that an API takes as entries of a map, all as text."""

    def entry(name: str) -> Callable[[Any, Arguments], Arguments]:
        return lambda value, properties: {argument: {name: written(value)}}

    return {name: entry(name) for name in names}


def written(value: Any) -> str:
    """A value of a template as text."""
    return str(value).lower() if isinstance(value, bool) else str(text(value) if isinstance(value, Mapping) else value)


@dataclass(frozen=True)
class Tagging:
    """How a resource is tagged: the known argument that says which it is, and the calls.

    CloudFormation's own tags are set where it is `marked`; a template has `mapped` tags as a map, others as a list.
    """

    identity: str
    put: str = "TagResource"
    delete: str = "UntagResource"
    marked: bool = False
    mapped: bool = False


def unchanged(name: str, properties: Arguments) -> str:
    """The name as it is."""
    return name


def fifo_as(property: str) -> Callable[[str, Arguments], str]:
    """A name's end that says what a property does: that it is first in, first out."""
    return lambda name, properties: f"{name}.fifo" if written(properties.get(property)) == "true" else name


@dataclass(frozen=True)
class Generated:
    """A name made up where the template gives none: the argument, how long it may be, and what is made of it.

    Of several resources with the same name only one can be, unless they are `shared`.
    """

    argument: str
    longest: int
    shaped: Callable[[str, Arguments], str] = unchanged
    shared: bool = False


@dataclass(frozen=True)
class ResourceType:
    """One type of resource.

    Calls get those of the known arguments that their input has, whatever the case of its first letters. Known are the
    properties by their names, or as `converted` has them; a name made up (`generated`); what `kept` takes from the
    answer of `create` (known name -> name in the answer); and what `made` fills with known arguments, also `Region` and
    `Account`. `ref` is filled so, too, and `attributes` has the known argument that each Fn::GetAtt gives.

    A change of a property in `replaced_by` (None: of any) makes another resource; another change calls those of
    `updates` that take it, with what has changed where they take patches; one that is `remade` is deleted and made
    again under the same names. `cleared` is what an update sets an argument to whose property is gone. `unsupported`
    are the properties that AWS knows and the kit does not carry out.
    """

    name: str
    service: str
    properties: tuple[str, ...]
    ref: str
    required: tuple[str, ...] = ()
    create: str | None = None
    delete: str | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    made: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    updates: tuple[str, ...] = ()
    replaced_by: tuple[str, ...] | None = None
    remade: bool = False
    generated: Generated | None = None
    converted: Mapping[str, Callable[[Any, Arguments], Arguments]] = field(default_factory=dict)
    constant: Arguments = field(default_factory=dict)
    cleared: Arguments = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    steady: Steady | None = None
    tagging: Tagging | None = None
    refusal: str = ""  # what CloudFormation writes before a message about bad arguments
    unsupported: tuple[str, ...] = ()

    def arguments(self, properties: Arguments) -> dict[str, Any]:
        """The properties as arguments of calls."""
        found: dict[str, Any] = dict(self.constant)
        for name, value in properties.items():
            convert = self.converted.get(name)
            found = merged(found, convert(value, properties) if convert else {name: value})
        return found

    def is_replaced(self, old: Arguments, new: Arguments) -> bool:
        """Whether a change of properties takes another resource."""
        names = self.properties if self.replaced_by is None else self.replaced_by
        return any(old.get(name) != new.get(name) for name in names)


def merged(before: Arguments, after: Arguments) -> dict[str, Any]:
    """Both, the members of what is a map in both together; the second has its way."""
    both = {
        name: {**before[name], **after[name]}
        for name in before.keys() & after.keys()
        if isinstance(before[name], Mapping) and isinstance(after[name], Mapping)
    }
    return {**before, **after, **both}


def capitalised(name: str) -> str:
    """A name as CloudFormation writes it, where a service's API writes its first letter small."""
    return name[:1].upper() + name[1:]
