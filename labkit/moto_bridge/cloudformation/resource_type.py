"""A type of resource as a row of a table: which API calls make, change, read and delete it, and what Ref gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Arguments = Mapping[str, Any]
Call = Callable[[str, str, Arguments, str], Arguments]  # a service's operation in a region, by boto3's names


class CallFailed(Exception):
    """A call that a service refused, with its error's code and message and the HTTP status."""

    def __init__(self, service: str, code: str, message: str, status: int):
        super().__init__(message)
        self.service = service
        self.code = code
        self.status = status


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
    """A property that has calls of its own. Without `delete` it is put back to `default` when it goes."""

    property: str
    put: str
    delete: str | None = None
    default: Arguments = field(default_factory=dict)
    steady: Steady | None = None


@dataclass(frozen=True)
class ResourceType:
    """One type of resource.

    Calls get those of the known arguments that their input has. Known are the properties by their names, or as
    `converted` has them; a name made up where the template gives none (`generated`: the argument, and how long it may
    be); and what `kept` takes from the answer of `create` (known name -> name in the answer). `ref` is filled with
    known arguments, and `attributes` has the one that each Fn::GetAtt gives.

    A change of a property in `replaced_by` (None: of any) makes another resource; another change calls those of
    `updates` that take it. `cleared` is what an update sets an argument to whose property is gone. `tagged` is the
    known argument with the ARN by which the resource is tagged.
    """

    name: str
    service: str
    properties: tuple[str, ...]
    required: tuple[str, ...]
    create: str
    delete: str
    ref: str
    kept: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    updates: tuple[str, ...] = ()
    replaced_by: tuple[str, ...] | None = None
    generated: tuple[str, int] | None = None
    converted: Mapping[str, Callable[[Any, Arguments], Arguments]] = field(default_factory=dict)
    cleared: Arguments = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    steady: Steady | None = None
    tagged: str | None = None
    refusal: str = ""  # what CloudFormation writes before a message about bad arguments

    def arguments(self, properties: Arguments) -> dict[str, Any]:
        """The properties as arguments of calls."""
        found: dict[str, Any] = {}
        for name, value in properties.items():
            convert = self.converted.get(name)
            found |= convert(value, properties) if convert else {name: value}
        return found

    def is_replaced(self, old: Arguments, new: Arguments) -> bool:
        """Whether a change of properties takes another resource."""
        names = self.properties if self.replaced_by is None else self.replaced_by
        return any(old.get(name) != new.get(name) for name in names)
