"""The properties of a template's resource as the API takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from labkit.moto_bridge.cloudformation import RefusedResource


def typed(shape: Shape | None, value: Any) -> Any:
    """A value as the API takes it: a template may write numbers and truth values as text.

    `RefusedResource` for a property that the API does not know.
    """
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        for name in value:
            if name not in shape.members:
                raise RefusedResource(f"Encountered unsupported property {name}")
        return {name: typed(shape.members[name], member) for name, member in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [typed(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {key: typed(shape.value, item) for key, item in value.items()}
    kind = shape.type_name if shape is not None else ""
    return _scalar(kind, value)


def _scalar(kind: str, value: Any) -> Any:
    if kind == "boolean" and isinstance(value, str):
        return value.lower() == "true"
    if kind in ("integer", "long", "double", "float") and isinstance(value, str):
        try:
            return int(value) if kind in ("integer", "long") else float(value)
        except ValueError as error:
            raise RefusedResource(f"{value} is no {kind}") from error
    return str(value) if kind == "string" and isinstance(value, int | float) else value
