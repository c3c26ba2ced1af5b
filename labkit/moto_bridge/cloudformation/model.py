"""A type of resource as moto's parser wants it: what makes and changes resources, and knows their attributes."""

from __future__ import annotations

from typing import Any

from moto.cloudformation.models import cloudformation_backends

from labkit.moto_bridge import cloudformation
from labkit.moto_bridge.cloudformation.place import Place
from labkit.moto_bridge.cloudformation.resource import Resource
from labkit.moto_bridge.cloudformation.resource_type import ResourceType


class Model:
    """Makes resources of one type."""

    def __init__(self, type: ResourceType):
        self._type = type
        self.refusal = type.refusal

    def has_cfn_attr(self, attr: str) -> bool:
        """Whether Fn::GetAtt has an attribute of this name."""
        return attr.split(".")[0] in self._type.attributes

    def create_from_cloudformation_json(
        self, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **about: str
    ) -> Resource:
        """A new resource; the name that moto makes up is not used."""
        stack = cloudformation_backends[account_id][region_name].stacks.get(about["StackId"])
        place = Place(about["StackId"], about["LogicalId"], region_name, dict(stack.tags) if stack else {})
        return Resource.create(self._type, cloudformation.current().call, place, cloudformation_json["Properties"])

    def update_from_cloudformation_json(
        self, original_resource: Any, new_resource_name: str, cloudformation_json: dict[str, Any], account_id: str,
        region_name: str,
    ) -> Resource:  # fmt: skip
        """The resource itself where its properties are the same; otherwise it, changed, or another in its place."""
        old: Resource = original_resource
        properties = cloudformation_json["Properties"]
        if properties == old.properties:
            return old
        if self._type.is_replaced(old.properties, properties):
            return old.replacement(properties)
        return old.changed(properties)
