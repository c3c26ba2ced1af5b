"""The request that a rule looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """Well-typed arguments of one operation, on one day.

    `layers_unzipped` is the size of the function's layers in bytes, and `size` that of the request, 0 when unknown.
    """

    operation: str
    arguments: Mapping[str, Any]
    today: date
    layers_unzipped: int = 0
    size: int = 0

    def get(self, path: str) -> Any:
        """The value at a path such as EphemeralStorage.Size, None when it isn't given."""
        value: Any = self.arguments
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    @property
    def code(self) -> Mapping[str, Any]:
        """Where the code comes from; update_function_code has its members at the top."""
        code: Mapping[str, Any] = self.arguments if self.operation == "update_function_code" else self.get("Code") or {}
        return code

    @property
    def managed(self) -> bool:
        """Whether the function is to run on Lambda Managed Instances, whose bounds are wider."""
        return self.get("CapacityProviderConfig") is not None
