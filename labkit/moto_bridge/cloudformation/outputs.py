"""What a stack tells when it is complete, what of it others may import, and what it imports itself.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.cloudformation.parsing import Export, ResourceMap, clean_json

from labkit.moto_bridge.cloudformation.reasons import Failure, reason_of


@dataclass(frozen=True)
class Outputs:
    """A stack's outputs as DescribeStacks lists them, and its exports by their names."""

    listed: tuple[Mapping[str, Any], ...] = ()
    exports: Mapping[str, Export] = field(default_factory=dict)


def read(outputs: Mapping[str, Any], resources: ResourceMap, stack_id: str) -> Outputs:
    """What the outputs of a template come to; `Failure` when one has no value."""
    listed, exports = [], {}
    for key, body in outputs.items():
        try:
            found = clean_json(body, resources)
        except Exception as error:
            raise Failure(reason_of(error, key).rstrip(".")) from error
        name = found.get("Export", {}).get("Name")
        listed.append({
            "OutputKey": key, "OutputValue": found.get("Value"), "Description": found.get("Description"),
            "ExportName": name,
        })  # fmt: skip
        if name:
            exports[name] = Export(stack_id, name, found["Value"])
    return Outputs(tuple(listed), exports)


def imported(part: Any, resources: ResourceMap) -> Iterator[str]:
    """The names of what a part of a template imports."""
    if isinstance(part, list):
        for item in part:
            yield from imported(item, resources)
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key == "Fn::ImportValue":
                yield str(clean_json(value, resources))
            else:
                yield from imported(value, resources)
