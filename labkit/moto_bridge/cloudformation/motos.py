"""Types of resources that are moto's to make: watched, since moto passes over properties that it does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labkit.moto_bridge.cloudformation.properties import BadProperty

PASSED_OVER = "labkit_passed_over"  # an attribute of a resource of moto's: its properties that nothing came of


class Watched(dict[str, Any]):
    """Properties that note which of them are read."""

    def __init__(self, properties: Mapping[str, Any]):
        super().__init__(properties)
        self._read: set[str] = set()

    @property
    def passed_over(self) -> list[str]:
        """Those that nobody has read."""
        return [name for name in super().__iter__() if name not in self._read]

    def __getitem__(self, name: str) -> Any:
        self._read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._read.add(name)
        return super().get(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        self._read.add(name)
        return super().pop(name, *default)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> Any:
        self._read.update(super().keys())
        return super().keys()

    def items(self) -> Any:
        self._read.update(super().keys())
        return super().items()

    def values(self) -> Any:
        self._read.update(super().keys())
        return super().values()


class WatchedModel:
    """A model of moto's whose resources say what was passed over, and whose updates say when nothing comes of them."""

    def __init__(self, model: Any):
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def create_from_cloudformation_json(self, name: str, body: dict[str, Any], *place: str, **about: str) -> Any:
        """A new resource."""
        properties = Watched(body.get("Properties") or {})
        made = self._model.create_from_cloudformation_json(name, {**body, "Properties": properties}, *place, **about)
        return _noted(made, properties)

    def update_from_cloudformation_json(self, cloudformation_json: dict[str, Any], **more: Any) -> Any:
        """The resource, changed; `NotImplementedError` where moto would leave it as it is."""
        update = self._model.update_from_cloudformation_json
        if hasattr(update, "__isabstractmethod__"):
            raise NotImplementedError(f"labkit does not update a resource of type {cloudformation_json['Type']}")
        properties = Watched(cloudformation_json.get("Properties") or {})
        return _noted(update(cloudformation_json={**cloudformation_json, "Properties": properties}, **more), properties)


def refuse_passed_over(resource: Any, type: str) -> None:
    """`BadProperty` for a resource with a property that nothing came of."""
    if names := getattr(resource, PASSED_OVER, None):
        raise BadProperty(f"#: labkit does not carry out [{names[0]}] of {type}")


def _noted(resource: Any, properties: Watched) -> Any:
    if hasattr(resource, "__dict__"):
        setattr(resource, PASSED_OVER, properties.passed_over)
    return resource
